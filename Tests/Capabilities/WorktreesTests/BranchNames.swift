/// Branch names a user may ask for, and whether git would take them.
enum BranchNames {
    static let cases: [(name: String, isName: Bool)] = [
        ("", false),
        ("a..b", false),
        ("x.lock", false),
        ("a b", false),
        ("a:b", false),
        ("trail/", false),
        ("@", false),
        ("a.", false),
        ("a?b", false),
        ("a[b", false),
        ("a\tb", false),
        (".a", false),
        ("fix-123", true),
        ("release_2", true),
        ("@x", true),
        ("a@b", true),
        ("refs/heads/x", true),
    ]
}
