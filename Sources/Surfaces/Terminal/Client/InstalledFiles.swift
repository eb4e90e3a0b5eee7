import Linux
package import Vocabulary

/// Where the other programs and the shipped files are, seen from the program that runs.
///
/// Built from source they stand beside each other in `.build/…`, below the repository; installed, programs
/// are in `PREFIX/bin` and `PREFIX/libexec/graftwork`, files in `PREFIX/share/graftwork`.
package struct InstalledFiles: Hashable, Sendable {
    /// The folder of the program that runs, links resolved.
    package var folder: String
    /// The value of `GRAFTWORK_SHARE`: where the shipped files are, when they are elsewhere.
    package var share: String?
    /// How far above a build folder the repository is looked for: `.build/<triple>/<configuration>` is three.
    static let ancestorsMax = 5

    package init(folder: String, share: String? = nil) {
        self.folder = folder
        self.share = share
    }

    package static func ofThisProgram(share: String?) throws(Problem) -> InstalledFiles {
        do throws(SystemError) {
            return InstalledFiles(folder: Files.parent(of: try SystemIdentity.executablePath), share: share)
        } catch {
            throw Problem(
                "This program cannot find its own path: \(error).", hint: "Is /proc mounted?",
                blame: .environment)
        }
    }

    /// The path of a program that belongs to this one.
    package func program(_ name: String) throws(Problem) -> String {
        let places = [folder + "/" + name, Files.parent(of: folder) + "/libexec/graftwork/" + name]
        if let found = places.first(where: { Files.isExecutable($0) }) { return found }
        throw Problem(
            "The program \(name) is neither at \(places[0]) nor at \(places[1]).",
            hint: "Build with `swift build`, or install again with `scripts/install`.", blame: .environment)
    }

    /// The path of something that ships, e.g. `Templates/demo`.
    package func shipped(_ path: String) throws(Problem) -> String {
        var places: [String] = []
        if let share, !share.isEmpty {
            places = [share + "/" + path]
        } else {
            places = [Files.parent(of: folder) + "/share/graftwork/" + path, folder + "/" + path]
            var ancestor = folder
            for _ in 0..<Self.ancestorsMax {
                ancestor = Files.parent(of: ancestor)
                places.append(ancestor + "/" + path)
            }
        }
        if let found = places.first(where: { Files.exists($0) }) { return found }
        throw Problem(
            "The shipped files \(path) are not at \(places[0]).",
            hint: "Install again with `scripts/install`.",
            blame: .environment)
    }
}
