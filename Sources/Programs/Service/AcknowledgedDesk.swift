internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Station
internal import Wire
internal import ZeroMQ

/// Answers on their way to gateways: from the thread that decides to the one that owns the socket.
final class GatewayAnswers: Sendable {
    /// Answers that wait at most; what comes then is dropped, since every gateway asks again.
    static let waitingMax = 8_192

    private let queue = BoundedQueue<(connection: [UInt8], parts: [[UInt8]])>(countMax: waitingMax)
    /// Wakes the thread that sends.
    let wakeUp: WakeUp

    init() throws(ZeroMQError) { wakeUp = try WakeUp() }

    /// Puts answers in; it never waits, since the thread that sends may wait for the one that calls.
    func offer(_ answers: [ReceiptBook.Answer]) {
        guard !answers.isEmpty else { return }
        for (connection, reply) in answers {
            _ = queue.offer((connection, AcknowledgedFormat.frames(of: reply)))
        }
        wakeUp.signal()
    }

    /// Takes the answers that wait.
    func take() -> [(connection: [UInt8], parts: [[UInt8]])] {
        queue.pop(limit: GatewayAnswers.waitingMax, within: 0) ?? []
    }
}

/// What the daemon does with what comes at the endpoint of acknowledged gateways, before it is an entry of the log.
///
/// Only a chunk that is new becomes one; all else is answered here and counted here. So the log holds each chunk once,
/// and what stands in it is what was received.
struct AcknowledgedDesk {
    /// The endpoint, as it is configured.
    let endpoint: String
    private var book: ReceiptBook
    private let answers: GatewayAnswers
    private let recorder: Recorder
    private var putOff = PutOffChunks()
    private var counter = TechnicalCounter(.endpoint(AcknowledgedDesk.subject))
    private var totals: [(code: TechnicalEvent.Code, count: Int)] = []
    /// What is to be published of what was not taken.
    private var events: [Event] = []

    /// What its counts are of: messages that are no entries of the log, so that they are told apart from those that are.
    static let subject = "acknowledged"

    init(
        endpoint: String,
        _ receipts: LoggedReceipts,
        limits: ReceiptBook.Limits,
        answers: GatewayAnswers,
        recorder: Recorder
    ) {
        self.endpoint = endpoint
        book = ReceiptBook(receipts, limits: limits)
        self.answers = answers
        self.recorder = recorder
    }

    /// Takes a message, its routing id first; the chunk in it, where that is new and may be taken.
    mutating func take(
        _ parts: [[UInt8]],
        by peer: String,
        _ admission: Admission,
        at now: Arrival
    ) -> AcknowledgedChunk? {
        let connection = parts[0]
        switch AcknowledgedFormat.message(of: Array(parts.dropFirst())) {
        case .malformed(let reason): count(.frames, reason, at: now)
        case .unreadable(let epoch, let reason): refuse(connection, .decode, epoch, 0, reason, at: now)
        case .hello(let hello):
            guard admission.maySend(Sender(of: hello.stream), by: peer) else {
                refuse(connection, .notAllowed, hello.stream.epoch, 0, Self.noRight(peer), at: now)
                return nil
            }
            answer(connection, book.greet(hello, from: connection, at: now.monotonic), at: now)
        case .held(let held):
            if let stream = book.stream(of: held.epoch, from: connection),
                !admission.maySend(Sender(of: stream), by: peer)
            {
                refuse(connection, .notAllowed, held.epoch, 0, Self.noRight(peer), at: now)
                return nil
            }
            if let words = book.hear(held, from: connection, at: now.monotonic) {
                answer(connection, words, at: now)
            }
        case .chunk(let chunk):
            return judge(chunk, from: connection, by: peer, admission, at: now) ? chunk : nil
        }
        return nil
    }

