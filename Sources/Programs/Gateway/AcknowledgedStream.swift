public import ECGSignal

/// One stream of a gateway that loses nothing: its store of chunks that are not durable yet, and what it sends next.
///
/// It is a value that knows neither socket nor clock. Chunks go out in rising order, from where the daemon's welcome says,
/// within its window; what is not acknowledged is sent again after every new connection. Where the store is full the
/// oldest chunk goes, and the daemon is told, so that it does not wait for it.
public struct AcknowledgedStream: Sendable {
    /// What bounds the store.
    public struct Limits: Sendable, Equatable {
        /// Chunks in it at most.
        public var chunks = 8_192
        /// Bytes in it at most.
        public var bytes = 64 << 20
        /// The limits by default.
        public init() {}
    }

    /// What is to be sent.
    public enum Outgoing: Sendable, Equatable {
        /// What the stream has.
        case hello(StreamHello)
        /// A chunk: topic and body.
        case chunk(UInt64, frames: [[UInt8]])
        /// What the store has.
        case held(HeldChunks)
    }

    /// Where the dialogue stands.
    private enum State: Equatable {
        /// Nothing was said on this connection yet.
        case silent
        case greeted(MonotonicNanoseconds)
        case open
        /// The daemon asked for a pause, until then.
        case resting(MonotonicNanoseconds)
        /// The daemon refuses the stream for good.
        case stopped(String)
    }

    private struct Kept: Sendable {
        let frames: [[UInt8]]
        let bytes: Int
        var refusals = 0
    }

    /// Without an answer for so long the connection is given up.
    static let patience: MonotonicNanoseconds = 3_000_000_000
    /// Where nothing becomes durable for so long, although it is received, people are watched on: the window counts from
    /// what is received then.
    static let diskPatience: MonotonicNanoseconds = 2_000_000_000
    private static let heldInterval: MonotonicNanoseconds = 5_000_000_000
    /// A chunk whose check fails so often is damaged here, and is let go of.
    private static let refusalsMax = 3

    /// The stream that is sent.
    public let stream: StreamIdentity
    private let name: String
    private let limits: Limits
    private var state = State.silent
    /// Chunks from `first` on; nil where one was let go of out of turn.
    private var store: [Kept?] = []
    private var first: UInt64 = 1
    private var storedBytes = 0
    private var isClosed = false
    private var window = (chunks: UInt64(1), bytes: 0)
    private var journal: UInt64 = 0
    private var next: UInt64 = 1
    private var receivedThrough: UInt64 = 0
    private var lastHeld: MonotonicNanoseconds = 0
    private var mustTellHeld = false
    /// When the daemon was told what is held, and has not answered since.
    private var unansweredSince: MonotonicNanoseconds?
    private var lastProgress: MonotonicNanoseconds = 0
    private var lastDurable: MonotonicNanoseconds = 0
    /// Every chunk up to this one is durable, or was let go of.
    public private(set) var durableThrough: UInt64 = 0
    /// Chunks that went from the store before they were durable.
    public private(set) var lostCount = 0
    /// Chunks that were sent more than once.
    public private(set) var resentCount = 0
    private var sentThrough: UInt64 = 0
    /// What the daemon refused for good, the first of it; such a chunk counts as received.
    public private(set) var refusal: String?
    /// How often the daemon asked for a pause, after which what it has not taken is sent again.
    public private(set) var pauseCount = 0
    /// Why it last did.
    public private(set) var pauseReason: String?

    /// A stream that has made no chunk yet.
    public init(_ stream: StreamIdentity, name: String, limits: Limits = Limits()) {
        self.stream = stream
        self.name = name
        self.limits = limits
    }

    /// The number of the next chunk.
    public var nextNumber: UInt64 { first + UInt64(store.count) }
    /// Whether a chunk can be kept without another one going.
    public var hasRoom: Bool { store.count < limits.chunks && storedBytes < limits.bytes }
    /// Whether the epoch has ended and all of it is durable.
    public var isComplete: Bool { isClosed && durableThrough + 1 >= nextNumber }
    /// Why the daemon refuses the stream for good; nil where it does not.
    public var stopReason: String? { if case .stopped(let reason) = state { reason } else { nil } }

    /// The oldest chunk that can still be sent.
    var oldestHeld: UInt64 {
        store.firstIndex { $0 != nil }.map { first + UInt64($0) } ?? nextNumber
    }

    /// Whether chunks wait that the daemon's window has no room for, or did at the last look.
    var isHeldBack: Bool { state == .open && max(next, first) < nextNumber }

    /// Keeps the next chunk until it is durable; its number must be `nextNumber`.
    public mutating func append(_ frames: [[UInt8]], isLast: Bool) {
        while !hasRoom, !store.isEmpty {
            if let gone = store.removeFirst() {
                storedBytes -= gone.bytes
                lostCount += 1
                mustTellHeld = true
            }
            first += 1
        }
        let bytes = frames.reduce(0) { $0 + $1.count }
        store.append(Kept(frames: frames, bytes: bytes))
        storedBytes += bytes
        isClosed = isLast
    }

    /// The connection is another one: all that was said is to be said again.
    public mutating func reconnect() {
        if case .stopped = state { return }
        state = .silent
    }

    /// The next words are what is held, which the daemon answers.
    public mutating func ask() { mustTellHeld = true }

