/// What is known of one lead: how active it is at beats and between them, as seconds and beats have taught it.
struct QRSLead: Sendable, Equatable, Codable {
    /// A lead learns what a QRS is from the greatest activities of so many seconds.
    static let learningSeconds = 3
    /// How far after a beat's top the activity between beats begins: 140 ms.
    static let noiseMargin = 70
    /// A lead is silent after so many samples without activity: 1.5 s.
    static let silentSamples: Int32 = 750

    /// Running activity at beats; while the lead learns, the greatest activity so far.
    private(set) var beatActivity = 0.0
    /// Running steepness at beats; 0 until the lead has seen one.
    private(set) var beatSlope = 0.0
    /// Running greatest activity between two beats.
    private(set) var noiseActivity = 0.0
    /// Seconds of which the lead has the greatest activity.
    private var learned = 0
    /// The greatest activities of the newest three whole seconds, in no order; the next goes to `slot`.
    private var maxima: [Int32] = [0, 0, 0]
    private var slot = 0
    private var known = KnownHeight()
    /// The newest beat's activity, however small.
    private var newestBeat = 0.0
    /// Running activity at beats, however small; the floor does not hold for it.
    private var trueActivity = 0.0

    /// The activity of the smallest QRS that counts in this lead.
    private(set) var floor = BeatDetector.floorActivity

    /// Whether the lead has learned what a QRS is.
    var hasLearned: Bool { learned >= QRSLead.learningSeconds }

    /// Whether the lead has seen a second.
    var hasSeen: Bool { learned > 0 }

    /// Whether the lead never had a QRS.
    var isLow: Bool { trueActivity < floor }

    /// The least activity that is a quarter of a beat's, a whole number as activities are.
    var activeMin: Int32 { Int32((0.25 * beatActivity).rounded(.up)) }

    /// The lead learns anew what a QRS is, as if it had never been seen.
    mutating func forget() {
        forgetHeight()
        learned = 0
        slot = 0
        beatActivity = 0
        beatSlope = 0
        noiseActivity = 0
    }

    /// The lead has not yet learned what a QRS is, and `greatest` is its greatest activity in the second at hand.
    mutating func see(_ greatest: Int32) {
        beatActivity = max(beatActivity, Double(greatest), floor)
        trueActivity = beatActivity
    }

    /// A second is over whose greatest activity is `greatest`.
    mutating func endSecond(greatest: Int32) {
        maxima[slot] = greatest
        slot = (slot + 1) % QRSLead.learningSeconds
        guard !hasLearned else { return }
        learned += 1
        guard learned == QRSLead.learningSeconds else { return }
        let middle = middleOfMaxima
        beatActivity = max(middle, floor)
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
    ///
    /// Where that is below the usual floor and the lead shows beats clearly, so that it was learned beside another lead, the
    /// floor is half of it.
    mutating func knowNewestBeat() {
        guard newestBeat > 0 else { return }
        known.note(newestBeat)
        guard let height = known.height else { return }
        let lowest = showsBeats ? max(0.5 * height, QRSLead.floorMin) : BeatDetector.floorActivity
        floor = min(lowest, BeatDetector.floorActivity)
    }

    /// The least floor: a third of the usual one.
    static let floorMin = BeatDetector.floorActivity / 3
    /// A lead shows beats where what lies between them has at most this share of their activity.
    static let betweenMax = 0.55

    /// Whether what lies between beats is much smaller than they are.
    var showsBeats: Bool { noiseActivity <= QRSLead.betweenMax * beatActivity }

    /// Whether the lead has stood still for two whole seconds.
    var isConstant: Bool {
        let last = QRSLead.learningSeconds - 1
        return maxima[(slot + last) % QRSLead.learningSeconds] == 0
            && maxima[(slot + last - 1) % QRSLead.learningSeconds] == 0
    }

    /// The least activity of a complex that is not far lower than the known height, 0 where none is known.
    var lowMax: Double { known.height.map { 0.6 * $0 } ?? 0 }

    /// The least activity of a complex that is no small one: of more than P waves have, or of 0.6 of a known height below that.
    ///
    /// A wide complex is far less active than a narrow one as high, so a great known height says nothing against it.
    var smallMax: Double { min(known.height.map { 0.6 * $0 } ?? .infinity, QRSLead.smallActivity) }

    /// The activity of a P wave of 0.36 mV.
    static let smallActivity = 750_000.0

    /// What was known of the patient's height holds no longer.
    mutating func forgetHeight() {
        known = KnownHeight()
        floor = BeatDetector.floorActivity
    }

    /// Goes back to the height that is known, or to what the newest seconds show where none is, or where it `isHeightOld`.
    ///
    /// Nothing was like a beat for seconds, perhaps because an artefact taught too great a height. A lead never becomes
    /// less sensitive by this.
    ///
    /// - Returns: by what the activity beside that at beats is greater now; 1 where nothing changed.
    mutating func fallBack(toNewest isHeightOld: Bool) -> Double {
        guard hasLearned else { return 1 }
        let height = max(isHeightOld ? middleOfMaxima : known.height ?? middleOfMaxima, floor)
        guard height < 0.7 * beatActivity else { return 1 }
        let gain = beatActivity / height
        beatActivity = height
        trueActivity = height
        noiseActivity = min(noiseActivity, 0.2 * height)
        beatSlope = isHeightOld ? 0 : beatSlope / gain
        return gain
    }

    /// A beat was found, whose greatest activity and slope these are; `between` is the greatest activity before it.
    mutating func noteBeat(activity: Int32, slope: Int32, between: Int32) {
        let most = Double(activity)
        let steepness = Double(slope)
        newestBeat = most
        let level = beatActivity
        beatSlope =
            beatSlope == 0
            ? steepness : beatSlope + (min(max(steepness, 0.4 * beatSlope), 2 * beatSlope) - beatSlope) / 8
        if hasLearned {
            trueActivity += (min(max(most, 0.4 * trueActivity), 2 * level) - trueActivity) / 8
            beatActivity = max(floor, trueActivity)
        }
        noiseActivity += (min(Double(between), 1.5 * level) - noiseActivity) / 8
    }

    /// How much the lead counts beside others: the quieter it is between beats, the more.
    var weight: Double {
        let noise = noiseActivity / beatActivity
        let variance = 0.01 + noise * noise
        return 1 / (variance * variance)
    }
}
