/// Counts the valid signal since the newest beat: a pause after 3 s of it, asystole after 4 s.
///
/// It counts from the first valid sample too; there is no time of learning. Missing samples up to 2 s stop the count,
/// longer ones begin it anew. A beat is published up to 0.3 s after its place, so the count waits that much longer
/// before it speaks.
///
/// From 2 s on, once a second, detection is told to go back to a height of QRS that it can vouch for, so that beats after
/// an artefact are found before the time is over. Where it cannot vouch for any, the count goes on to 5.4 s.
struct SilenceWatch: Sendable, Equatable, Codable {
    static let pauseSamples = 1_500
    static let asystoleSamples = 2_000
    /// The same where tops were left out and nobody knows how high the patient's QRS is: with the time of publication
    /// 5.7 s, within the 6 s that asystole may take.
    static let doubtfulSamples = 2_700
    /// Silence after which detection goes back to a known height, and again after each further second.
    static let fallBackSamples = 1_000
    /// Samples after which missing ones begin the count anew: 2 s.
    static let gapSamples = 1_000
    /// Samples without one in any lead after which further ones change nothing: 5 s, more than any memory of the lane.
    static let idleSamples = 2_500
    /// From a beat's place to its publication, samples.
    static let publicationSamples = 140

    private var counted = 0
    private var missing = 0
    private var since: Int?
    /// Silence at which asystole was found, samples.
    private var asystoleAt = 0

    /// Valid samples since the newest beat, or since there has been signal.
    var silentSamples: Int { counted }

    /// Whether samples have been missing for so long that what was before says nothing.
    var isInterrupted: Bool { missing > SilenceWatch.gapSamples }

    /// Whether samples have been missing for so long that more missing ones change nothing.
    var isIdle: Bool { missing >= SilenceWatch.idleSamples }

    /// Whether the next row may be that of an asystole.
    var isLong: Bool { counted + 1 - SilenceWatch.publicationSamples >= SilenceWatch.asystoleSamples }

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

    /// What detection must do about a silence.
    enum Advice: Sendable, Equatable {
        case nothing
        /// Go back to a height of QRS that is known, as an artefact may have taught too great a one.
        case fallBack
        /// Learn anew what a QRS is: nothing beats.
        case learnAnew
    }

    /// Takes a row; `isInDoubt` says that detection has left out tops and does not know how high a QRS is.
    mutating func take(
        isValid: Bool,
        isInDoubt: Bool,
        canPause: Bool,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) -> Advice {
        guard isValid else {
            missing = min(missing + 1, SilenceWatch.idleSamples)
            if isInterrupted {
                counted = 0
                since = nil
            }
            return .nothing
        }
        missing = 0
        if states.holds(.ventricularFibrillation) {
            counted = 0
            since = n
            return .nothing
        }
        let from = since ?? n
        since = from
        counted += 1
        let silent = counted - SilenceWatch.publicationSamples
        if silent >= SilenceWatch.pauseSamples, silent < SilenceWatch.asystoleSamples, canPause {
            states.set(.pause, true, at: n, since: from, &changes)
        }
        let isAsystole = states.holds(.asystole)
        guard
            silent >= SilenceWatch.doubtfulSamples || isAsystole
                || silent >= SilenceWatch.asystoleSamples && !isInDoubt
        else {
            let isDue = silent >= SilenceWatch.fallBackSamples && silent.isMultiple(of: 500)
            return isDue ? .fallBack : .nothing
        }
        states.set(.pause, false, at: n, since: from, &changes)
        states.set(.asystole, true, at: n, since: from, &changes)
        if !isAsystole { asystoleAt = silent }
        return (silent - asystoleAt).isMultiple(of: 2_500) ? .learnAnew : .nothing
    }
}
