import FoundationEssentials

/// The one thing of a `package.json` that matters here.
struct PackageManifest {
    let testScript: String?

    /// nil when the text is no such manifest.
    init?(_ text: String) {
        struct Manifest: Decodable {
            struct Scripts: Decodable { var test: String? }
            var scripts: Scripts?
        }
        do {
            testScript = try JSONDecoder().decode(Manifest.self, from: Data(text.utf8)).scripts?.test
        } catch {
            // A stranger's file that is not what npm reads says nothing about tests.
            return nil
        }
    }
}
