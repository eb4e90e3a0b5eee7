import Linux

/// The path of an executable of this package, built together with the tests that run.
package func builtProduct(named name: String) throws -> String {
    let folder = Files.parent(of: try SystemIdentity.executablePath)
    let path = "\(folder)/\(name)"
    guard Files.isExecutable(path) else {
        throw SystemError(code: 2, call: "find the built program", subject: path)
    }
    return path
}
