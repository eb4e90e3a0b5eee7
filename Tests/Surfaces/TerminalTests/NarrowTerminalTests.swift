import Testing
import Vocabulary

@testable import Terminal

@Suite("At a narrow terminal") struct NarrowTerminalTests {
    private let problem = Problem(
        "There is no worktree of that name here or anywhere else.",
        hint: "`graftwork worktree ls` lists all of them, with their sizes.", blame: .us)

    @Test("a problem and its next step are broken between words")
    func problems() async {
        let fake = FakeConsole(screen: .init(columns: 40, rows: 24))
        await TerminalProgram.report(problem, asJSON: false, fake.console)
        #expect(
            fake.errors == """
                graftwork: There is no worktree of that
                name here or anywhere else.
                  next: `graftwork worktree ls` lists
                  all of them, with their sizes.
                  This is a fault in graftwork; please
                  report it.

                """)
    }

    @Test("elsewhere they are lines, for programs that look for them")
    func pipes() async {
        let fake = FakeConsole()
        await TerminalProgram.report(problem, asJSON: false, fake.console)
        #expect(
            fake.errors == """
                graftwork: There is no worktree of that name here or anywhere else.
                  next: `graftwork worktree ls` lists all of them, with their sizes.
                  This is a fault in graftwork; please report it.

                """)
    }

    @Test("a remark is broken between words, and what was coloured is coloured still")
    func remarks() async {
        let fake = FakeConsole(screen: .init(columns: 30, rows: 24))
        await fake.console.warn("The run waits for you; nothing else goes on in it.")
        #expect(fake.errors == "The run waits for you; nothing\nelse goes on in it.\n")
        var console = fake.console
        console.errorPalette = Palette(isColoured: true)
        await TerminalProgram.report(problem, asJSON: false, console)
        let red = Palette(isColoured: true).paint("graftwork:", .red)
        #expect(fake.errors.contains("\(red) There is no\nworktree of that name here or\nanywhere else.\n"))
    }
}
