internal import ECGSignal

/// The raw samples of one lead that wait for an earlier one, and the last horizon of those that did not.
///
/// It is told which samples are new, so it keeps values where they stand and judges nothing. Pieces are ascending and
/// disjoint; a leap of the index costs nothing.
struct LeadStore: Sendable, Codable {
    private struct Piece: Sendable, Codable {
        var start: SampleIndex
        var values: [Float]
        var end: SampleIndex { start + Int64(values.count) }
    }

    private var pieces: [Piece] = []

    /// Puts in `values` at `start`; none of these indices is there yet.
    mutating func insert(_ values: ArraySlice<Float>, at start: SampleIndex) {
        guard !values.isEmpty else { return }
        if let last = pieces.indices.last, pieces[last].end == start {
            pieces[last].values.append(contentsOf: values)
            return
        }
        let position = pieces.firstIndex { $0.start > start } ?? pieces.count
        pieces.insert(Piece(start: start, values: Array(values)), at: position)
        join(at: position)
        if position > 0 { join(at: position - 1) }
    }

    private mutating func join(at position: Int) {
        guard position + 1 < pieces.count, pieces[position].end == pieces[position + 1].start else { return }
        pieces[position].values.append(contentsOf: pieces[position + 1].values)
        pieces.remove(at: position + 1)
    }

    /// How many of `values`, which stand at `start`, differ in any bit from what is there.
    func differences(from values: ArraySlice<Float>, at start: SampleIndex) -> Int {
        var count = 0
        let end = start + Int64(values.count)
        for piece in pieces where piece.end > start && piece.start < end {
            for index in max(piece.start, start)..<min(piece.end, end) {
                let mine = piece.values[Int(index - piece.start)].bitPattern
                if mine != values[values.startIndex + Int(index - start)].bitPattern { count += 1 }
            }
        }
        return count
    }

    /// Calls `body` with each stretch of samples that stand in `range`, ascending.
    func forEachStretch(in range: Range<SampleIndex>, _ body: (SampleIndex, ArraySlice<Float>) -> Void) {
        for piece in pieces where piece.end > range.lowerBound && piece.start < range.upperBound {
            let from = max(piece.start, range.lowerBound)
            let to = min(piece.end, range.upperBound)
            body(from, piece.values[Int(from - piece.start)..<Int(to - piece.start)])
        }
    }

    /// Forgets all below `bound`; a quarter second of it may stay for a while, so that moving is rare.
    mutating func removeAll(below bound: SampleIndex, slack: Int) {
        pieces.removeAll { $0.end <= bound }
        guard let first = pieces.first, bound - first.start > Int64(slack) else { return }
        pieces[0].values.removeFirst(Int(bound - first.start))
        pieces[0].start = bound
    }
}
