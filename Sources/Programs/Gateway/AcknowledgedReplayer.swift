public import ECGSignal
internal import Messaging
internal import Wire
public import ZeroMQ

/// Sends a plan so that nothing is lost: each chunk is kept until the daemon has it on its disk.
///
/// A recording can wait and a patient cannot: where a store is full this one waits, and nothing is let go of.
public struct AcknowledgedReplayer {
    /// How a replay ended.
    public enum Outcome: Sendable, Equatable {
        /// Every chunk of every stream is durable.
        case acknowledged
        /// It was told to stop.
        case interrupted
        /// The daemon refuses streams for good; the first of its reasons.
        case refused(String)
        /// Nothing has become durable for so long; so many chunks are still kept here, and the daemon answers or not.
        case unacknowledged(chunks: Int, isHeard: Bool)
    }

    /// How far it has come.
    public struct Progress: Sendable, Equatable {
        /// Chunks that were read of the recordings.
        public var chunks = 0
        /// Of these, chunks that are durable.
        public var durable = 0
        /// Samples in them, over all leads.
        public var samples = 0
        /// Chunks that were sent again.
        public var resent = 0
        /// How often a new connection was made.
        public var reconnects = 0
        /// Nanoseconds of the plan that were read.
        public var elapsed: MonotonicNanoseconds = 0
        /// What the daemon refused for good, the first of it.
        public var refusal: String?
        /// How often the daemon put messages off, over all streams.
        public var pauses = 0
        /// Why it did, for the newest of one stream.
        public var pauseReason: String?
    }

    /// Bytes that all stores hold together.
    private static let bytesMax = 256 << 20
    /// Messages of one stream in turn, so that none starves another.
    private static let messagesInTurn = 64

    private let speed: Replayer.Speed
    private let patience: MonotonicNanoseconds
    private let start = ContinuousClock.now
    private var streams: [AcknowledgedStream] = []
    private var places: [UInt64: Int] = [:]
    private var waiting: ReplayPlan.Step?
    private var isRead = false
    private var lastHeard: MonotonicNanoseconds?
    /// When something became durable, or nothing was left that could.
    private var lastDurable: MonotonicNanoseconds = 0
    private var lastAsked: MonotonicNanoseconds = 0
    /// How far it has come.
    public private(set) var progress = Progress()

    /// Makes a replayer of a speed that gives up after `patience` without anything that becomes durable.
    public init(speed: Replayer.Speed, patience: Duration) {
        self.speed = speed
        self.patience = MonotonicNanoseconds(patience / .nanoseconds(1))
    }

    private var now: MonotonicNanoseconds { MonotonicNanoseconds(start.duration(to: .now) / .nanoseconds(1)) }

    /// Sends what `plan` has left, until all of it is durable.
    ///
    /// `isInterrupted` is asked, and `report` told, at least every 200 ms.
    /// - Throws: `ZeroMQError`; `Refusal` where a chunk cannot stand on the wire; `RecordingError` where a recording
    ///   cannot be read any more.
    public mutating func run(
        _ plan: inout ReplayPlan,
        to endpoint: Endpoint,
        in context: Context,
        isInterrupted: () -> Bool,
        report: (Progress) -> Void
    ) throws -> Outcome {
        var socket = try AcknowledgedSocket(endpoint, in: context)
        let pace = Pace(speed)
        begin(plan)
        while true {
            if isInterrupted() { return .interrupted }
            try read(&plan, pace)
            let hasSent = try send(over: socket)
            if try !hear(socket, within: hasSent ? .zero : .milliseconds(10)), hasSent {
                _ = try hear(socket, within: .milliseconds(1))
            }
            if socket.isLost || streams.contains(where: { $0.isStuck(at: now) }) {
                try socket.renew()
                for place in streams.indices { streams[place].reconnect() }
            }
            note(socket.renewals)
            ask()
            report(progress)
            if let outcome = outcome() { return outcome }
        }
    }

