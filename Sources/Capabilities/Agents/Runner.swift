/// One session in its own process.
package struct Runner {
    /// What the runner says on its standard output, once, when its control socket stands.
    package static let readyLine = "ready"
}
