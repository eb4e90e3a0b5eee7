package import Vocabulary

/// A fact that cannot have happened in this state: our own bug, or a journal that was tampered with.
package struct IllegalTransition: ExplainedError, Hashable {
    package let fact: String
    package let state: String
    package var description: String { "The run cannot take the fact \(fact) while \(state)." }
    package var hint: String? { "Please report this with the output of `graftwork audit`." }
    package var blame: Blame { .us }
}