    private mutating func begin(_ plan: ReplayPlan) {
        var limits = AcknowledgedStream.Limits()
        limits.bytes = max(1 << 20, AcknowledgedReplayer.bytesMax / max(1, plan.streams.count))
        for stream in plan.streams {
            places[stream.epoch] = streams.count
            streams.append(AcknowledgedStream(stream, name: "shinden replay", limits: limits))
        }
    }

    /// Reads what is due, as far as the stores have room.
    private mutating func read(_ plan: inout ReplayPlan, _ pace: Pace) throws {
        var count = 0
        while count < AcknowledgedReplayer.messagesInTurn * max(1, streams.count) {
            if waiting == nil {
                waiting = try plan.next()
                isRead = waiting == nil
            }
            guard let step = waiting, pace.timeUntil(step.due) == nil,
                let place = places[step.chunk.stream.epoch], streams[place].hasRoom
            else { return }
            streams[place].append(try ChunkEncoder.frames(step.chunk), isLast: step.chunk.isLast)
            waiting = nil
            count += 1
            progress.chunks += 1
            progress.samples += step.chunk.leads.reduce(0) { $0 + $1.samples.count }
            progress.elapsed = step.due
        }
    }

    /// Sends what the daemon's windows let through; whether anything was.
    private mutating func send(over socket: borrowing AcknowledgedSocket) throws -> Bool {
        var hasSent = false
        for place in streams.indices {
            for _ in 0..<AcknowledgedReplayer.messagesInTurn {
                // A copy is asked, so that a message for which there is no room is still to be sent.
                var stream = streams[place]
                guard let words = stream.next(at: now) else { break }
                let parts =
                    switch words {
                    case .hello(let hello): AcknowledgedFormat.frames(of: hello)
                    case .held(let held): AcknowledgedFormat.frames(of: held)
                    case .chunk(let number, let frames):
                        AcknowledgedChunk(
                            epoch: stream.stream.epoch,
                            number: number,
                            topic: frames[0],
                            body: frames[1]
                        ).parts
                    }
                guard try socket.send(parts) else { return hasSent }
                streams[place] = stream
                hasSent = true
            }
        }
        return hasSent
    }

    /// Takes what the daemon says; whether it said anything.
    private mutating func hear(_ socket: borrowing AcknowledgedSocket, within time: Duration) throws -> Bool {
        let replies = try socket.replies(within: time)
        for reply in replies {
            lastHeard = now
            guard let place = places[reply.epoch] else { continue }
            let before = streams[place].durableThrough
            streams[place].take(reply, at: now)
            if streams[place].durableThrough > before { lastDurable = now }
        }
        return !replies.isEmpty
    }

    private mutating func note(_ renewals: Int) {
        progress.reconnects = renewals
        progress.durable = streams.reduce(0) { $0 + Int(min($1.durableThrough, $1.nextNumber - 1)) }
        progress.resent = streams.reduce(0) { $0 + $1.resentCount }
        if keptCount == 0 { lastDurable = now }
        progress.refusal = progress.refusal ?? streams.lazy.compactMap(\.refusal).first
        progress.pauses = streams.reduce(0) { $0 + $1.pauseCount }
        progress.pauseReason = streams.lazy.compactMap(\.pauseReason).first
    }

    /// Halfway through its patience it asks what is held, so that a daemon whose disk stands still is told from none.
    private mutating func ask() {
        guard keptCount > 0, now - max(lastDurable, lastAsked) >= patience / 2 else { return }
        lastAsked = now
        for place in streams.indices { streams[place].ask() }
    }

    private func outcome() -> Outcome? {
        if isRead, waiting == nil, streams.allSatisfy(\.isComplete) { return .acknowledged }
        if let reason = streams.lazy.compactMap(\.stopReason).first { return .refused(reason) }
        let kept = keptCount
        guard kept > 0, now - lastDurable >= patience else { return nil }
        return .unacknowledged(chunks: kept, isHeard: lastHeard.map { now - $0 < patience } ?? false)
    }

    /// Chunks that are not durable yet.
    private var keptCount: Int {
        streams.reduce(0) { $0 + Int($1.nextNumber - 1 - min($1.durableThrough, $1.nextNumber - 1)) }
    }
}
