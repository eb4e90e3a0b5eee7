/// Files in which tools keep the credentials of whoever uses them, known by name.
///
/// Not a search for what looks like a secret: among the tens of thousands of files of a compiler that finds
/// Python's module `secrets.py` and its test certificates, and without those it does not work.
enum CredentialFile {
    private static let names: Set<String> = [
        ".npmrc", ".yarnrc", ".yarnrc.yml", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".pgpass",
        ".my.cnf", ".condarc", ".dockercfg", ".boto", ".s3cfg", ".env", ".envrc", ".htpasswd",
        "credentials", "credentials.toml", "credentials.json", "credentials.db", "auth.json", "auth.toml",
        "hosts.yml", "gradle.properties", "settings-security.xml", "id_rsa", "id_dsa", "id_ecdsa",
        "id_ed25519",
    ]
    private static let folders: Set<String> = [
        ".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".gcloud", ".password-store",
    ]
    /// Maven keeps passwords in its user's `settings.xml`, and ships one without any below `conf`.
    private static let settings = "settings.xml"

    /// - Parameter path: relative to the folder that is copied.
    static func isAt(_ path: String, isFolder: Bool) -> Bool {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last else { return false }
        if isFolder { return folders.contains(name) }
        return names.contains(name) || name == settings && parts.count == 1
    }
}
