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

/// How much of the past a journal holds.
public struct JournalLimits: Sendable, Equatable {
    /// Hours after which an event goes.
    public var hours = 168
    /// Bytes of the events in the file at most; the oldest go for new ones.
    public var bytesMax = 10_000_000_000

    /// The limits by default.
    public init() {}
}
