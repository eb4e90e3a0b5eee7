import YAML

/// Reads `toolchains:`, the folders of tools that every sandbox shows.
enum ToolchainReader {
    static let toolchainsMax = 20
    private static let pathBytesMax = 4_000

    static func toolchains(_ reader: FieldReader, home: String?) throws(ConfigurationError) -> [String] {
        guard let nodes = try reader.elements("toolchains") else { return [] }
        guard nodes.count <= toolchainsMax else {
            throw reader.bad(
                "toolchains", "has more than \(toolchainsMax) elements",
                at: reader.value("toolchains") ?? reader.node)
        }
        var toolchains: [String] = []
        for node in nodes {
            var path = try reader.text(node, "toolchains", lengthMax: pathBytesMax)
            if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            guard path.hasPrefix("/"), parts.allSatisfy({ $0 != "." && $0 != ".." }),
                path == "/" || parts.allSatisfy({ !$0.isEmpty })
            else {
                throw reader.bad("toolchains", "holds absolute paths, or paths that begin with ~/", at: node)
            }
            // Whoever opens his home to one tool opens it to whatever an agent runs.
            if path == "/" || home == path || home?.hasPrefix(path + "/") == true {
                throw reader.bad(
                    "toolchains", "names a toolchain's own folder, never one that holds your home", at: node)
            }
            toolchains.append(path)
        }
        return toolchains
    }
}
