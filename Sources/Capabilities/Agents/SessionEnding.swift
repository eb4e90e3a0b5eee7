import Glibc
import Harnesses
import Linux
import Vocabulary

/// How a session's end is told: what an exit without a word means, and whether an answer is what was asked
/// for.
struct SessionEnding {
    let specification: SessionSpecification
    let bounds: SessionBounds

    /// A program that never said a word was not there, or its sandbox was not: sandbox-init and bwrap say
    /// which.
    func explained(_ result: HarnessResult, _ status: Int32, _ stderrTail: String) -> HarnessResult {
        guard case .failed(.crashed, _) = result else { return result }
        let lines = stderrTail.split(separator: "\n")
        let name = specification.agent.harness.rawValue
        if let line = lines.last(where: { $0.hasPrefix("sandbox-init: ") }) {
            let said = line.dropFirst("sandbox-init: ".count)
            guard status == Self.notFoundStatus || status == Self.notRunnableStatus else {
                return .failed(.sandbox, message: "The sandbox could not be built: \(said)")
            }
            return .failed(.missing, message: "The harness '\(name)' cannot be started: \(said)")
        }
        if let line = lines.last(where: { $0.hasPrefix("bwrap: ") }) {
            let said = line.dropFirst("bwrap: ".count)
            let remedy = said.hasSuffix(SystemError.text(of: ENOSPC)) ? ". Free some space there." : ""
            return .failed(.sandbox, message: "The sandbox could not be built: \(said)\(remedy)")
        }
        return result
    }

    /// What sandbox-init exits with when the command is not there, or is no program.
    private static let notFoundStatus: Int32 = 127
    private static let notRunnableStatus: Int32 = 126

    /// The result as it is told: held against the schema, and against what the model endpoint did.
    func judged(_ result: HarnessResult, modelFailure: String?) -> SessionOutcome.Ending {
        switch result {
        case .failed(let failure, let message):
            guard let modelFailure, [.crashed, .hung, .garbage, .model].contains(failure) else {
                return .failed(reason: failure, message: bounded(message))
            }
            return .failed(
                reason: .model, message: bounded("\(message) The model endpoint said: \(modelFailure)"))
        case .completed(let text, let structured):
            guard let schema = specification.outputSchema else {
                return .completed(text: text, structured: structured)
            }
            guard let answer = structured ?? FinalAnswer.document(in: text) else {
                return .failed(reason: .schema, message: "The answer is not a JSON document.")
            }
            let complaints = AnswerSchema(schema).complaints(about: answer)
            guard complaints.isEmpty else {
                return .failed(
                    reason: .schema,
                    message: bounded("In the answer: " + complaints.joined(separator: "; ") + "."))
            }
            return .completed(text: text, structured: answer)
        }
    }

    func bounded(_ text: String) -> String {
        text.utf8.count <= bounds.messageBytesMax
            ? text : String(decoding: text.utf8.suffix(bounds.messageBytesMax), as: UTF8.self)
    }
}
