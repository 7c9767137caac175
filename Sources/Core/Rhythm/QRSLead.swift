/// What is known of one lead: its filter, how active it is at beats and between them, and whether it can be used.
struct QRSLead: Sendable, Equatable {
    /// A lead learns what a QRS is from the greatest activities of so many seconds.
    static let learningSeconds = 3
    /// Samples by which activity between beats is judged late, so that a beat's own is not among it.
    static let noiseLag = 150
    /// How far after a beat's top the activity between beats begins: 140 ms.
    static let noiseMargin = 70

    /// A lead is silent after so many samples without activity: 1.5 s.
    static let silentSamples = 750

    var filter = QRSFilter()
    /// Whether the lead has a sample now, or is bridged.
    private(set) var isRunning = false
    /// Running activity at beats; while the lead learns, the greatest activity so far.
    private(set) var beatActivity = 0.0
    /// Running steepness at beats; 0 until the lead has seen one.
    private(set) var beatSlope = 0.0
    /// Running greatest activity between two beats.
    private(set) var noiseActivity = 0.0
    private var between: Int32 = 0
    /// Seconds of which the lead has the greatest activity.
    private var learned = 0
    private var learning: Int32 = 0
    /// The greatest activities of the newest three whole seconds, in no order.
    private var maxima: [Int32] = [0, 0, 0]
    private var known = KnownHeight()
    private var startedAt = 0
    /// Samples of the second that is looked at, and where its greatest activity goes.
    private var second = 0
    private var slot = 0
    /// The newest beat's activity, however small.
    private var newestBeat = 0.0

    /// Whether the lead has a sample now and has seen a second before.
    private(set) var isUsable = false
    /// Running activity at beats, however small; the floor does not hold for it.
    private var trueActivity = 0.0
    /// The last sample at which the lead was as active as a quarter of a beat.
    private var lastActive = 0

    /// Whether the lead has learned what a QRS is.
    var hasLearned: Bool { learned >= QRSLead.learningSeconds }

    /// Takes sample number `n`, millivolts; NaN where the lead has none.
    ///
    /// `beatEnd` is the sample before which activity belongs to a beat.
    mutating func take(_ millivolts: Float, at n: Int, beatEnd: Int) {
        guard !millivolts.isNaN else {
            isRunning = false
            isUsable = false
            return
        }
        let value = QRSFilter.microvolts(millivolts)
        if !isRunning {
            filter.restart(at: value)
            isRunning = true
            between = 0
            if !hasLearned { beginLearning() }
            startedAt = n
            lastActive = n
        }
        filter.take(value, at: n)
        let quiet = n &- QRSLead.noiseLag
        if quiet >= beatEnd, quiet >= startedAt { between = max(between, filter.activity(at: quiet)) }
        learn(at: n)
        if Double(filter.newestActivity) >= 0.25 * beatActivity { lastActive = n }
        isUsable = learned > 0 && n &- startedAt >= QRSFilter.activityDelay
    }

    private mutating func beginLearning() {
        learned = 0
        learning = 0
        second = 0
        slot = 0
        beatActivity = 0
        beatSlope = 0
        noiseActivity = 0
    }

    private mutating func learn(at n: Int) {
        learning = max(learning, filter.newestActivity)
        if !hasLearned {
            beatActivity = max(beatActivity, Double(learning), BeatDetector.floorActivity)
            trueActivity = beatActivity
        }
        second += 1
        guard second == 500 else { return }
        second = 0
        maxima[slot] = learning
        slot = (slot + 1) % QRSLead.learningSeconds
        learning = 0
        guard !hasLearned else { return }
        learned += 1
        guard learned == QRSLead.learningSeconds else { return }
        let middle = middleOfMaxima
        beatActivity = max(middle, BeatDetector.floorActivity)
        trueActivity = middle
        noiseActivity = max(noiseActivity, 0.2 * middle)
    }

    /// The middle one of the greatest activities of three seconds.
    private var middleOfMaxima: Double {
        let (a, b, c) = (maxima[0], maxima[1], maxima[2])
        return Double(max(min(a, b), min(max(a, b), c)))
    }

    /// Whether enough beats that resemble each other have shown how high this lead's QRS is.
    var isHeightKnown: Bool { known.isKnown }

    /// The newest beat resembles another one: its height is the patient's.
    mutating func knowNewestBeat() { if isUsable, newestBeat > 0 { known.note(newestBeat) } }

    /// Goes back to the height that is known, or to what the newest seconds show where none is.
    ///
    /// Nothing was like a beat for seconds, perhaps because an artefact taught too great a height. A lead never becomes
    /// less sensitive by this.
    ///
    /// - Returns: by what the activity beside that at beats is greater now; 1 where nothing changed.
    mutating func fallBack() -> Double {
        guard hasLearned else { return 1 }
        let height = max(known.height ?? middleOfMaxima, BeatDetector.floorActivity)
        guard height < 0.7 * beatActivity else { return 1 }
        let gain = beatActivity / height
        beatActivity = height
        trueActivity = height
        noiseActivity = min(noiseActivity, 0.2 * height)
        beatSlope /= gain
        return gain
    }

    /// The steepest slope around the activity's top at sample `peak`, in sums of ten microvolts within 16 ms.
    func slope(around peak: Int) -> Double {
        let middle = peak - QRSFilter.activityDelay + QRSFilter.smoothDelay
        var most: Int32 = 0
        for n in middle - 36...middle + 36 {
            let rise = filter.smooth(at: n + 4) &- filter.smooth(at: n - 4)
            most = max(most, Int32(clamping: rise.magnitude))
        }
        return Double(most)
    }

    /// A beat was found whose activity is greatest at sample `peak`.
    mutating func noteBeat(at peak: Int) {
        guard isUsable else { return }
        var most: Int32 = 0
        for n in peak - 40...peak + 40 { most = max(most, filter.activity(at: n)) }
        newestBeat = Double(most)
        let level = beatActivity
        let steepness = slope(around: peak)
        beatSlope =
            beatSlope == 0
            ? steepness : beatSlope + (min(max(steepness, 0.4 * beatSlope), 2 * beatSlope) - beatSlope) / 8
        if hasLearned {
            trueActivity += (min(max(Double(most), 0.4 * trueActivity), 2 * level) - trueActivity) / 8
            beatActivity = max(BeatDetector.floorActivity, trueActivity)
        }
        noiseActivity += (min(Double(between), 1.5 * level) - noiseActivity) / 8
        between = 0
    }

    /// Nothing that looks like this lead's QRS came for long: it learns anew what one is.
    mutating func forget() { beginLearning() }

    /// Whether the lead shows something at beats, and has done so lately.
    ///
    /// A lead that stands still among others, or never had a QRS, is silent and would only dilute them.
    func isSilent(at n: Int) -> Bool {
        trueActivity < BeatDetector.floorActivity || n &- lastActive > QRSLead.silentSamples
    }

    /// How much the lead counts beside others: the quieter it is between beats, the more.
    var weight: Double {
        guard isUsable else { return 0 }
        let noise = noiseActivity / beatActivity
        let variance = 0.01 + noise * noise
        return 1 / (variance * variance)
    }
}
