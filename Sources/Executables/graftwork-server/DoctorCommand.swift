import ChildProcess
import Configuration
import ControlProtocol
import ControlServer
import Glibc
import Harnesses
import Linux
import Sandbox
import Vocabulary

/// `graftwork doctor`: what works on this machine, proven, and what to do about what does not.
struct DoctorCommand {
    let place: Installation
    let asJSON: Bool

    struct Finding: Codable {
        enum State: String, Codable { case works, missing, note }
        var area: String
        var state: State
        var text: String
        var hint: String?
    }
    struct Report: Codable {
        var findings: [Finding]
        /// Offered where there is no configuration yet.
        var proposedConfiguration: String?
        var proposedConfigurationPath: String?
    }

    func run() async throws -> ExitCode {
        var report = Report(findings: [])
        report.findings += await git()
        let (sandbox, sandboxWorks) = await sandbox()
        report.findings += sandbox
        let programs = place.harnesses
        let proof = HarnessProof(place: place, places: SessionPlaces(state: place.locations.state))
        for program in programs {
            let version = await HarnessDetector.version(of: program).map { " (\($0))" } ?? ""
            report.findings.append(
                Finding(
                    area: "harness", state: .works,
                    text: "\(program.kind.rawValue): \(program.executable)\(version)"))
            // Without a sandbox no session begins, and that has been said.
            guard sandboxWorks else { continue }
            let finding = try await proof.finding(of: program, anew: true)
            report.findings.append(
                Finding(
                    area: "harness", state: finding.passed ? .works : .missing,
                    text: "\(finding.name): \(finding.detail)",
                    hint: finding.passed ? nil : "No session of this harness is started until it passes."))
        }
        let tools = DoctorToolchains(place: place)
        report.findings += tools.findings
        try configuration(&report, programs, tools.programs)
        if asJSON {
            FileHandleOutput.standardOutput(try JSONText.document(encoding: report) + "\n")
        } else {
            FileHandleOutput.standardOutput(text(of: report))
        }
        let isFit = sandboxWorks && !report.findings.contains { $0.state == .missing }
        return isFit ? .done : .failed
    }

    private func git() async -> [Finding] {
        guard let program = Child.search("git", path: "/usr/local/bin:/usr/bin:/bin") else {
            return [
                Finding(
                    area: "git", state: .missing, text: "git is not installed.",
                    hint: "Install it with `apt-get install git`.")
            ]
        }
        do {
            let output = try await Child.run(
                ChildCommand([program, "--version"], environment: [:], workingDirectory: "/"),
                timeout: .seconds(10))
            return [
                Finding(
                    area: "git", state: .works,
                    text: VisibleText.oneLine(
                        output.stdoutText.split(separator: "\n").first.map(String.init) ?? "", limit: 80))
            ]
        } catch {
            return [Finding(area: "git", state: .missing, text: "git cannot be started: \(error).")]
        }
    }

    /// The walls, looked at from inside a real sandbox.
    private func sandbox() async -> (findings: [Finding], works: Bool) {
        do {
            let tools = try SandboxTools.locate(beside: place.executables)
            let version: String
            switch await SandboxProbe.run(tools: tools) {
            case .works(let found): version = found
            case .refused(let error): throw error
            }
            let isRoot = SystemIdentity.isRoot
            try Files.makeDirectory(place.locations.state, mode: isRoot ? 0o711 : 0o700)
            let proof = SandboxProof(places: SessionPlaces(state: place.locations.state)) {
                () throws(SandboxError) in tools
            }
            let results = try await proof.findings(anew: true)
            var findings = [
                Finding(
                    area: "sandbox", state: .works,
                    text: isRoot
                        ? "bubblewrap \(version); every session gets a uid of its own"
                        : "bubblewrap \(version); sessions share your uid, so the mounts alone keep them in")
            ]
            findings += results.map {
                Finding(
                    area: "sandbox", state: $0.passed ? .works : .missing, text: "\($0.name): \($0.detail)",
                    hint: $0.passed ? nil : SandboxError.notProven(check: $0.name, detail: $0.detail).hint)
            }
            let launcher = SandboxLauncher(
                tools: tools, mirror: isRoot ? ProgramMirror(stateDirectory: place.locations.state) : nil)
            findings.append(limits())
            let layers = await LayerKnowledge.tried(SessionPlaces(state: place.locations.state)) { launcher }
            findings.append(
                Finding(
                    area: "worktrees", state: layers.overlayProblem == nil ? .works : .note,
                    text: layers.overlayProblem
                        ?? "overlays work here, so large repositories are ready at once",
                    hint: layers.overlayProblem.map { _ in "Worktrees are checkouts; nothing else is lost." })
            )
            if let problem = layers.sharingProblem {
                findings.append(
                    Finding(
                        area: "worktrees", state: .note, text: problem,
                        hint: "Every worktree gets a copy of the history it needs."))
            }
            return (findings, results.allSatisfy(\.passed))
        } catch {
            let problem = Problem(explaining: error)
            return (
                [Finding(area: "sandbox", state: .missing, text: problem.description, hint: problem.hint)],
                false
            )
        }
    }

