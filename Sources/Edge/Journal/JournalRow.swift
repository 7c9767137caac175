public import ECGSignal

/// An event as the journal keeps it.
public struct JournalRow: Sendable, Equatable {
    /// Its number: 1, 2, 3 and so on, without a hole.
    public let sequence: Int64
    /// The topic on which it is published.
    public let topic: String
    /// The patient concerned; `_` where there is none.
    public let patient: String
    /// When it was written, by the wall clock.
    public let written: UTCNanoseconds
    /// The JSON that is published, without its latency.
    public let event: [UInt8]

    /// Makes a row of its columns.
    public init(sequence: Int64, topic: String, patient: String, written: UTCNanoseconds, event: [UInt8]) {
        self.sequence = sequence
        self.topic = topic
        self.patient = patient
        self.written = written
        self.event = event
    }
}

/// What of one patient and device outlives a restart, as bytes that another room reads.
public struct JournalState: Sendable, Equatable {
    /// The patient's id.
    public let patient: String
    /// The device's id.
    public let device: String
    /// The state; empty where nothing has to be remembered any longer.
    public let bytes: [UInt8]

    /// Makes a state of its parts.
    public init(patient: String, device: String, bytes: [UInt8]) {
        self.patient = patient
        self.device = device
        self.bytes = bytes
    }
}

/// A checkpoint of a stream, or that none of it is to be kept any more.
public struct JournalCheckpoint: Sendable, Equatable {
    /// The stream that the checkpoint is of.
    public let stream: StreamIdentity
    /// The entry of the log after which it was made; nil where the stream is over and all of its checkpoints go.
    public let place: LogPlace?
    /// Where the stream stood: rows of the grid below it were final; -1 where it began.
    public let ready: GridIndex
    /// What it says, as bytes that another room reads; empty where the stream began.
    public let bytes: [UInt8]
    /// When it was written, by the wall clock; 0 before.
    public var written: UTCNanoseconds

    /// Makes a checkpoint of its parts.
    public init(
        stream: StreamIdentity,
        place: LogPlace?,
        ready: GridIndex,
        bytes: [UInt8],
        written: UTCNanoseconds = 0
    ) {
        self.stream = stream
        self.place = place
        self.ready = ready
        self.bytes = bytes
        self.written = written
    }
}

/// How much of the past a journal holds.
public struct JournalLimits: Sendable, Equatable {
    /// Hours after which an event goes.
    public var hours = 168
    /// Bytes of the events in the file at most; the oldest go for new ones.
    public var bytesMax = 10_000_000_000

    /// The limits by default.
    public init() {}
}
