internal import ECGSignal

/// Messages that are held up on their way, the earliest first; of two that are there at once, the one put in first.
struct PendingSteps: Sendable {
    private var steps: [ReplayPlan.Step] = []

    /// Puts a step in its place; those that wait are few, so it is found from the end.
    mutating func insert(_ step: ReplayPlan.Step) {
        let place = steps.lastIndex { $0.due <= step.due }.map { $0 + 1 } ?? 0
        steps.insert(step, at: place)
    }

    /// Takes the earliest step out, where it is there by `bound`.
    mutating func next(notAfter bound: MonotonicNanoseconds) -> ReplayPlan.Step? {
        guard let first = steps.first, first.due <= bound else { return nil }
        return steps.removeFirst()
    }
}
