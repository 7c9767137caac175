public import ECGSignal
public import Findings

/// What admission hands to the shard that owns a stream, in arrival order.
public enum StreamInput: Sendable {
    /// The stream's first chunk follows.
    case open(first: LeadChunk)
    /// The same epoch goes on after an idle close.
    case reopen
    /// An admitted chunk.
    case chunk(LeadChunk)
    /// Chunks that the numbers of the stream's chunks tell of: missing ones, and some that came again.
    case counted(Count)
    /// A refused chunk that names the stream.
    case refused(Refusal)
    /// A fact of the stream that admission found out.
    case fact(Fact)
    /// Nothing has come for 2 s while nothing waited.
    case silence
    /// A second has passed: counts that were gathered for 10 s are said.
    case second
    /// The stream is over; for one that is already, its pending counts are said.
    case close(reason: CloseReason)
    /// Nobody asks for the closed stream any more.
    case forget(StreamIdentity)

    /// Chunks that are counted under a code of their own.
    public struct Count: Sendable, Equatable {
        /// What is counted.
        public let code: TechnicalEvent.Code
        /// How many chunks, at most 2^53 - 1.
        public let number: Int
        /// The grid sample that the first of them refers to.
        public let firstSample: GridIndex
        /// One sentence.
        public let detail: String
    }

    /// A technical fact that is no count.
    public struct Fact: Sendable, Equatable {
        /// What happened.
        public let code: TechnicalEvent.Code
        /// Begin, end or one-off.
        public let phase: TechnicalEvent.Phase
        /// How urgent.
        public let priority: TechnicalEvent.Priority
        /// Grid sample it refers to.
        public let firstSample: GridIndex?
        /// One sentence.
        public let detail: String
    }
}

/// Why a stream ended.
public enum CloseReason: String, Sendable {
    /// The gateway said so.
    case last
    /// A newer epoch of the device for the same patient.
    case superseded
    /// A newer epoch of the device for another patient.
    case moved
    /// No frame for as long as `--idle-seconds` says.
    case idle
    /// The daemon stops.
    case shutdown
}
