import Vocabulary

extension VendorRule {
    /// The vendor of an answer that names this model. No match is `unknown`, which is never "another vendor".
    func vendor(of model: String?) -> Vendor {
        switch self {
        case .fixed(let vendor): return vendor
        case .byModel(let prefixes):
            guard let model else { return .unknown }
            // Sorted, so that of two equally long matches (there can be none, but for spelling) always the
            // same counts.
            let matches = prefixes.filter { !$0.key.isEmpty && model.hasPrefix($0.key) }
            return matches.max { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }?.value
                ?? .unknown
        }
    }

    var isDeclared: Bool {
        switch self {
        case .fixed: false
        case .byModel: true
        }
    }
}