    private func limits() -> Finding {
        let (means, absence) = SandboxLauncher.limitMeans()
        let text = "limits of a sandbox are kept by \(means.words)"
        guard let absence else { return Finding(area: "sandbox", state: .works, text: text) }
        return Finding(
            area: "sandbox", state: .note, text: "\(text): \(absence)",
            hint: "`sandbox: { limits: cgroup }` refuses to start where control groups cannot be made.")
    }

    private func configuration(
        _ report: inout Report, _ programs: [HarnessProgram], _ tools: [LocatedProgram]
    ) throws {
        let file = "\(place.locations.configuration)/\(ConfigurationLoader.userFile)"
        if Files.exists(file) {
            do {
                let found = try place.configuration()
                report.findings.append(
                    Finding(
                        area: "configuration", state: .works,
                        text: "\(file): \(found.agents.count) agent\(found.agents.count == 1 ? "" : "s")"))
                report.findings += keys(of: found)
                let vendors = Set(found.agents.compactMap { found.expectedVendor(of: $0) })
                if vendors.count < 2 {
                    report.findings.append(
                        Finding(
                            area: "configuration", state: .note,
                            text: """
                                Only \(vendors.first?.rawValue ?? "no vendor") is configured, \
                                so no change can be reviewed by another.
                                """,
                            hint: "Add an agent of a second vendor, or set `review: { same-vendor: allow }`.")
                    )
                }
            } catch {
                report.findings.append(
                    Finding(area: "configuration", state: .missing, text: error.description, hint: error.hint)
                )
            }
            return
        }
        let proposal = ConfigurationProposal.make(
            harnesses: Set(programs.map(\.kind)), variables: Set(place.environment.keys),
            loggedIn: LoginDetector.loggedIn(home: SystemIdentity.homeDirectory), programs: tools)
        // A toolchain that is not shown is said already, with what to do about it.
        let said = Set(report.findings.map(\.text))
        report.findings += proposal.explanation.filter { !said.contains($0) }.map {
            Finding(area: "configuration", state: .note, text: $0)
        }
        // A file without agents would be no help.
        guard !proposal.vendors.isEmpty else { return }
        report.proposedConfiguration = proposal.text
        report.proposedConfigurationPath = file
    }

    private func keys(of configuration: GraftworkConfiguration) -> [Finding] {
        let used = Set(configuration.agents.map(\.upstream))
        return configuration.upstreams.filter { used.contains($0.name) }.compactMap { upstream in
            guard case .environment(let variable) = upstream.credential else { return nil }
            return place.environment[variable] == nil
                ? Finding(
                    area: "key", state: .note,
                    text: "\(variable) for \(upstream.name) is not set in this shell.",
                    hint: "Export it before `graftwork run`.")
                : Finding(area: "key", state: .works, text: "\(variable) for \(upstream.name) is set")
        }
    }

    private func text(of report: Report) -> String {
        var lines: [String] = []
        for finding in report.findings {
            let mark = finding.state == .works ? "ok     " : finding.state == .missing ? "MISSING" : "note   "
            lines.append("\(mark) \(finding.area): \(finding.text)")
            if let hint = finding.hint { lines.append("        \(hint)") }
        }
        if let proposed = report.proposedConfiguration, let path = report.proposedConfigurationPath {
            lines += [
                "", "There is no configuration yet. This one fits what is here; save it as \(path):", "",
            ]
            lines += proposed.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