    /// Whether the daemon has been silent for too long, so that a new connection is to be made.
    public func isStuck(at now: MonotonicNanoseconds) -> Bool {
        switch state {
        case .greeted(let since): now - since >= AcknowledgedStream.patience
        case .open:
            next > receivedThrough + 1 && now - lastProgress >= AcknowledgedStream.patience
                || unansweredSince.map { now - $0 >= AcknowledgedStream.patience } ?? false
        case .silent, .resting, .stopped: false
        }
    }

    /// What is to be sent now; nil where nothing is, or where the daemon is waited for.
    public mutating func next(at now: MonotonicNanoseconds) -> Outgoing? {
        switch state {
        case .stopped, .greeted: return nil
        case .resting(let until) where now < until: return nil
        case .silent, .resting:
            guard nextNumber > 1 else { return nil }
            state = .greeted(now)
            lastHeld = now
            mustTellHeld = false
            return .hello(
                StreamHello(
                    gateway: name,
                    stream: stream,
                    oldestHeld: oldestHeld,
                    next: nextNumber,
                    isClosed: isClosed
                )
            )
        case .open: break
        }
        if mustTellHeld || now - lastHeld >= AcknowledgedStream.heldInterval {
            mustTellHeld = false
            lastHeld = now
            unansweredSince = unansweredSince ?? now
            return .held(HeldChunks(epoch: stream.epoch, oldestHeld: oldestHeld, next: nextNumber))
        }
        return nextChunk(at: now)
    }

    private mutating func nextChunk(at now: MonotonicNanoseconds) -> Outgoing? {
        next = max(next, first)
        while next < nextNumber, store[Int(next - first)] == nil { next += 1 }
        guard next < nextNumber, let kept = store[Int(next - first)] else { return nil }
        let isDiskStuck = now - lastDurable >= AcknowledgedStream.diskPatience
        let base = isDiskStuck ? max(receivedThrough, durableThrough) : durableThrough
        if next > base + 1 {
            guard next - base <= window.chunks else { return nil }
            let from = max(base + 1, first)
            let under = from < next ? store[Int(from - first)..<Int(next - first)] : []
            guard under.reduce(kept.bytes, { $0 + ($1?.bytes ?? 0) }) <= window.bytes else { return nil }
        }
        if next <= receivedThrough + 1 { lastProgress = now }
        if next <= durableThrough + 1 { lastDurable = now }
        if next <= sentThrough { resentCount += 1 }
        let number = next
        sentThrough = max(sentThrough, number)
        next += 1
        return .chunk(number, frames: kept.frames)
    }

    /// Takes what the daemon says of this stream.
    public mutating func take(_ reply: GatewayReply, at now: MonotonicNanoseconds) {
        switch reply {
        case .welcome(let welcome):
            guard case .greeted = state else { return }
            state = .open
            window = (UInt64(max(1, welcome.windowChunks)), Int(welcome.windowBytes))
            let from = max(welcome.resendFrom, 1)
            if welcome.journal == journal {
                forget(through: from - 1, at: now)
            } else {
                durableThrough = from - 1
            }
            journal = welcome.journal
            drop(through: durableThrough)
            next = from
            receivedThrough = from - 1
            (lastProgress, lastDurable) = (now, now)
            unansweredSince = nil
        case .acknowledgement(let words):
            guard state == .open else { return }
            unansweredSince = nil
            if words.receivedThrough > receivedThrough { lastProgress = now }
            receivedThrough = max(receivedThrough, words.receivedThrough)
            next = max(next, receivedThrough + 1)
            forget(through: words.durableThrough, at: now)
            if receivedThrough <= durableThrough { lastDurable = now }
        case .rejection(let words): take(words, at: now)
        }
    }

    private mutating func take(_ words: ChunkRejection, at now: MonotonicNanoseconds) {
        if case .stopped = state { return }
        let pause = words.retryMilliseconds.map { MonotonicNanoseconds($0) * 1_000_000 }
        if pause != nil {
            pauseCount += 1
            pauseReason = "\(words.code): \(words.detail)"
        }
        guard words.sequence > 0 else {
            state = pause.map { .resting(now + $0) } ?? .stopped("\(words.code): \(words.detail)")
            return
        }
        guard let pause else {
            refusal = refusal ?? "\(words.code): \(words.detail)"
            return
        }
        guard state == .open else { return }
        if words.code == "CRC", words.sequence >= first, words.sequence < nextNumber {
            let place = Int(words.sequence - first)
            store[place]?.refusals += 1
            if let kept = store[place], kept.refusals >= AcknowledgedStream.refusalsMax {
                storedBytes -= kept.bytes
                store[place] = nil
                lostCount += 1
                mustTellHeld = true
            }
        }
        state = .resting(now + pause)
    }

    private mutating func forget(through number: UInt64, at now: MonotonicNanoseconds) {
        guard number > durableThrough else { return }
        durableThrough = number
        lastDurable = now
        drop(through: number)
    }

    private mutating func drop(through number: UInt64) {
        guard number >= first else { return }
        let count = min(Int(number - first) + 1, store.count)
        for kept in store.prefix(count) { storedBytes -= kept?.bytes ?? 0 }
        store.removeFirst(count)
        first += UInt64(count)
    }
}
