/// What a sandbox can be made to share with its host, for tests that want to see what its separation is for.
package enum HostShare: String, Sendable, CaseIterable {
    case network, processes, ipc, devices
    /// Not shared, but allowed: namespaces of its own inside.
    case furtherNamespaces
    /// Not shared, but bwrap's, and so the agent's to write into: process 1 inside.
    case firstProcess

    /// Stands in front of bwrap and takes from its options what keeps these apart.
    static func script(for shared: Set<HostShare>, bwrap: String) -> String {
        let names = shared.map { "b'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return """
            #!/usr/bin/python3 -I
            import os, sys
            shared = [\(names)]
            with open(3, 'rb') as file:
                options = file.read().split(b'\\0')[:-1]
            apart = {b'ipc': b'--unshare-ipc', b'processes': b'--unshare-pid', b'network': b'--unshare-net'}
            kept = [option for name, option in sorted(apart.items()) if name not in shared]
            at = options.index(b'--unshare-all')
            options[at:at + 1] = kept + [b'--unshare-uts', b'--unshare-cgroup-try']
            if b'furtherNamespaces' in shared:
                options.remove(b'--disable-userns')
            if b'processes' in shared or b'firstProcess' in shared:
                options.remove(b'--as-pid-1')
            if b'processes' in shared:
                at = options.index(b'--proc')
                options[at:at + 1] = [b'--bind', b'/proc']
            if b'devices' in shared:
                at = options.index(b'--dev')
                options[at:at + 1] = [b'--dev-bind', b'/dev']
            at = sys.argv.index('--args')
            os.execv('\(bwrap)', [b'bwrap'] + options + [os.fsencode(a) for a in sys.argv[at + 2:]])

            """
    }
}
