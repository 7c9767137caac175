public import ECGSignal
public import Findings

/// Decides which chunks of acknowledged gateways are new, and what each gateway is told of its own: a value that knows
/// neither socket nor disk.
///
/// A chunk is *received* once it was handed to the log, and *durable* once the log has told that it holds it. Both are
/// known by stream and number, so what comes again is acknowledged again and not taken twice. What a gateway no longer
/// has and never came is given up, so a hole never stalls. Whoever logs hands each chunk a position in the log, from 1 on
/// and rising, and tells how far the log has come.
public struct ReceiptBook: Sendable {
    /// What bounds it, and what it promises.
    public struct Limits: Sendable, Equatable {
        /// Streams that are remembered at most.
        public var streamsMax = 2_000
        /// A stream that was not heard of for so long gives its place to a new one where there is none.
        public var idle: MonotonicNanoseconds = 60_000_000_000
        /// Bytes of chunks that a gateway may have under way for one stream.
        public var windowBytes: UInt32 = 1 << 20
        /// What a durable chunk survives.
        public var level = AcknowledgementLevel.power
        /// The limits by default.
        public init() {}
    }

    /// What is to be done with a chunk.
    public enum Verdict: Sendable, Equatable {
        /// It is new: whoever asks takes it, or refuses it for good, and says `take`.
        case new(StreamIdentity)
        /// It came before, or was given up; it is acknowledged, and that is all.
        case known
        /// It is not taken.
        case refused(ChunkRejection)
    }

    /// How a gateway is answered: the routing id of its connection, and the words.
    public typealias Answer = (connection: [UInt8], reply: GatewayReply)

    private struct Place: Hashable {
        let connection: [UInt8]
        let epoch: UInt64
    }

    private let limits: Limits
    private let journal: UInt64
    private var slots: [StreamIdentity: Int] = [:]
    private var places: [Place: Int] = [:]
    private var streams: [Int: StreamReceipts] = [:]
    private var nextSlot = 0
    /// Chunks that the log does not hold yet, in the order of their positions.
    private var pending: [(position: Int, slot: Int, number: UInt64)] = []
    /// Those of `pending` that are settled already.
    private var settled = 0
    /// Streams of which a gateway is to be told something, in the order in which that arose.
    private var news: [Int] = []
    /// Streams whose given up chunks wait for the log.
    private var floored: [Int] = []
    private var lastPosition = 0
    private var writtenThrough = 0
    /// Whether the log takes nothing more: then nothing becomes durable any more, and all else goes on.
    public private(set) var hasLogFailed = false

    /// A book that remembers what the log does.
    public init(_ logged: LoggedReceipts, limits: Limits = Limits()) {
        self.limits = limits
        journal = logged.journal
        for (stream, numbers) in logged.streams.suffix(limits.streamsMax) {
            slots[stream] = nextSlot
            streams[nextSlot] = StreamReceipts(
                stream,
                numbers,
                checks: logged.checks(of: stream),
                heard: .min
            )
            nextSlot += 1
        }
    }

    /// Streams that are remembered.
    public var streamCount: Int { streams.count }
    /// Chunks whose content is remembered, and those that wait for the log.
    public var chunkCount: Int { streams.values.reduce(pending.count - settled) { $0 + $1.checkCount } }

    // MARK: what gateways say

    /// A gateway says what it has of a stream; the answer to it.
    public mutating func greet(
        _ hello: StreamHello,
        from connection: [UInt8],
        at now: MonotonicNanoseconds
    ) -> GatewayReply {
        let place = Place(connection: connection, epoch: hello.stream.epoch)
        if let other = places[place], streams[other]?.stream != hello.stream {
            return refuse(
                hello,
                .mismatch,
                "the epoch is another stream's on this connection; draw one for each"
            )
        }
        // Only of the first HELLO of a connection: a later one may be older than the chunks that overtook it.
        if places[place] == nil, let slot = slots[hello.stream], let known = streams[slot],
            hello.next <= known.received.newest
        {
            return refuse(
                hello,
                .sequenceReused,
                "next_seq is \(hello.next), and chunks up to \(known.received.newest) are here; draw a new epoch where "
                    + "counters start anew"
            )
        }
        guard let slot = slots[hello.stream] ?? newSlot(for: hello.stream, at: now) else {
            return refuse(
                hello,
                .full,
                "\(limits.streamsMax) streams are remembered; close some, or raise --streams-max",
                retry: 5_000
            )
        }
        if let former = streams[slot]?.connection {
            places[Place(connection: former, epoch: hello.stream.epoch)] = nil
        }
        places[place] = slot
        streams[slot]?.connection = connection
        streams[slot]?.hear(hello.oldestHeld, at: now, after: lastPosition)
        settle(slot)
        tell(slot, isAsked: true)
        let durable = streams[slot]?.durable.through ?? 0
        return .welcome(
            StreamWelcome(
                epoch: hello.stream.epoch,
                resendFrom: max(durable + 1, hello.oldestHeld),
                windowChunks: UInt32(ReceivedNumbers.window),
                windowBytes: limits.windowBytes,
                level: limits.level,
                journal: journal
            )
        )
    }

