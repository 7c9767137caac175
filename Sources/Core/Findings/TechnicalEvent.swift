public import ECGSignal

/// A fact about input, a stream or the service that is no finding about a heart.
public struct TechnicalEvent: Sendable, Equatable {
    /// What it is about.
    public enum Subject: Sendable, Hashable {
        /// One stream.
        case stream(StreamIdentity)
        /// A sender whose chunks came in at that endpoint and belong to no open stream.
        case sender(Sender, endpoint: String)
        /// An endpoint of the daemon, where neither a stream nor a sender can be named.
        case endpoint(String)
    }

    /// The words of PROTOCOL.md, section 7: upper case for refused input, lower case for facts.
    public enum Code: String, Sendable, CaseIterable {
        /// Frame count or kind word.
        case frames = "FRAMES"
        /// Topic not `ecg1.pp.patient.device.`.
        case topic = "TOPIC"
        /// Third frame does not match, or is not 4 bytes.
        case checksum = "CRC"
        /// Not a protobuf LeadChunk.
        case decode = "DECODE"
        /// Schema 0 or above ours.
        case schema = "SCHEMA"
        /// Topic and body disagree.
        case mismatch = "MISMATCH"
        /// A number or string beyond its limit.
        case range = "RANGE"
        /// No lead, too many, one twice, or one in two tracks.
        case leads = "LEADS"
        /// Data does not hold the samples it claims.
        case length = "LENGTH"
        /// NaN or infinity not covered by `invalid`.
        case nonFinite = "NON_FINITE"
        /// Unknown lead or encoding.
        case unknownEnum = "ENUM"
        /// Rate or gain differs within (epoch, track).
        case rateChanged = "RATE_CHANGED"
        /// Known (device, epoch) under another patient.
        case patientChanged = "PATIENT_CHANGED"
        /// Chunk of an epoch that a newer one closed.
        case epochOver = "EPOCH_OVER"
        /// A lead's first sample falls while the sequence grows.
        case backwards = "BACKWARDS"
        /// Samples that are there already with other values.
        case overlap = "OVERLAP"
        /// Samples behind the horizon.
        case late = "LATE"
        /// A rate with too many resampling phases.
        case rate = "RATE"
        /// Stream limit reached.
        case full = "FULL"
        /// Chunks that `seq` counts never came.
        case chunksMissing = "chunks_missing"
        /// Chunks came again although all of their samples had come before.
        case chunksDuplicate = "chunks_duplicate"
        /// First chunk of a stream.
        case streamOpened = "stream_opened"
        /// Nothing for 2 s.
        case streamSilent = "stream_silent"
        /// No lead has had a sample for 10 s or more of stream time.
        case streamGap = "stream_gap"
        /// A newer epoch of the device.
        case streamSuperseded = "stream_superseded"
        /// The device speaks for another patient in a new epoch.
        case deviceMoved = "device_moved"
        /// The one close of a stream, with its reason.
        case streamClosed = "stream_closed"
        /// Newest ranking more than 2 s behind its frame.
        case overload = "overload"
        /// A link broke, and the same topics came by a new one at once.
        case linkDropped = "link_dropped"
        /// A peer was cut off because its socket is none that publishes.
        case peerRefused = "peer_refused"
        /// A peer is connected and sends nothing that the daemon subscribes to.
        case peerUnheard = "peer_unheard"
    }

    /// IHE ACM's words.
    public enum Phase: String, Sendable {
        /// A state or a counted code begins.
        case start
        /// A counted code goes on.
        case update
        /// A state ends.
        case end
        /// A one-off fact.
        case timePoint = "tpoint"
    }

    /// IEC 60601-1-8's order.
    public enum Priority: String, Sendable {
        /// Act at once.
        case high
        /// Act promptly.
        case medium
        /// Be aware.
        case low
        /// For the record.
        case info
    }

    /// What it is about.
    public let subject: Subject
    /// What happened.
    public let code: Code
    /// Begin, repeat, end or one-off.
    public let phase: Phase
    /// How urgent.
    public let priority: Priority
    /// Grid sample it refers to; nil where there is none.
    public let firstSample: GridIndex?
    /// Chunks since the last event of this code and subject.
    public let count: Int
    /// Counts from 1 for the code and subject within the log.
    public let ordinal: Int
    /// One sentence: what, where, what to do; no samples, no names.
    public let detail: String

    /// The fact with its place and number.
    public init(
        subject: Subject,
        code: Code,
        phase: Phase,
        priority: Priority,
        firstSample: GridIndex?,
        count: Int,
        ordinal: Int,
        detail: String
    ) {
        self.subject = subject
        self.code = code
        self.phase = phase
        self.priority = priority
        self.firstSample = firstSample
        self.count = count
        self.ordinal = ordinal
        self.detail = detail
    }
}
