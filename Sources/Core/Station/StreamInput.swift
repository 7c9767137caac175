public import ECGSignal
public import Findings

/// What admission hands to the shard that owns a stream, in arrival order.
public enum StreamInput: Sendable {
    /// The stream's first chunk follows.
    case open(first: LeadChunk)
    /// An admitted chunk.
    case chunk(PlacedChunk)
    /// The stream's life takes a turn, its time line standing at the front: it falls silent, goes on after a silence
    /// or an idle close, or is over. The end of a stream that is over already tells its pending counts.
    case turn(StreamLife, StreamFront)
    /// Chunks that the numbers of the stream's chunks tell of: missing ones, and some that came again.
    case counted(Count)
    /// A refused chunk that names the stream.
    case refused(Refusal)
    /// A fact of the stream that admission found out.
    case fact(Fact)
    /// A second has passed: counts that were gathered for 10 s are said.
    case second
    /// A checkpoint is due.
    case keep(AdmissionPart)
    /// The stream goes on from the first checkpoint, and is told of from where the second was made.
    case restored(base: StreamState, newest: StreamState)
    /// The stream is where it was when its newest checkpoint was made.
    case reached
    /// Nobody asks for the closed stream any more.
    case forget(StreamIdentity)

    /// Of whom the stream is that begins or goes on with it; nil where none does.
    public var newSender: Sender? {
        switch self {
        case .open(let first): Sender(of: first.stream)
        case .restored(let base, _): Sender(of: base.identity)
        default: nil
        }
    }

    /// Chunks that are counted under a code of their own.
    public struct Count: Sendable, Equatable {
        /// The code of what is counted.
        public let code: TechnicalEvent.Code
        /// How many chunks, at most 2^53 - 1.
        public let number: Int
        /// The grid sample that the first of them refers to.
        public let firstSample: GridIndex
        /// One sentence that says what happened.
        public let detail: String
    }

    /// A technical fact that is no count.
    public struct Fact: Sendable, Equatable {
        /// The code of what happened.
        public let code: TechnicalEvent.Code
        /// Begin, end or one-off.
        public let phase: TechnicalEvent.Phase
        /// How urgent it is.
        public let priority: TechnicalEvent.Priority
        /// Grid sample it refers to.
        public let firstSample: GridIndex?
        /// One sentence that says what happened.
        public let detail: String
    }
}

extension StreamInput.Fact {
    init(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase,
        _ priority: TechnicalEvent.Priority,
        _ firstSample: GridIndex?,
        _ detail: String
    ) {
        self.init(code: code, phase: phase, priority: priority, firstSample: firstSample, detail: detail)
    }

    static func oneOff(
        _ code: TechnicalEvent.Code,
        _ priority: TechnicalEvent.Priority,
        _ firstSample: GridIndex?,
        _ detail: String
    ) -> Self {
        Self(code, .timePoint, priority, firstSample, detail)
    }
}
