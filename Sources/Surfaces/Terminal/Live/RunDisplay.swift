package import ControlProtocol

/// Shows a run to whoever watches it.
package protocol RunDisplay: Sendable {
    func show(_ event: EventView) async
    func show(_ run: RunView) async
    /// Something about the view itself; nil: it is over.
    func show(notice: String?) async
    /// Nothing more comes; the last picture stays.
    func finish() async
}
