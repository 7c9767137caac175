/// Counts the valid signal since the newest beat: a pause after 3 s of it, asystole after 4 s.
///
/// It counts from the first valid sample too; there is no time of learning. Missing samples up to 2 s stop the count,
/// longer ones begin it anew. What counts are places at which a beat would have been seen (`BeatSight`), so the rows beside
/// missing samples do not. A beat may have stood where samples are missing: with such a place in it a silence is an
/// asystole only where one stretch of it without any is as long as two usual intervals or 12 s of it were seen, and a pause where
/// such a stretch is 3 s long. Until then it is undecided, and rhythm cannot be judged.
/// A beat is published up to 0.3 s after its place, so the count waits that much longer before it speaks.
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

    /// Rows by which publication is later than what is known of a place.
    private static let lag = publicationSamples - BeatSight.after
    /// How long such a stretch must be at least, and at most, as where no usual interval can be trusted: 1.5 s and 3 s.
    private static let stretchMin = 750
    private static let stretchMax = 1_500
    /// So much that was seen, in however many stretches, is a silence: no heart beats in what is lost alone for 12 s.
    private static let certainSamples = 6_000

    /// Places since the newest beat that were seen, and those of them since the newest unseen one.
    private var counted = 0
    private var stretch = 0
    /// The longest such stretch since the newest beat.
    private var longest = 0
    private var missing = 0
    private var since: Int?
    /// Silence at which asystole was found, samples.
    private var asystoleAt = 0

    /// Samples since the newest beat, or since there has been signal, in which a beat would have been seen.
    var silentSamples: Int { isInterrupted ? 0 : max(0, counted + BeatSight.after) }

    /// Whether a silence has lasted as long as an asystole and beats may all the same have been lost in it.
    private(set) var isUndecided = false

    /// Whether samples have been missing for so long that what was before says nothing.
    var isInterrupted: Bool { missing > SilenceWatch.gapSamples }

    /// Whether samples have been missing for so long that more missing ones change nothing.
    var isIdle: Bool { missing >= SilenceWatch.idleSamples }

    /// Whether the next row may be that of an asystole.
    var isLong: Bool { counted + 1 - SilenceWatch.lag >= SilenceWatch.asystoleSamples }

    /// A beat was published that stands at `place`.
    mutating func take(
        beatAt place: Int,
        at n: Int,
        _ sight: borrowing BeatSight,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        isUndecided = false
        // Before a place that was not seen nothing counts.
        counted = n - BeatSight.after - (sight.lastUnseen(after: place) ?? place)
        stretch = counted
        longest = counted
        since = place
        states.set(.asystole, false, at: n, since: place, &changes)
        states.set(.pause, false, at: n, since: place, &changes)
    }

    /// What detection must do about a silence.
    enum Advice: Sendable, Equatable {
        case nothing
        /// Go back to a height of QRS that is known, as an artefact may have taught too great a one.
        case fallBack
        /// Go to what the newest seconds show: nothing beats.
        case fallToNewest
    }

    /// Takes a row; `isInDoubt` says that detection has left out tops and does not know how high a QRS is.
    ///
    /// `isSeeing` says that a beat would have been seen at the place that the row tells of, `usual` is the usual interval, nil
    /// where the beats before cannot be trusted or too few were seen.
    mutating func take(
        isValid: Bool,
        isSeeing: Bool,
        usual: Int?,
        isInDoubt: Bool,
        canPause: Bool,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) -> Advice {
        guard isValid else {
            missing = min(missing + 1, SilenceWatch.idleSamples)
            if isInterrupted {
                restart(at: 0)
                since = nil
            }
            return .nothing
        }
        missing = 0
        if states.holds(.ventricularFibrillation) {
            restart(at: -BeatSight.after)
            since = n
            return .nothing
        }
        let from = since ?? n
        since = from
        guard isSeeing else {
            stretch = 0
            return .nothing
        }
        counted += 1
        stretch += 1
        longest = max(longest, stretch)
        let silent = counted - SilenceWatch.lag
        let isUnbroken = longest - SilenceWatch.lag >= SilenceWatch.pauseSamples
        if silent >= SilenceWatch.pauseSamples, silent < SilenceWatch.asystoleSamples, canPause, isUnbroken {
            states.set(.pause, true, at: n, since: from, &changes)
        }
        let isAsystole = states.holds(.asystole)
        guard
            isAsystole
                || isFirm(usual)
                    && (silent >= SilenceWatch.doubtfulSamples
                        || silent >= SilenceWatch.asystoleSamples && !isInDoubt)
        else {
            isUndecided = silent >= SilenceWatch.doubtfulSamples
            let isDue = silent >= SilenceWatch.fallBackSamples && silent.isMultiple(of: 500)
            return isDue ? .fallBack : .nothing
        }
        isUndecided = false
        states.set(.pause, false, at: n, since: from, &changes)
        states.set(.asystole, true, at: n, since: from, &changes)
        if !isAsystole { asystoleAt = silent }
        return (silent - asystoleAt).isMultiple(of: 2_500) ? .fallToNewest : .nothing
    }

    /// Whether the silence cannot be made of beats that were lost alone.
    private func isFirm(_ usual: Int?) -> Bool {
        guard longest < counted, counted - SilenceWatch.lag < SilenceWatch.certainSamples else { return true }
        let needed =
            usual.map { min(max(2 * $0, SilenceWatch.stretchMin), SilenceWatch.stretchMax) }
            ?? SilenceWatch.stretchMax
        return longest - SilenceWatch.lag >= needed
    }

    private mutating func restart(at count: Int) {
        isUndecided = false
        counted = count
        stretch = count
        longest = count
    }
}
