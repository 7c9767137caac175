private import Synchronization

/// A bar on a terminal's last line; on anything but a terminal it writes nothing.
final class ProgressBar: Sendable {
    private let shown = Mutex(-1)
    private let isShown = Output.isTerminal

    /// Shows how far a phase is; called from any thread.
    func show(_ phase: String, done: Int, of total: Int) {
        guard isShown, total > 0 else { return }
        let permille = min(1_000, done * 1_000 / total)
        shown.withLock { last in
            guard last != permille else { return }
            last = permille
            let filled = permille * 30 / 1_000
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
            Output.overwrite("[\(bar)] \(permille / 10) %  \(phase)")
        }
    }

    /// Leaves the line empty.
    func end() {
        if isShown { Output.overwrite("") }
    }
}
