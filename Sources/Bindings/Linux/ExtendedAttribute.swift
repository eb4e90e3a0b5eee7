import CLinux

/// A named value that a file system keeps beside a file.
package enum ExtendedAttribute {
    /// The value, at most `bytesMax` of it; nil when there is none, when it is longer, or when the file
    /// system keeps none.
    package static func value(_ name: String, of descriptor: Int32, bytesMax: Int) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: bytesMax)
        let count = CLinux_extended_attribute(descriptor, name, &value, bytesMax)
        return count < 0 ? nil : Array(value[..<count])
    }

    package static func set(_ name: String, to value: [UInt8], of descriptor: Int32) throws(SystemError) {
        let code = CLinux_set_extended_attribute(descriptor, name, value, value.count)
        guard code == 0 else { throw SystemError(code: -code, call: "fsetxattr", subject: name) }
    }
}
