package import Vocabulary

/// Turns a session's specification into the program to start and the machine that talks to it.
package enum HarnessLauncher {
    /// What to start inside the sandbox. `program` is ignored for the kinds that name their own command.
    package static func launch(
        for spec: SessionSpecification, program: HarnessProgram, in surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        HarnessLaunch(argv: [])
    }

    /// The machine that speaks the harness's protocol.
    package static func machine(
        for spec: SessionSpecification, in surroundings: HarnessSurroundings
    ) -> any HarnessMachine {
        CommandMachine(schema: spec.outputSchema)
    }
}
