public import ECGSignal

/// A fact about input, a stream or the service that is no finding about a heart.
public struct TechnicalEvent: Sendable, Equatable {
    /// What it is about.
    public enum Subject: Sendable, Hashable, Codable {
        /// One stream.
        case stream(StreamIdentity)
        /// A sender without an open stream: its chunks came in at that endpoint, or it is known from before a restart
        /// (`state`).
        case sender(Sender, endpoint: String)
        /// An endpoint of the daemon, where neither a stream nor a sender can be named.
        case endpoint(String)

        /// Whether it is a stream, whose samples say where in it something happened.
        public var isStream: Bool { if case .stream = self { true } else { false } }
    }

    /// The codes of the wire: upper case for refused input, lower case for facts.
    public enum Code: String, Sendable, CaseIterable, Codable {
        /// The message has too few or too many frames.
        case frames = "FRAMES"
        /// The topic does not read `ecg1.pp.patient.device.`.
        case topic = "TOPIC"
        /// The key may not send for that patient by that device.
        case notAllowed = "NOT_ALLOWED"
        /// The third frame is not the check of the others, or has not 4 bytes.
        case checksum = "CRC"
        /// The body is no protobuf LeadChunk.
        case decode = "DECODE"
        /// The schema is 0 or newer than this program's.
        case schema = "SCHEMA"
        /// Topic and body name different patients or devices.
        case mismatch = "MISMATCH"
        /// A number or a string is beyond its limit.
        case range = "RANGE"
        /// The chunk has no lead or too many, one of them twice, or one that another track has.
        case leads = "LEADS"
        /// The data do not hold the samples that they claim to.
        case length = "LENGTH"
        /// A value is NaN or infinite and not covered by `invalid`.
        case nonFinite = "NON_FINITE"
        /// A lead or the encoding is unknown.
        case unknownEnum = "ENUM"
        /// The rate or the gain changed within an epoch and track.
        case rateChanged = "RATE_CHANGED"
        /// A known device and epoch came under another patient.
        case patientChanged = "PATIENT_CHANGED"
        /// The chunk belongs to an epoch that a newer one closed.
        case epochOver = "EPOCH_OVER"
        /// A lead's first sample went back while the sequence number grew.
        case backwards = "BACKWARDS"
        /// Samples came again with other values.
        case overlap = "OVERLAP"
        /// Samples came too late to be placed.
        case late = "LATE"
        /// The rate needs too many resampling phases.
        case rate = "RATE"
        /// As many streams are open as may be.
        case full = "FULL"
        /// The first sample leapt more than an hour ahead.
        case jump = "JUMP"
        /// The device's clock differs from its nominal rate by more than 2 %.
        case rateMismatch = "RATE_MISMATCH"
        /// The gateway's clock and the sample index differ by more than a minute.
        case clock = "CLOCK"
        /// More came than the speed of ingest lets in.
        case flood = "FLOOD"
        /// A gateway with acknowledgements sent before its HELLO, or beyond its window.
        case stall = "STALL"
        /// Chunks with new samples have a `seq` that came before.
        case sequenceReused = "SEQ_REUSED"
        /// Chunks that `seq` counts never came.
        case chunksMissing = "chunks_missing"
        /// Chunks came again although all of their samples had come before.
        case chunksDuplicate = "chunks_duplicate"
        /// The first chunk of a stream came.
        case streamOpened = "stream_opened"
        /// Nothing came for 2 s.
        case streamSilent = "stream_silent"
        /// No lead has had a sample for 10 s or more of stream time.
        case streamGap = "stream_gap"
        /// A newer epoch of the device has begun.
        case streamSuperseded = "stream_superseded"
        /// The device speaks for another patient in a new epoch.
        case deviceMoved = "device_moved"
        /// The patient is in another ward than before.
        case patientMoved = "patient_moved"
        /// A stream was closed; this comes once, with the reason.
        case streamClosed = "stream_closed"
        /// The newest ranking is more than 2 s behind its frame.
        case overload = "overload"
        /// Four fifths of the files and sockets that the daemon may have are open.
        case filesRunningOut = "files_running_out"
        /// A link broke, and the same topics came by a new one at once.
        case linkDropped = "link_dropped"
        /// A peer was cut off because its socket is none that publishes.
        case peerRefused = "peer_refused"
        /// A key was refused at an endpoint: it is not known, was revoked or has no business there.
        case keyRefused = "key_refused"
        /// A key asked for events, or for something to be done, that it has no right to.
        case rightRefused = "right_refused"
        /// A key has as many links to an endpoint, or as many subscriptions, as one may have.
        case limitReached = "limit_reached"
        /// The daemon held more memory than what it does accounts for, and opened its endpoints anew.
        case memoryBeyondBound = "memory_beyond_bound"
        /// A peer is connected and sends nothing that the daemon subscribes to.
        case peerUnheard = "peer_unheard"
        /// Events are not kept in the journal, and go out as not durable.
        case journalFailed = "journal_failed"
        /// The frame log cannot be written any more.
        case recordFailed = "record_failed"
    }

    /// Where an event stands in the life of what it reports, in the words of IHE ACM.
    public enum Phase: String, Sendable {
        /// A state or a counted code begins.
        case start
        /// A counted code goes on.
        case update
        /// A state ends.
        case end
        /// Something happened once.
        case timePoint = "tpoint"
    }

    /// How urgent an event is, in the order of IEC 60601-1-8.
    public enum Priority: String, Sendable, Codable {
        /// Somebody should act at once.
        case high
        /// Somebody should act promptly.
        case medium
        /// Somebody should know of it.
        case low
        /// It is told for the record.
        case info
    }

    /// What it is about.
    public let subject: Subject
    /// The code of what happened.
    public let code: Code
    /// Whether it begins, goes on, ends, or happened once.
    public let phase: Phase
    /// How urgent it is.
    public let priority: Priority
    /// The grid sample that it refers to; nil where there is none.
    public let firstSample: GridIndex?
    /// How many chunks were counted since the last event of this code and subject.
    public let count: Int
    /// The number of the event among those of its code and subject within the log, from 1 on.
    public let ordinal: Int
    /// One sentence that says what happened, where, and what to do; it names neither samples nor people.
    public let detail: String

    /// Makes a fact with its place and number.
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
