/// Counts the valid signal since the newest beat: a pause after 3 s of it, asystole after 4 s.
///
/// It counts from the first valid sample too; there is no time of learning. Missing samples up to 2 s stop the count,
/// longer ones begin it anew. A beat is published up to 0.3 s after its place, so the count waits that much longer
/// before it speaks.
struct SilenceWatch: Sendable, Equatable {
    static let pauseSamples = 1_500
    static let asystoleSamples = 2_000
    /// Samples after which missing ones begin the count anew: 2 s.
    static let gapSamples = 1_000
    /// Samples without one in any lead after which further ones change nothing: 5 s, more than any memory of the lane.
    static let idleSamples = 2_500
    /// From a beat's place to its publication, samples.
    static let publicationSamples = 140

    private var counted = 0
    private var missing = 0
    private var since: Int?

    /// Whether samples have been missing for so long that what was before says nothing.
    var isInterrupted: Bool { missing > SilenceWatch.gapSamples }

    /// Whether samples have been missing for so long that more missing ones change nothing.
    var isIdle: Bool { missing >= SilenceWatch.idleSamples }

    /// A beat was published that stands at `place`.
    mutating func take(
        beatAt place: Int,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        counted = n - place
        since = place
        states.set(.asystole, false, at: n, since: place, &changes)
        states.set(.pause, false, at: n, since: place, &changes)
    }

    /// Takes a row; returns whether it has just been found that nothing beats, so that detection learns anew.
    mutating func take(
        isValid: Bool,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) -> Bool {
        guard isValid else {
            missing = min(missing + 1, SilenceWatch.idleSamples)
            if isInterrupted {
                counted = 0
                since = nil
            }
            return false
        }
        missing = 0
        if states.holds(.ventricularFibrillation) {
            counted = 0
            since = n
            return false
        }
        let from = since ?? n
        since = from
        counted += 1
        let silent = counted - SilenceWatch.publicationSamples
        if silent == SilenceWatch.pauseSamples { states.set(.pause, true, at: n, since: from, &changes) }
        guard silent >= SilenceWatch.asystoleSamples else { return false }
        states.set(.pause, false, at: n, since: from, &changes)
        states.set(.asystole, true, at: n, since: from, &changes)
        return (silent - SilenceWatch.asystoleSamples).isMultiple(of: 2_500)
    }
}
