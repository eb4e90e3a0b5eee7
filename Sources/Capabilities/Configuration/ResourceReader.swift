import Vocabulary
import YAML

/// Reads what each sandbox may use of the machine.
///
/// ```yaml
/// sandbox: { memory: 4 GiB, processes: 512, cpus: 2, disk: 20 GiB, files: 2000000, limits: cgroup }
/// ```
enum ResourceReader {
    /// How the limits must be kept.
    private enum Means: String, CaseIterable {
        /// By control groups where they can be made, else by a watchdog.
        case auto
        /// By control groups, or nothing starts.
        case cgroup
    }

    private static let units: [(name: String, bytes: UInt64)] = [
        ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]
    private static let memoryMin: UInt64 = 64 << 20
    private static let bytesMax: UInt64 = 1 << 50
    private static let processesRange = 16...1_000_000
    private static let filesRange = 1...1_000_000_000
    private static let cpusRange = 0.1...4096

    static func limits(_ node: YAMLNode, file: String) throws(ConfigurationError) -> ResourceLimits {
        let reader = try FieldReader(
            node, file: file, place: "sandbox",
            keys: ["memory", "processes", "cpus", "disk", "files", "limits"])
        var limits = ResourceLimits.standard
        if let memory = try bytes("memory", in: reader, least: memoryMin) { limits.memoryBytesMax = memory }
        if let disk = try bytes("disk", in: reader, least: 1 << 20) { limits.diskBytesMax = disk }
        if let count = try number("processes", in: reader, processesRange) { limits.processesMax = count }
        if let count = try number("files", in: reader, filesRange) { limits.filesMax = count }
        if let cpus = try reader.double("cpus") {
            guard cpusRange.contains(cpus) else {
                throw reader.bad(
                    "cpus", "is a number from 0.1 to 4096", at: reader.value("cpus") ?? node)
            }
            limits.milliCPUsMax = UInt64(cpus * 1000)
        }
        let means = try reader.choice("limits", Means.self, what: "way to keep limits")
        limits.requiresGroups = means == .cgroup
        return limits
    }

    private static func number(
        _ key: String, in reader: FieldReader, _ range: ClosedRange<Int>
    ) throws(ConfigurationError) -> UInt64? {
        guard let count = try reader.int(key), let node = reader.value(key) else { return nil }
        guard range.contains(count) else {
            throw reader.bad(key, "is a number from \(range.lowerBound) to \(range.upperBound)", at: node)
        }
        return UInt64(count)
    }

    /// `4 GiB`
    private static func bytes(
        _ key: String, in reader: FieldReader, least: UInt64
    ) throws(ConfigurationError) -> UInt64? {
        guard let text = try reader.text(key, lengthMax: 40), let node = reader.value(key) else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 2, let count = UInt64(words[0]),
            let unit = units.first(where: { $0.name == words[1] }),
            case (let bytes, let overflow) = count.multipliedReportingOverflow(by: unit.bytes), !overflow,
            (least...bytesMax).contains(bytes)
        else {
            throw reader.bad(
                key, "is an amount of at least \(least >> 20) MiB, like `4 GiB` or `512 MiB`", at: node)
        }
        return bytes
    }
}
