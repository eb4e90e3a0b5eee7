import Glibc

/// The memory of a process that crashes, as it is left to whoever wants to look into it.
package enum MemoryDumps {
    /// 1 byte: no dump fits into it, and it is the one value at which the kernel does not start the machine's
    /// own program for dumps either (core(5), "Piping core dumps to a program"). At 0 it does.
    private static let none: rlim_t = 1
    private static let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)

    /// No dump is made of this process, nor of any that it starts. False where a hard limit of 0 cannot be
    /// raised.
    package static func forbid() -> Bool {
        var limit = rlimit(rlim_cur: none, rlim_max: none)
        return setrlimit(resource, &limit) == 0
    }

    /// The most this process may allow itself, unless it may raise that.
    package static var hardLimit: UInt64 {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return UInt64(limit.rlim_max)
    }
}
