import ControlProtocol
import Vocabulary

/// Which tasks' files conflict with whose, one line for each pair.
enum CollisionLines {
    /// More pairs than these are counted.
    static let pairsMax = 5
    private static let pathsMax = 3

    /// - Parameter run: whose view it is; tasks of other runs are named with theirs. nil: all are.
    static func text(of runs: [RunView], in run: RunID?) -> [String] {
        var seen: Set<[String]> = []
        var lines: [String] = []
        for view in runs {
            for task in view.tasks {
                for other in task.collisions {
                    let (mine, theirs) = ("\(view.id)/\(task.id)", "\(other.run)/\(other.task)")
                    guard seen.insert([mine, theirs].sorted()).inserted else { continue }
                    lines.append(
                        line(name(view.id, task.id, in: run), name(other.run, other.task, in: run), other))
                }
            }
        }
        guard lines.count > pairsMax else { return lines }
        return lines.prefix(pairsMax) + ["! and \(Amounts.count(lines.count - pairsMax, "more collision"))"]
    }

    private static func line(_ mine: String, _ theirs: String, _ other: Collision) -> String {
        let paths = other.paths.prefix(pathsMax).joined(separator: ", ")
        let rest = other.pathCount - min(other.paths.count, pathsMax)
        return SafeText.line(
            "! \(mine) collides with \(theirs) in \(paths)" + (rest > 0 ? " and \(rest) more" : ""))
    }

    private static func name(_ run: RunID, _ task: TaskID, in own: RunID?) -> String {
        run == own ? task.rawValue : "\(run)/\(task)"
    }
}
