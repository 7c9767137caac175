public import ECGSignal

/// What a radio link and a device's clock do to messages, repeatable by a seed.
///
/// It decides when a message is there and how often, and touches no byte of it. The same seed and the same messages give
/// the same trouble, in a replay as in a test.
public struct Trouble: Sendable {
    /// How much of each trouble there is.
    public struct Options: Sendable, Equatable {
        /// The share of messages that never come, 0 to below 1.
        public var drop = 0.0
        /// The share of messages that come twice, the second time up to a second later.
        public var duplicate = 0.0
        /// The share of messages that later ones overtake, by 0.1 to 1 s.
        public var reorder = 0.0
        /// The mean by which messages are late, milliseconds; each up to twice as much, without overtaking.
        public var jitterMilliseconds = 0
        /// How much faster than nominal the device's clock runs, parts in a million; below 0 it runs slower.
        public var driftPartsPerMillion = 0.0
        /// What the random numbers begin with.
        public var seed: UInt64 = 1

        /// No trouble.
        public init() {}

        /// Whether everything comes once and when it is due.
        public var isNone: Bool {
            drop == 0 && duplicate == 0 && reorder == 0 && jitterMilliseconds == 0
                && driftPartsPerMillion == 0
        }
    }

    /// The most by which a message is held up so that others overtake it, or comes again, nanoseconds.
    static let heldNanoseconds = MonotonicNanoseconds(100_000_000)...1_000_000_000

    private let options: Options
    private var generator: SeededNumbers
    /// When the newest message of each stream is there; one that is not reordered never comes before it.
    private var newest: [Int: MonotonicNanoseconds] = [:]

    /// Trouble of that kind; shares outside 0 to 1 count as the nearest of them.
    public init(_ options: Options) {
        self.options = options
        generator = SeededNumbers(seed: options.seed)
    }

    /// When a sample that is due then by the nominal rate is there by a clock that is right.
    public func drifted(_ due: MonotonicNanoseconds) -> MonotonicNanoseconds {
        guard options.driftPartsPerMillion != 0 else { return due }
        return MonotonicNanoseconds((Double(due) / (1 + options.driftPartsPerMillion / 1e6)).rounded())
    }

    /// When the message that is due then is there, ascending: not at all, once or twice.
    ///
    /// `stream` is any number that tells streams apart; messages of one are given in the order of their due times. One
    /// that is needed, as the one that says `last`, comes in any case.
    public mutating func times(
        of due: MonotonicNanoseconds,
        in stream: Int,
        isNeeded: Bool = false
    ) -> [MonotonicNanoseconds] {
        // Each message draws the same numbers whatever becomes of it, so that options change nothing of one another.
        let draws = (0..<6).map { _ in generator.nextShare() }
        let lateness = draws[0] * 2 * Double(options.jitterMilliseconds) * 1e6
        var time = max(newest[stream] ?? .min, drifted(due) + MonotonicNanoseconds(lateness))
        newest[stream] = time
        guard isNeeded || draws[1] >= options.drop else { return [] }
        if draws[2] < options.reorder { time += Trouble.held(draws[3]) }
        return draws[4] < options.duplicate ? [time, time + Trouble.held(draws[5])] : [time]
    }

    private static func held(_ share: Double) -> MonotonicNanoseconds {
        let length = Double(heldNanoseconds.upperBound - heldNanoseconds.lowerBound)
        return heldNanoseconds.lowerBound + MonotonicNanoseconds(share * length)
    }

    /// The messages of one stream, each with its due time and ascending by it, as they come.
    public static func disturbed<Message>(
        _ messages: [(due: MonotonicNanoseconds, message: Message)],
        _ options: Options
    ) -> [(time: MonotonicNanoseconds, message: Message)] {
        var trouble = Trouble(options)
        var sent: [(time: MonotonicNanoseconds, message: Message)] = []
        for (place, each) in messages.enumerated() {
            let isLast = place == messages.count - 1
            for time in trouble.times(of: each.due, in: 0, isNeeded: isLast) {
                sent.append((time, each.message))
            }
        }
        return sent.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }
}

/// Repeatable numbers (SplitMix64; Steele, Lea, Flood 2014).
private struct SeededNumbers: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The next number from 0 to below 1, a multiple of 2^-53.
    mutating func nextShare() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
    }
}
