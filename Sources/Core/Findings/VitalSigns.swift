public import ECGSignal
internal import Mathematics

/// What was measured of a stream's heart in the seconds before a whole second of its grid.
public struct VitalSigns: Sendable, Equatable, Codable {
    /// Why a value is not known.
    public enum Reason: String, Sendable, CaseIterable, Codable {
        /// No lead has had a sample for more than 2 s, or samples are missing between all the beats.
        case noSignal = "no_signal"
        /// What is found does not resemble beats.
        case noise
        /// Too little has been seen since the stream began or went on.
        case starting
        /// No beat has been seen for 4 s, or not two of them in 10 s.
        case noBeats = "no_beats"
        /// Ventricular fibrillation or flutter holds: there are no beats to count.
        case fibrillation
        /// Fewer than four usual beats of one shape have been seen whole in the last 10 s.
        case fewBeats = "few_beats"
        /// The wave is too small, differs from beat to beat, or cannot be told from what is beside it.
        case unclear
        /// The atria fibrillate: there is no P wave.
        case atrialFibrillation = "atrial_fibrillation"
        /// The device has not said which filters it has, or they change the ST segment.
        case bandwidth
        /// QRS lasts 120 ms or more: ST follows from it.
        case wideQRS = "wide_qrs"
        /// The device has marked a pacing spike within the last minute.
        case paced
        /// Nobody said where the lead's electrodes are.
        case leadUnknown = "lead_unknown"
    }

    /// A value, or why there is none.
    public enum Reading: Sendable, Equatable, Codable {
        /// The figure that was measured.
        case value(Double)
        /// It was not measured, and why.
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
    /// PR, QRS and QT of the usual beats of the last 10 s.
    public let waves: WaveIntervals

    /// Makes the vital signs of a second.
    public init(
        second: Int64,
        heartRate: Reading,
        interval: Reading,
        ectopicPerMinute: Reading,
        beats: Int,
        waves: WaveIntervals = WaveIntervals(unknown: .starting)
    ) {
        self.second = second
        self.heartRate = heartRate
        self.interval = interval
        self.ectopicPerMinute = ectopicPerMinute
        self.beats = beats
        self.waves = waves
    }

    /// The same second with these intervals; where the rate is unknown because nothing can be judged, so are they.
    public func with(_ waves: WaveIntervals) -> VitalSigns {
        var waves = waves
        if case .unknown(let reason) = heartRate, reason != .starting {
            waves = WaveIntervals(unknown: reason)
        }
        return VitalSigns(
            second: second,
            heartRate: heartRate,
            interval: interval,
            ectopicPerMinute: ectopicPerMinute,
            beats: beats,
            waves: waves
        )
    }

    /// QT at 60 beats a minute by Bazett, milliseconds: QT over the square root of the mean interval in seconds.
    public var bazett: Reading { corrected { $0.squareRoot() } }

    /// QT at 60 beats a minute by Fridericia, milliseconds: QT over the cube root of the mean interval in seconds.
    public var fridericia: Reading { corrected { ElementaryFunctions.exp(ElementaryFunctions.log($0) / 3) } }

    private func corrected(_ root: (Double) -> Double) -> Reading {
        guard case .value(let qt) = waves.qt else { return waves.qt }
        guard case .value(let milliseconds) = interval else { return interval }
        return .value(qt / root(milliseconds / 1_000))
    }

    /// The sample of the grid at which the second ends.
    public var sample: GridIndex { second * Grid.rate }
}
