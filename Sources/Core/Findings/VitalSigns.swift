public import ECGSignal

/// What was measured of a stream's heart in the seconds before a whole second of its grid.
public struct VitalSigns: Sendable, Equatable {
    /// Why a value is not known.
    public enum Reason: String, Sendable, CaseIterable {
        /// No lead has had a sample for more than 2 s.
        case noSignal = "no_signal"
        /// What is found does not resemble beats.
        case noise
        /// Too little has been seen since the stream began or went on.
        case starting
        /// No beat has been seen for 4 s, or not two of them in 10 s.
        case noBeats = "no_beats"
        /// Ventricular fibrillation or flutter holds: there are no beats to count.
        case fibrillation
    }

    /// A value, or why there is none.
    public enum Reading: Sendable, Equatable {
        /// It was measured.
        case value(Double)
        /// It was not.
        case unknown(Reason)

        /// The value, where there is one.
        public var value: Double? { if case .value(let value) = self { value } else { nil } }

        /// Why there is none, where there is none.
        public var reason: Reason? { if case .unknown(let reason) = self { reason } else { nil } }
    }

    /// Seconds over which the heart rate is taken.
    public static let rateSeconds: Int64 = 10
    /// Seconds over which ectopic beats are counted.
    public static let ectopicSeconds: Int64 = 60

    /// Seconds of the grid since the epoch began; the values rest on samples before this one.
    public let second: Int64
    /// 60 over the mean interval of the beats of the last 10 s, beats a minute.
    public let heartRate: Reading
    /// The mean interval of these beats, milliseconds.
    public let interval: Reading
    /// How many beats of the last 60 s are ventricular or come too early, beats a minute.
    public let ectopicPerMinute: Reading
    /// How many beats of the last 10 s the heart rate rests on.
    public let beats: Int

    /// Makes the vital signs of a second.
    public init(
        second: Int64,
        heartRate: Reading,
        interval: Reading,
        ectopicPerMinute: Reading,
        beats: Int
    ) {
        self.second = second
        self.heartRate = heartRate
        self.interval = interval
        self.ectopicPerMinute = ectopicPerMinute
        self.beats = beats
    }

    /// The sample of the grid at which the second ends.
    public var sample: GridIndex { second * Grid.rate }
}
