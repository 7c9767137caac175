private import Synchronization

/// Counts recordings over all phases of an evaluation, from any thread.
final class ProgressCounter: Sendable {
    private let total: Int
    private let report: @Sendable (EvaluationProgress) -> Void
    private let state = Mutex((phase: "", done: 0))

    /// A counter that calls `report` after each recording.
    init(total: Int, report: @escaping @Sendable (EvaluationProgress) -> Void) {
        self.total = total
        self.report = report
    }

    /// A new phase begins.
    func begin(_ phase: String) { state.withLock { $0.phase = phase } }

    /// So many recordings are done.
    func advance(by count: Int = 1) {
        let now = state.withLock { state in
            state.done += count
            return EvaluationProgress(phase: state.phase, done: state.done, total: total)
        }
        report(now)
    }
}
