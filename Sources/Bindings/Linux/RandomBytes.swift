/// Bytes nobody can guess, from the kernel.
package enum RandomBytes {
    package static func bytes(count: Int) -> [UInt8] {
        // On Linux this generator is getrandom(2).
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// `count` random bytes as twice as many lower-case hexadecimal digits.
    package static func hex(count: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes(count: count).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
