/// Command lines that sandbox-init does not understand, each with the sentence it answers.
enum RefusedArguments {
    private static let fiveOwn: [String] =
        ["launch"] + (0...4).flatMap { number -> [String] in ["--own", "/\(number)"] } + ["--", "/b"]
    private static let manyDescriptors: String = (3...35).map { "\($0)" }.joined(separator: ",")
    private static let longPath: String = "/" + String(repeating: "s", count: 107)

    static let rows: [([String], String)] = [
        ([], "say what to be: launch, init or probe"),
        (["enter"], "'enter' is none of launch, init and probe"),
        (["launch", "--what", "1", "--", "/bin/true"], "launch does not know '--what'"),
        (["launch", "--parent"], "--parent needs a value"),
        (["launch", "--parent", "x", "--", "/bin/true"], "--parent needs a decimal number, not 'x'"),
        (["launch", "--parent", "", "--", "/bin/true"], "--parent needs a number"),
        (["launch", "--parent", "-1", "--", "/bin/true"], "--parent needs a decimal number, not '-1'"),
        (
            ["launch", "--uid", "99999999999", "--", "/bin/true"],
            "--uid is at most 4294967294, not '99999999999'"
        ),
        (["launch", "--core", "0", "--core", "0", "--", "/bin/true"], "--core is given twice"),
        (
            ["launch", "--keep", "1", "--", "/bin/true"],
            "--keep takes descriptors above 2; the first three are always kept"
        ),
        (["launch", "--keep", "3,,4", "--", "/bin/true"], "--keep needs a number"),
        (["launch", "--parent", "1"], "launch needs -- and the path of bwrap"),
        (["launch", "--core", "0", "--nofile", "9", "--", "/bin/true"], "launch needs --parent"),
        (["launch", "--parent", "1", "--nofile", "9", "--", "/bin/true"], "launch needs --core"),
        (["launch", "--parent", "1", "--core", "0", "--", "/bin/true"], "launch needs --nofile"),
        (
            ["launch", "--parent", "1", "--core", "0", "--nofile", "9", "--", "bwrap"],
            "bwrap is named by an absolute path, not 'bwrap'"
        ),
        (["launch", "--nofile", "1048577", "--", "/b"], "--nofile is at most 1048576, not '1048577'"),
        (["launch", "--fsize", "1k", "--", "/b"], "--fsize needs a decimal number, not '1k'"),
        (["launch", "--parent", " 1", "--", "/b"], "--parent needs a decimal number, not ' 1'"),
        (["launch", "--parent", "1", "--parent", "1", "--", "/b"], "--parent is given twice"),
        (["launch", "--uid", "1", "--uid", "2", "--", "/b"], "--uid is given twice"),
        (["launch", "--keep", "3", "--keep", "4", "--", "/b"], "--keep is given twice"),
        (
            ["launch", "--keep", manyDescriptors, "--", "/b"],
            "--keep takes at most 32 descriptors"
        ),
        (["launch", "--lower", "a", "--", "/b"], "--lower needs an absolute path, not 'a'"),
        (["launch", "--work", "/a", "--work", "/a", "--", "/b"], "--work is given twice"),
        (["launch", "--own", "a", "--", "/b"], "--own needs an absolute path, not 'a'"),
        (
            fiveOwn,
            "--own is given more than 4 times"
        ),
        (
            ["launch", "--parent", "1", "--core", "0", "--nofile", "9", "--lower", "/a", "--", "/b"],
            "an overlay needs --lower, --upper, --work and --place"
        ),
        (
            ["launch", "--parent", "1", "--core", "0", "--nofile", "9", "--own", "/a", "--", "/b"],
            "--own needs --uid"
        ),
        (
            ["launch", "--parent", "1", "--core", "0", "--nofile", "9", "--"],
            "launch needs -- and the path of bwrap"
        ),
        (["init", "--relay", "1"], "--relay needs a port and the path of a socket"),
        (
            ["init", "--relay", "1", longPath, "--", "true"],
            "--relay takes a path of at most 107 bytes"
        ),
        (["init", "--relay", "x", "/s", "--", "true"], "--relay needs a decimal number, not 'x'"),
        (
            ["init", "--relay", "1", "/s", "--relay", "1", "/s", "--", "true"],
            "init does not know '--relay', or has it twice"
        ),
        (["init", "--processes"], "--processes needs a number"),
        (["init", "--processes", "-5", "--", "true"], "--processes needs a decimal number, not '-5'"),
        (
            ["init", "--processes", "4194305", "--", "true"],
            "--processes is at most 4194304, not '4194305'"
        ),
        (
            ["init", "--processes", "1", "--processes", "1", "--", "true"],
            "init does not know '--processes', or has it twice"
        ),
        (["init", "--ledger"], "--ledger needs a descriptor"),
        (["init", "--ledger", "2", "--", "true"], "--ledger takes a descriptor above 2"),
        (
            ["init", "--ledger", "9", "--ledger", "9", "--", "true"],
            "init does not know '--ledger', or has it twice"
        ),
        (["probe", "--what", "1"], "probe does not know '--what'"),
        (["init", "--relay", "0", "/s", "--", "true"], "--relay needs a port above 0"),
        (["init", "--relay", "70000", "/s", "--", "true"], "--relay is at most 65535, not '70000'"),
        (["init", "--relay", "1", "s", "--", "true"], "--relay needs an absolute path, not 's'"),
        (["init", "--what", "--", "true"], "init does not know '--what', or has it twice"),
        (["init"], "init needs -- and a command"),
        (["init", "--"], "init needs -- and a command"),
        (["probe", "--secret"], "--secret needs a value"),
        (["probe"], "probe needs --secret, --outside and --variables"),
    ]
}