    private mutating func judge(
        _ chunk: AcknowledgedChunk,
        from connection: [UInt8],
        by peer: String,
        _ admission: Admission,
        at now: Arrival
    ) -> Bool {
        guard chunk.isIntact else {
            let reason = "the last frame is not the CRC-32C of key, topic, zero byte and LeadChunk"
            refuse(connection, .checksum, chunk.epoch, chunk.number, reason, retry: 100, at: now)
            return false
        }
        guard let sender = chunk.sender else {
            let reason = "the third frame is not \(Topic.form)"
            refuse(connection, .topic, chunk.epoch, chunk.number, reason, at: now)
            return false
        }
        guard admission.maySend(sender, by: peer) else {
            refuse(connection, .notAllowed, chunk.epoch, chunk.number, Self.noRight(peer), at: now)
            return false
        }
        switch book.judge(
            chunk.number,
            of: chunk.epoch,
            by: sender,
            check: chunk.check,
            from: connection,
            at: now.monotonic
        ) {
        case .new: return true
        case .known: return false
        case .refused(let words):
            answer(connection, .rejection(words), at: now)
            return false
        }
    }

    /// Why a chunk, which holds `read`, is not taken now and may be later; nil where it is taken.
    mutating func deferral(
        of chunk: AcknowledgedChunk,
        _ read: LeadChunk,
        _ admission: Admission,
        at now: Arrival
    ) -> Refusal? {
        if let refusal = putOff.refusal(of: chunk, at: now.monotonic) { return refusal }
        guard let refusal = admission.deferral(of: read, at: now) else { return nil }
        putOff.note(chunk, refusal.code, at: now.monotonic)
        return refusal
    }

    /// The chunk is not taken now, and not logged; its gateway sends it again.
    mutating func postpone(
        _ chunk: AcknowledgedChunk,
        to connection: [UInt8],
        _ refusal: Refusal,
        at now: Arrival
    ) {
        let pause: UInt32 = refusal.code == .full ? 5_000 : 1_000
        refuse(connection, refusal.code, chunk.epoch, chunk.number, refusal.detail, retry: pause, at: now)
    }

    /// The chunk is taken, or was refused for good; it has that position in the log, nil where nothing is logged any more.
    mutating func receive(
        _ chunk: AcknowledgedChunk,
        from connection: [UInt8],
        gatewayTime: MonotonicNanoseconds?,
        position: Int?,
        _ refusal: Refusal?,
        at now: Arrival
    ) {
        guard let stream = chunk.stream else { return }
        book.take(
            chunk.number,
            of: stream,
            check: chunk.check,
            gatewayTime: gatewayTime,
            position: position,
            at: now.monotonic
        )
        guard let refusal else { return }
        let words = ChunkRejection(
            epoch: chunk.epoch,
            sequence: chunk.number,
            code: refusal.code.rawValue,
            detail: refusal.detail
        )
        answers.offer([(connection, .rejection(words))])
    }

    /// Looks how far the log has come, and tells gateways what is due.
    mutating func turn(at now: Arrival) -> [Event] {
        if recorder.hasFailed { book.failLog() } else { book.advance(through: recorder.keptThrough) }
        answers.offer(book.takeAnswers(at: now.monotonic))
        events += counter.flush(at: now)
        defer { events = [] }
        return events
    }

    /// What was not taken, by code, since the start.
    var refusedCounts: [(endpoint: String, code: TechnicalEvent.Code, count: Int)] {
        totals.map { (AcknowledgedDesk.subject, $0.code, $0.count) }
    }

    private static func noRight(_ peer: String) -> String {
        "the key \(peer.isEmpty ? "(none)" : peer) may not send for this patient by this device; if it should, name both in "
            + "the authorisation file"
    }

    private mutating func refuse(
        _ connection: [UInt8],
        _ code: TechnicalEvent.Code,
        _ epoch: UInt64,
        _ number: UInt64,
        _ reason: String,
        retry: UInt32? = nil,
        at now: Arrival
    ) {
        let words = ChunkRejection(
            epoch: epoch,
            sequence: number,
            code: code.rawValue,
            detail: reason,
            retryMilliseconds: retry
        )
        answer(connection, .rejection(words), at: now)
    }

    private mutating func answer(_ connection: [UInt8], _ reply: GatewayReply, at now: Arrival) {
        answers.offer([(connection, reply)])
        guard case .rejection(let words) = reply, let code = TechnicalEvent.Code(rawValue: words.code) else {
            return
        }
        count(code, words.detail, at: now)
    }

    private mutating func count(_ code: TechnicalEvent.Code, _ detail: String, at now: Arrival) {
        if let place = totals.firstIndex(where: { $0.code == code }) {
            totals[place].count += 1
        } else {
            totals.append((code, 1))
        }
        if let event = counter.count(code, firstSample: nil, detail: detail, at: now) { events.append(event) }
    }
}
