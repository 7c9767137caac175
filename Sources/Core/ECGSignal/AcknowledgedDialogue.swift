/// What a gateway and the daemon say to each other on the path with acknowledgements, beside the chunks.

/// What a chunk survives once it is acknowledged as durable.
public enum AcknowledgementLevel: String, Sendable, CaseIterable {
    /// An end of the daemon, however it comes: the chunk was written to the log.
    case process
    /// A loss of power too: the disk was asked to keep it, and said that it does.
    case power
}

/// What a gateway says of a stream after every connect.
public struct StreamHello: Sendable, Equatable {
    /// The gateway's name for logs, at most 64 bytes of it.
    public var gateway: String
    /// The stream that the gateway sends.
    public var stream: StreamIdentity
    /// The oldest chunk that the gateway can still send; `next` where it has none.
    public var oldestHeld: UInt64
    /// The number that the gateway gives to its next new chunk.
    public var next: UInt64
    /// Whether the epoch has ended, so that `next - 1` was its last chunk.
    public var isClosed: Bool

    /// Makes the message of its parts.
    public init(
        gateway: String,
        stream: StreamIdentity,
        oldestHeld: UInt64,
        next: UInt64,
        isClosed: Bool = false
    ) {
        self.gateway = gateway
        self.stream = stream
        self.oldestHeld = oldestHeld
        self.next = next
        self.isClosed = isClosed
    }
}

/// What a gateway says of its store: after it let go of chunks that were not durable, and every 5 s.
public struct HeldChunks: Sendable, Equatable {
    /// The stream's epoch.
    public var epoch: UInt64
    /// The oldest chunk that the gateway can still send; `next` where it has none.
    public var oldestHeld: UInt64
    /// The number that the gateway gives to its next new chunk.
    public var next: UInt64

    /// Makes the message of its parts.
    public init(epoch: UInt64, oldestHeld: UInt64, next: UInt64) {
        self.epoch = epoch
        self.oldestHeld = oldestHeld
        self.next = next
    }
}

/// What the daemon answers to one `StreamHello` that it takes.
public struct StreamWelcome: Sendable, Equatable {
    /// The stream's epoch.
    public var epoch: UInt64
    /// The first chunk that is wanted.
    public var resendFrom: UInt64
    /// Chunks that may be under way at most.
    public var windowChunks: UInt32
    /// Bytes of chunks that may be under way at most; one chunk always may.
    public var windowBytes: UInt32
    /// What a durable chunk survives.
    public var level: AcknowledgementLevel
    /// The identity of the log that remembers; another one remembers nothing of what the former acknowledged.
    public var journal: UInt64

    /// Makes the message of its parts.
    public init(
        epoch: UInt64,
        resendFrom: UInt64,
        windowChunks: UInt32,
        windowBytes: UInt32,
        level: AcknowledgementLevel,
        journal: UInt64
    ) {
        self.epoch = epoch
        self.resendFrom = resendFrom
        self.windowChunks = windowChunks
        self.windowBytes = windowBytes
        self.level = level
        self.journal = journal
    }
}

/// What the daemon has of a stream.
public struct ChunkAcknowledgement: Sendable, Equatable {
    /// The stream's epoch.
    public var epoch: UInt64
    /// Every chunk up to this one was taken, refused for good or skipped.
    public var receivedThrough: UInt64
    /// The gateway may forget the chunks up to this one, and no others.
    public var durableThrough: UInt64
    /// The gateway's word that this takes into account.
    public var oldestHeld: UInt64
    /// Chunks that never came and that the gateway no longer has, since the last acknowledgement.
    public var skipped: [ClosedRange<UInt64>]
    /// The gateway's clock in the newest chunk; nil where there was none.
    public var echo: MonotonicNanoseconds?
    /// How long the daemon has held that chunk.
    public var hold: MonotonicNanoseconds

    /// Makes the message of its parts.
    public init(
        epoch: UInt64,
        receivedThrough: UInt64,
        durableThrough: UInt64,
        oldestHeld: UInt64,
        skipped: [ClosedRange<UInt64>] = [],
        echo: MonotonicNanoseconds? = nil,
        hold: MonotonicNanoseconds = 0
    ) {
        self.epoch = epoch
        self.receivedThrough = receivedThrough
        self.durableThrough = durableThrough
        self.oldestHeld = oldestHeld
        self.skipped = skipped
        self.echo = echo
        self.hold = hold
    }
}

/// That the daemon refuses a chunk, or with the number 0 a `StreamHello`.
public struct ChunkRejection: Sendable, Equatable {
    /// The stream's epoch; 0 where it could not be read.
    public var epoch: UInt64
    /// The chunk's number; 0 for a `StreamHello`.
    public var sequence: UInt64
    /// A word of the table of refusals.
    public var code: String
    /// The reason for people; no samples, no names.
    public var detail: String
    /// How long the gateway waits before it tries again, milliseconds; nil where that is in vain.
    public var retryMilliseconds: UInt32?

    /// Makes the message of its parts.
    public init(
        epoch: UInt64,
        sequence: UInt64,
        code: String,
        detail: String,
        retryMilliseconds: UInt32? = nil
    ) {
        self.epoch = epoch
        self.sequence = sequence
        self.code = code
        self.detail = detail
        self.retryMilliseconds = retryMilliseconds
    }
}

/// What the daemon says to a gateway.
public enum GatewayReply: Sendable, Equatable {
    /// The answer to a `StreamHello`.
    case welcome(StreamWelcome)
    /// What the daemon has.
    case acknowledgement(ChunkAcknowledgement)
    /// What it does not take.
    case rejection(ChunkRejection)

    /// The epoch of the stream that it concerns.
    public var epoch: UInt64 {
        switch self {
        case .welcome(let words): words.epoch
        case .acknowledgement(let words): words.epoch
        case .rejection(let words): words.epoch
        }
    }
}