    /// A gateway says what it still has; an acknowledgement follows, or the answer is that it has not greeted.
    ///
    /// A gateway that never learnt of this daemon's restart, and has nothing more to send, would wait for ever otherwise.
    public mutating func hear(
        _ held: HeldChunks,
        from connection: [UInt8],
        at now: MonotonicNanoseconds
    ) -> GatewayReply? {
        guard let slot = places[Place(connection: connection, epoch: held.epoch)] else {
            return .rejection(ReceiptBook.stall(held.epoch, 0, ReceiptBook.unknownEpoch))
        }
        streams[slot]?.hear(held.oldestHeld, at: now, after: lastPosition)
        settle(slot)
        tell(slot, isAsked: true)
        return nil
    }

    /// The stream that a connection greeted for with that epoch; nil where it did not.
    public func stream(of epoch: UInt64, from connection: [UInt8]) -> StreamIdentity? {
        places[Place(connection: connection, epoch: epoch)].flatMap { streams[$0]?.stream }
    }

    private static let unknownEpoch = "no HELLO for this epoch came by this connection; send it first"

    /// The refusal of what came too early; it may come again after a moment.
    private static func stall(_ epoch: UInt64, _ number: UInt64, _ detail: String) -> ChunkRejection {
        ChunkRejection(
            epoch: epoch,
            sequence: number,
            code: TechnicalEvent.Code.stall.rawValue,
            detail: detail,
            retryMilliseconds: 100
        )
    }

    /// What a chunk is; `check` is the CRC-32C of all that it holds.
    public mutating func judge(
        _ number: UInt64,
        of epoch: UInt64,
        by sender: Sender,
        check: UInt32,
        from connection: [UInt8],
        at now: MonotonicNanoseconds
    ) -> Verdict {
        func refused(_ code: TechnicalEvent.Code, _ detail: String) -> Verdict {
            .refused(ChunkRejection(epoch: epoch, sequence: number, code: code.rawValue, detail: detail))
        }
        guard let slot = places[Place(connection: connection, epoch: epoch)], let known = streams[slot] else {
            return .refused(ReceiptBook.stall(epoch, number, ReceiptBook.unknownEpoch))
        }
        guard Sender(of: known.stream) == sender else {
            return refused(.mismatch, "the topic is another stream's than the HELLO of this epoch")
        }
        guard number > 0 else { return refused(.range, "seq is 0; chunks are counted from 1") }
        guard number <= known.received.through + ReceivedNumbers.window else {
            let detail =
                "seq is more than \(ReceivedNumbers.window) beyond received_through; keep to the window"
            return .refused(ReceiptBook.stall(epoch, number, detail))
        }
        streams[slot]?.lastHeard = now
        guard known.received.contains(number) else { return .new(known.stream) }
        if let first = known.check(of: number), first != check {
            return refused(
                .sequenceReused,
                "seq came before with other content; the first stays, count every chunk"
            )
        }
        streams[slot]?.chunksSinceTold += 1
        tell(slot)
        return .known
    }

    /// A chunk that was new has been taken: it has that position in the log, nil where the log takes nothing.
    public mutating func take(
        _ number: UInt64,
        of stream: StreamIdentity,
        check: UInt32,
        gatewayTime: MonotonicNanoseconds? = nil,
        position: Int?,
        at now: MonotonicNanoseconds
    ) {
        guard let slot = slots[stream] else { return }
        streams[slot]?.take(number, check: check)
        if let gatewayTime { streams[slot]?.echo = (gatewayTime, now) }
        tell(slot)
        guard let position, !hasLogFailed else { return }
        lastPosition = max(lastPosition, position)
        pending.append((position, slot, number))
    }

