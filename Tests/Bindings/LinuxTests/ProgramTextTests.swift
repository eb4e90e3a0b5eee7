import Linux
import Testing

@Suite("Program text")
struct ProgramTextTests {
    @Test("can be given back while the program runs, which then goes on")
    func givenBack() throws {
        try ProcessMemory.giveBackProgramText()
        #expect(try ProcessMemory.residentBytes() > 0)
    }
}
