internal import ECGSignal

/// Lets so many lines of a kind pass and counts the others, so that a thousand streams that open at once neither
/// fill a disk nor hide the one line that matters.
struct LineBudget: Sendable {
    /// Lines of one kind that may come at once.
    static let burst = 20
    /// Nanoseconds after which one more of the kind may come.
    static let refill: MonotonicNanoseconds = 500_000_000
    /// Nanoseconds after which the lines that were left out are counted out.
    static let interval: MonotonicNanoseconds = 10_000_000_000

    private struct Kind: Sendable {
        let name: String
        var room = LineBudget.burst
        var filled: MonotonicNanoseconds
        var leftOut = 0
        var lastTold: MonotonicNanoseconds
    }

    private var kinds: [Kind] = []

    /// Whether a line of that kind may be written now; one that may not is counted.
    mutating func admits(_ kind: String, at now: MonotonicNanoseconds) -> Bool {
        let index = kinds.firstIndex { $0.name == kind } ?? kinds.count
        if index == kinds.count { kinds.append(Kind(name: kind, filled: now, lastTold: now)) }
        let more = Int((now - kinds[index].filled) / LineBudget.refill)
        if more > 0 {
            kinds[index].room = min(LineBudget.burst, kinds[index].room + more)
            kinds[index].filled += MonotonicNanoseconds(more) * LineBudget.refill
        }
        guard kinds[index].room > 0 else {
            if kinds[index].leftOut == 0 { kinds[index].lastTold = now }
            kinds[index].leftOut += 1
            return false
        }
        kinds[index].room -= 1
        return true
    }

    /// The kinds whose lines were left out for 10 s, with how many; all of them where `isFinal`.
    mutating func takeLeftOut(
        at now: MonotonicNanoseconds,
        isFinal: Bool = false
    ) -> [(kind: String, count: Int)] {
        var told: [(kind: String, count: Int)] = []
        for index in kinds.indices where kinds[index].leftOut > 0 {
            guard isFinal || now - kinds[index].lastTold >= LineBudget.interval else { continue }
            told.append((kinds[index].name, kinds[index].leftOut))
            kinds[index].leftOut = 0
            kinds[index].lastTold = now
        }
        return told
    }
}