    // MARK: what the log says

    /// The log holds everything up to that position, as the level asks for it.
    public mutating func advance(through position: Int) {
        guard !hasLogFailed, position > writtenThrough else { return }
        writtenThrough = position
        var touched: [Int] = []
        while settled < pending.count, pending[settled].position <= position {
            let (_, slot, number) = pending[settled]
            if streams[slot]?.settle(number) == true { touched.append(slot) }
            settled += 1
        }
        if settled == pending.count {
            pending.removeAll(keepingCapacity: true)
            settled = 0
        } else if settled > 1_024 {
            pending.removeFirst(settled)
            settled = 0
        }
        for slot in touched { tell(slot) }
        let waiting = floored
        floored = []
        for slot in waiting {
            settle(slot)
            tell(slot)
        }
    }

    /// The log takes nothing more.
    public mutating func failLog() {
        hasLogFailed = true
        pending = []
        settled = 0
    }

    // MARK: what gateways are told

    /// What gateways are to be told now: of each stream at most every 100 ms, after 64 chunks, or where it was asked for.
    public mutating func takeAnswers(at now: MonotonicNanoseconds) -> [Answer] {
        var answers: [Answer] = []
        var waiting: [Int] = []
        for slot in news {
            guard let connection = streams[slot]?.connection else {
                streams[slot]?.hasNews = false
                continue
            }
            if let words = streams[slot]?.acknowledgement(at: now) {
                answers.append((connection, .acknowledgement(words)))
            } else {
                waiting.append(slot)
            }
        }
        news = waiting
        return answers
    }

    private mutating func tell(_ slot: Int, isAsked: Bool = false) {
        guard let known = streams[slot] else { return }
        if isAsked { streams[slot]?.isAsked = true }
        guard !known.hasNews else { return }
        streams[slot]?.hasNews = true
        news.append(slot)
    }

    private mutating func settle(_ slot: Int) {
        guard !hasLogFailed else { return }
        streams[slot]?.settleFloors(through: writtenThrough)
        if streams[slot]?.hasFloors == true, !floored.contains(slot) { floored.append(slot) }
    }

    private func refuse(
        _ hello: StreamHello,
        _ code: TechnicalEvent.Code,
        _ detail: String,
        retry: UInt32? = nil
    ) -> GatewayReply {
        .rejection(
            ChunkRejection(
                epoch: hello.stream.epoch,
                sequence: 0,
                code: code.rawValue,
                detail: detail,
                retryMilliseconds: retry
            )
        )
    }

    /// The stream that gives its place to a new one: the oldest of those that were not heard of for long, of those of the same
    /// patient and device, or of those of which no chunk ever came, so that nobody can take every place with words alone.
    private func leaving(
        for stream: StreamIdentity,
        at now: MonotonicNanoseconds
    ) -> (key: Int, value: StreamReceipts)? {
        func oldest(_ fits: (StreamReceipts) -> Bool) -> (key: Int, value: StreamReceipts)? {
            streams.filter { fits($0.value) }
                .min { ($0.value.lastHeard, $0.key) < ($1.value.lastHeard, $1.key) }
        }
        let sender = Sender(of: stream)
        return oldest { $0.lastHeard == .min || now - $0.lastHeard >= limits.idle }
            ?? oldest { Sender(of: $0.stream) == sender } ?? oldest { !$0.hasTaken }
    }

    /// A place for a stream; nil where there is none.
    private mutating func newSlot(for stream: StreamIdentity, at now: MonotonicNanoseconds) -> Int? {
        if streams.count >= limits.streamsMax {
            guard let (slot, idle) = leaving(for: stream, at: now) else { return nil }
            slots[idle.stream] = nil
            if let connection = idle.connection {
                places[Place(connection: connection, epoch: idle.stream.epoch)] = nil
            }
            streams[slot] = nil
        }
        nextSlot += 1
        slots[stream] = nextSlot
        streams[nextSlot] = StreamReceipts(stream, heard: now)
        return nextSlot
    }
}
