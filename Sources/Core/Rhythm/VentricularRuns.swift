/// Runs of ventricular beats at 100/min or more: three to five are a short run, six are ventricular tachycardia.
///
/// One beat of another class within a run, fast as the others, does not break it: shapes of a tachycardia change.
struct VentricularRuns: Sendable, Equatable, Codable {
    static let shortRunBeats = 3
    static let tachycardiaBeats = 6
    /// The longest interval in a run, samples: 100/min.
    static let intervalMax = 300

    /// Ventricular beats of the run at hand; 0 where there is none.
    private(set) var beats = 0
    private var start = 0
    private var newest = 0
    private var others = 0

    /// Takes a beat whose class is final; a run begins to hold only where the beats can be trusted.
    mutating func take(
        _ beat: Beat,
        at n: Int,
        isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        let place = Int(beat.place)
        let isFast = beats > 0 && place - newest <= VentricularRuns.intervalMax
        if beat.kind == .ventricular {
            if beats == 0 || !isFast {
                end(at: n, &states, &changes)
                start = place
            }
            beats += 1
            others = 0
        } else if isFast, others == 0, beats >= VentricularRuns.shortRunBeats {
            others = 1
        } else {
            end(at: n, &states, &changes)
        }
        newest = place
        guard beats >= VentricularRuns.shortRunBeats, others == 0,
            isTrusted || states.holds(.ventricularTachycardia) || states.holds(.ventricularShortRun)
        else { return }
        let rate = 30_000 * Double(beats - 1) / Double(max(1, newest - start))
        let isTachycardia = beats >= VentricularRuns.tachycardiaBeats
        states.set(.ventricularTachycardia, isTachycardia, at: n, since: start, rate: rate, &changes)
        states.set(.ventricularShortRun, !isTachycardia, at: n, since: start, rate: rate, &changes)
    }

    /// No beat came for 2 s, or nothing can be seen: the run is over.
    mutating func end(at n: Int, _ states: inout FindingStates, _ changes: inout [RhythmChange]) {
        beats = 0
        others = 0
        states.set(.ventricularTachycardia, false, at: n, since: newest, &changes)
        states.set(.ventricularShortRun, false, at: n, since: newest, &changes)
    }
}
