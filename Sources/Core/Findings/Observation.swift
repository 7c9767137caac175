public import ECGSignal

/// What producers tell the alarm policy: what the rules found, what the model's windows say, beats, and whether the
/// signal can be analysed at all.

/// A place on a stream's time line, and the UTC that it has.
public struct StreamMoment: Sendable, Hashable, Codable {
    /// The stream; its epoch is part of it, since the samples of another epoch count from another origin.
    public let stream: StreamIdentity
    /// The sample of the 500 Hz grid.
    public let sample: GridIndex
    /// The UTC of that sample.
    public let time: UTCNanoseconds

    /// Makes a moment of its three parts.
    public init(stream: StreamIdentity, sample: GridIndex, time: UTCNanoseconds) {
        self.stream = stream
        self.sample = sample
        self.time = time
    }
}

/// A measured value that a finding rests on.
public struct Figure: Sendable, Hashable, Codable {
    /// What the value counts.
    public enum Unit: String, Sendable, Codable {
        /// Beats, or events, a minute.
        case perMinute = "/min"
        /// A voltage in millivolts.
        case millivolts = "mV"
        /// A time in milliseconds.
        case milliseconds = "ms"
        /// A time in seconds.
        case seconds = "s"
    }

    /// The value.
    public let value: Double
    /// Its unit.
    public let unit: Unit

    /// Makes a figure of a value and its unit.
    public init(_ value: Double, _ unit: Unit) {
        self.value = value
        self.unit = unit
    }
}

/// Something that a producer saw at a moment of a stream.
///
/// The moments of one stream never fall from an observation to the next. A producer reports a change once; it may report
/// a finding that holds again, where its figure or its leads are new.
public struct Observation: Sendable, Equatable {
    /// A finding of a rule or a measurement, which alone raises, times and ends alarms.
    public struct Finding: Sendable, Equatable {
        /// The statement's id in the catalogue.
        public let statement: String
        /// Whether it holds from now on, or no longer.
        public let holds: Bool
        /// Where what it rests on began, or ended; never after the observation.
        ///
        /// It is the beat before a silence, the first beat of a run, the last irregular beat. Delays count from here.
        public let since: GridIndex
        /// The figure that made it hold or not, where there is one.
        public let figure: Figure?
        /// The leads concerned, where only some are (an electrode that is off); empty where all are.
        public let leads: [Lead]

        /// Makes a finding.
        public init(
            _ statement: String,
            holds: Bool,
            since: GridIndex,
            figure: Figure? = nil,
            leads: [Lead] = []
        ) {
            self.statement = statement
            self.holds = holds
            self.since = since
            self.figure = figure
            self.leads = leads
        }
    }

    /// What was seen.
    public enum Content: Sendable, Equatable {
        /// A rule's finding begins or ceases to hold, or holds with a new figure.
        case finding(Finding)
        /// A beat was published. Latched alarms wait for 10 s of beats.
        case beat
        /// The model ranked a window that ends here: the ids of the statements that reach their thresholds. It is quoted
        /// as evidence, and informs after some windows; it never raises, times or ends an alarm.
        case window([String])
        /// Analysis became impossible (no lead can be judged: electrodes, saturation, noise, a gap of more than 2 s, the
        /// end of the stream), or possible again.
        ///
        /// While it is impossible, the end of a finding is not believed: what stood, stands. A producer therefore reports
        /// the impossibility before the ends that the interruption itself makes.
        case analysis(isPossible: Bool)
    }

    /// What was seen.
    public let content: Content
    /// When it was seen: the sample with which it became known.
    public let at: StreamMoment

    /// Makes an observation.
    public init(_ content: Content, at: StreamMoment) {
        self.content = content
        self.at = at
    }
}
