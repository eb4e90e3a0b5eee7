import ChildProcess
import Linux
package import Vocabulary

/// Finds the real keys of upstreams, outside every sandbox.
package enum CredentialResolver {
    private static let keyBytesMax = 8 << 10
    private static let commandLimit = Duration.seconds(60)

    /// The key of each upstream that has a credential source, by the upstream's name.
    ///
    /// `environment` is the user's: variables are looked up in it, and commands run with it.
    package static func keys(
        for upstreams: [Upstream], environment: [String: String]
    ) async throws(EgressError) -> [String: String] {
        var keys: [String: String] = [:]
        for upstream in upstreams {
            if let key = try await key(of: upstream, environment) { keys[upstream.name] = key }
        }
        return keys
    }

    private static func key(of upstream: Upstream, _ environment: [String: String]) async throws(EgressError)
        -> String?
    {
        switch upstream.credential {
        case .none: return nil
        case .environment(let variable):
            guard let value = environment[variable], !value.isEmpty else {
                throw .keyVariableMissing(upstream: upstream.name, variable: variable)
            }
            return try checked(Array(value.utf8), upstream, source: "the variable \(variable)")
        case .file(let path):
            let bytes: [UInt8]
            do {
                bytes = try await runBlocking { () throws(SystemError) in
                    try Files.read(path, bytesMax: keyBytesMax)
                }
            } catch {
                throw .keyFileUnreadable(
                    upstream: upstream.name, path: path, cause: SystemError.text(of: error.code))
            }
            return try checked(bytes, upstream, source: "the file \(path)")
        case .command(let argv):
            return try checked(
                await output(of: argv, upstream, environment), upstream,
                source: "the command \(argv.first ?? "")")
        }
    }

    private static func output(
        of argv: [String], _ upstream: Upstream, _ environment: [String: String]
    ) async throws(EgressError) -> [UInt8] {
        let program = argv.first ?? ""
        func failed(_ cause: String) -> EgressError {
            .keyCommandFailed(upstream: upstream.name, program: program, cause: cause)
        }
        guard !argv.isEmpty else { throw failed("no command is given") }
        let result: ChildOutput
        do {
            result = try await Child.run(
                ChildCommand(argv, environment: environment), outputBytesMax: keyBytesMax,
                timeout: commandLimit)
        } catch {
            throw failed(SystemError.text(of: error.code))
        }
        // What it printed is not shown, on either channel: it may be the key.
        guard !result.timedOut else { throw failed("it did not end within \(commandLimit)") }
        guard result.termination.isSuccess else { throw failed("it \(result.termination)") }
        return result.stdout
    }

    /// A key is one line of printable ASCII; blanks and line ends around it are dropped.
    private static func checked(_ bytes: [UInt8], _ upstream: Upstream, source: String) throws(EgressError)
        -> String
    {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        var key = bytes.drop(while: isSpace)
        while let last = key.last, isSpace(last) { key.removeLast() }
        func unusable(_ cause: String) -> EgressError {
            .keyUnusable(upstream: upstream.name, source: source, cause: cause)
        }
        guard !key.isEmpty else { throw unusable("it is empty") }
        guard key.count <= keyBytesMax else { throw unusable("it is longer than \(keyBytesMax) bytes") }
        guard key.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw unusable("it holds a blank, a line break or a character beyond ASCII")
        }
        return String(decoding: key, as: UTF8.self)
    }
}
