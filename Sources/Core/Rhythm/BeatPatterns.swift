internal import ECGSignal

/// Patterns of ventricular beats in the sequence of beats whose class is final: two in a row, every second, every third,
/// many in a minute.
///
/// Every pattern ends with the first beat that does not fit it; a beat of no class fits none, one that comes early from above
/// the ventricles is no basic one. Runs are `VentricularRuns`' own. Patterns of early beats from above are not told: on the
/// twelve MIT-BIH records they were more often wrong than right.
struct BeatPatterns: Sendable, Equatable, Codable {
    private static let placesMax = 16

    /// The newest beats, a bit each, the newest the lowest: ventricular ones, and basic ones.
    private var ventricular: UInt16 = 0
    private var basic: UInt16 = 0
    /// Beats since one may have been lost before them: what was before says nothing of a pattern's end.
    private var follows = 0
    /// Where the newest beats stand, a ring.
    private var places = [Int](repeating: 0, count: placesMax)
    private var count = 0
    private(set) var minute = EctopicMinute()

    /// No beat has come.
    init() {}

    /// Takes a beat whose class is final; a pattern begins to hold only where the beats can be trusted.
    mutating func take(
        _ beat: Beat,
        at n: Int,
        isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        if beat.interval == nil { (ventricular, basic, follows) = (0, 0, 0) }
        let place = Int(beat.place)
        states.set(.ventricularCouplet, false, at: n, since: place, &changes)
        ventricular = ventricular << 1 | (beat.kind == .ventricular ? 1 : 0)
        basic = basic << 1 | (beat.kind == .normal || beat.kind == .paced ? 1 : 0)
        places[count % BeatPatterns.placesMax] = place
        count += 1
        follows = min(follows + 1, BeatPatterns.placesMax)
        // Basic, two ventricular ones, and basic, which makes the couplet known.
        if ventricular & 0b1111 == 0b0110, basic & 0b1111 == 0b1001, isTrusted {
            states.set(.ventricularCouplet, true, at: n, since: self.place(back: 2), &changes)
        }
        judge(.ventricularBigeminy, of: 2, at: n, isTrusted, &states, &changes)
        judge(.ventricularTrigeminy, of: 3, at: n, isTrusted, &states, &changes)
        minute.take(beat, at: n, isTrusted: isTrusted, &states, &changes)
    }

    /// Nothing that was before counts: no lead has a sample, or the heart fibrillates.
    mutating func end(at n: Int, _ states: inout FindingStates, _ changes: inout [RhythmChange]) {
        let newest = count == 0 ? n : place(back: 0)
        states.set(.ventricularCouplet, false, at: n, since: newest, &changes)
        states.set(.ventricularBigeminy, false, at: n, since: newest, &changes)
        states.set(.ventricularTrigeminy, false, at: n, since: newest, &changes)
        states.set(.frequentVentricular, false, at: n, since: newest, &changes)
        (ventricular, basic, follows) = (0, 0, 0)
        minute.restart()
    }

    private func place(back: Int) -> Int {
        places[(count - 1 - back + BeatPatterns.placesMax) % BeatPatterns.placesMax]
    }

    /// Groups of `size` beats of which the last alone is ventricular: three in a row begin a pattern.
    private func judge(
        _ finding: RhythmFinding,
        of size: Int,
        at n: Int,
        _ isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        let group: UInt16 = 1 << UInt16(size) - 1
        if states.holds(finding) {
            guard follows >= size else { return }
            let isKnown = (ventricular | basic) & group == group
            guard !isKnown || (ventricular & group).nonzeroBitCount != 1 else { return }
            states.set(finding, false, at: n, since: place(back: 0), &changes)
        } else if isTrusted {
            let all: UInt16 = 1 << UInt16(3 * size) - 1
            let last: UInt16 = 1 | 1 << UInt16(size) | 1 << UInt16(2 * size)
            guard ventricular & all == last, basic & all == all & ~last else { return }
            states.set(finding, true, at: n, since: place(back: 3 * size - 1), &changes)
        }
    }
}
