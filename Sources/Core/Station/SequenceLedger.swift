internal import ECGSignal

/// Counts the chunks of one stream by their sequence numbers: which never came, and which came again.
///
/// A number that was passed over is a *hole*. A chunk that comes while its hole is open closes it; once newest is one
/// horizon past the end of the chunk after the hole, or at a silence, or at the end, what is still open is missing.
/// Within the horizon the order of arrival changes nothing. At most 64 holes are remembered, whatever the numbers do;
/// one hole may be as long as the numbers are.
struct SequenceLedger: Sendable, Codable {
    /// Holes that are remembered; beyond it the lowest is counted before its time.
    static let holesMax = 64

    /// Most that the numbers of a refused chunk may run ahead: a damaged one does not open a hole of billions.
    private static let aheadOfRefusedMax: UInt64 = 64

    /// A stretch of numbers that did not come, and where the first chunk after it stands.
    struct Hole: Sendable, Equatable, Codable {
        var first: UInt64
        var last: UInt64
        /// Where the chunk after it begins on the grid.
        var gridIndex: GridIndex
        /// The end of the chunk after it.
        fileprivate var end: StreamTime
        /// Counted as missing; remembered so that a late chunk is not taken for one that came again.
        fileprivate var isCounted = false

        /// Numbers in it; beyond what a JSON reader holds exactly they are counted as 2^53 - 1.
        var count: Int { Int(min(last - first, SequenceLedger.countMax - 1) + 1) }
    }

    /// Where a chunk begins on the grid, and when it ends.
    private struct Place: Sendable, Codable {
        let gridIndex: GridIndex
        let end: StreamTime
    }

    /// The greatest count: 2^53 - 1.
    static let countMax: UInt64 = (1 << 53) - 1

    private var lowest: UInt64 = 0
    private var lowestChunk = Place(gridIndex: 0, end: .zero)
    private var highest: UInt64?
    /// The holes in ascending order; no two of them touch.
    private var holes: [Hole] = []
    /// Holes that were closed up before their time, since there were too many.
    private var crowdedOut: [Hole] = []

    /// Takes the number of an admitted chunk that begins at `gridIndex` and ends at `end`.
    ///
    /// `isStarting` says that the stream's first horizon has not passed, so lower numbers than the first may come.
    /// - Returns: whether the number had come before.
    mutating func take(
        _ number: UInt64,
        at gridIndex: GridIndex,
        end: StreamTime,
        isStarting: Bool
    ) -> Bool {
        guard let highest else {
            self.highest = number
            lowest = number
            lowestChunk = Place(gridIndex: gridIndex, end: end)
            return false
        }
        if number > highest {
            self.highest = number
            if number - highest > 1 {
                insert(Hole(first: highest + 1, last: number - 1, gridIndex: gridIndex, end: end))
            }
            return false
        }
        if number < lowest {
            // A stream that was joined under way: what was sent before is nobody's loss, and no repetition either.
            guard isStarting else { return false }
            if lowest - number > 1 {
                let (gridIndex, end) = (lowestChunk.gridIndex, lowestChunk.end)
                insert(Hole(first: number + 1, last: lowest - 1, gridIndex: gridIndex, end: end), at: 0)
            }
            lowest = number
            lowestChunk = Place(gridIndex: gridIndex, end: end)
            return false
        }
        return !fill(number, gridIndex, end)
    }

    /// Takes the number of a chunk that was refused: it came, so it is not missing.
    mutating func takeRefused(_ number: UInt64, at gridIndex: GridIndex, end: StreamTime) {
        guard let highest, number >= lowest, number <= highest || number - highest <= Self.aheadOfRefusedMax
        else { return }
        _ = take(number, at: gridIndex, end: end, isStarting: false)
    }

    /// Takes `number` out of the hole it lies in; false where it lies in none.
    private mutating func fill(_ number: UInt64, _ gridIndex: GridIndex, _ end: StreamTime) -> Bool {
        guard let index = holes.firstIndex(where: { $0.first <= number && number <= $0.last }) else {
            return false
        }
        let hole = holes.remove(at: index)
        if number < hole.last {
            var upper = hole
            upper.first = number + 1
            insert(upper, at: index)
        }
        if number > hole.first {
            var lower = hole
            lower.last = number - 1
            if !hole.isCounted { (lower.gridIndex, lower.end) = (gridIndex, end) }
            insert(lower, at: index)
        }
        return true
    }

    private mutating func insert(_ hole: Hole, at index: Int? = nil) {
        holes.insert(hole, at: index ?? holes.count)
        guard holes.count > SequenceLedger.holesMax else { return }
        let lowest = holes.removeFirst()
        if !lowest.isCounted { crowdedOut.append(lowest) }
    }

    /// Holes that are remembered now, those that wait to be told among them.
    var holeCount: Int { holes.count + crowdedOut.count }

    /// The holes that nobody waits for any longer when the stream's newest sample ends at `newest`, ascending.
    mutating func settle(at newest: StreamTime) -> [Hole] {
        guard !holes.isEmpty || !crowdedOut.isEmpty else { return [] }
        let bound = newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
        return settle { $0.end <= bound }
    }

    /// All holes that are still open: a silence, or the end.
    mutating func settleAll() -> [Hole] { settle { _ in true } }

    private mutating func settle(_ isDue: (Hole) -> Bool) -> [Hole] {
        var settled = crowdedOut
        crowdedOut = []
        for index in holes.indices where !holes[index].isCounted && isDue(holes[index]) {
            holes[index].isCounted = true
            settled.append(holes[index])
        }
        return settled
    }
}
