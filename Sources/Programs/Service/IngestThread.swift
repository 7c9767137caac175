internal import Access
internal import ECGSignal
internal import Messaging
internal import Station
internal import ZeroMQ

/// Owns the ingest sockets and does nothing but poll, log and poll again.
///
/// It alone makes entries of the log and stamps them, so their times never fall: a frame when it came, a tick once a
/// second, a command of an operator or another policy within the time of one poll, the shutdown as the last. A full ring
/// makes it wait, so the socket is not read; then libzmq's queue, TCP and the gateway hold the rest.
struct IngestThread: Sendable {
    let subscribe: [Endpoint]
    let bind: Endpoint
    let context: Context
    let ring: BoundedQueue<LoggedEntry<RawMessage>>
    let stop: WakeUp
    let isStopping: SharedFlag
    let state: DaemonState
    let links: LinkWatch
    let clocks: Clocks
    let outbox: EventQueue
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>
    /// The ROUTER of acknowledged gateways, in a context of its own, and what is to be told them; nil where there is none.
    var acknowledged: (endpoint: Endpoint, name: String, context: Context, answers: GatewayAnswers)?
    /// Commands and policies that are to be logged; the control thread puts them in.
    var requests = AnswerDesk().entries

    private static let tickNanoseconds: MonotonicNanoseconds = 1_000_000_000

    /// Opens the sockets, says so, and receives until it is stopped.
    func run() {
        defer {
            // What was asked for is done, and answered; from now on nobody can ask.
            requests.close()
            while let asked = requests.pop(limit: AnswerDesk.waitingMax) {
                for each in asked { _ = log(each) }
            }
            _ = log(.shutdown)
            ring.close()
        }
        var receiver = FrameReceiver(stop: stop, answers: acknowledged?.answers.wakeUp)
        do {
            let links = links
            let watch = state.peers.monitor(of: .frames)
            let watchAcknowledged = state.peers.monitor(of: .ingest)
            var real: [Endpoint] = []
            for (endpoint, binds) in [(bind, true)] + subscribe.map({ ($0, false) }) {
                real.append(
                    try receiver.open(endpoint, binds: binds, in: context) {
                        links.see($0, of: endpoint.text)
                        watch($0)
                    }
                )
            }
            if let (endpoint, name, context, _) = acknowledged {
                real.append(
                    try receiver.openRouter(endpoint, named: name, in: context) {
                        links.see($0, of: name)
                        watchAcknowledged($0)
                    }
                )
            }
            _ = opened.push(.success(real))
        } catch {
            _ = opened.push(.failure(error))
            return
        }
        receive(&receiver)
    }

    private func receive(_ receiver: inout FrameReceiver) {
        var quiet = QuietSearch()
        var blocked = BlockedIngest()
        var reopened = 0
        var nextTick = clocks.monotonic + IngestThread.tickNanoseconds
        while !isStopping.isSet {
            do {
                let count = try receiver.receive(timeout: .milliseconds(50)) { arrived in
                    logRequests()
                    let entry = LoggedEntry(
                        LoggedEntry<RawMessage>.Content.frame(
                            arrived.message,
                            endpoint: arrived.endpoint,
                            peer: arrived.user ?? ""
                        ),
                        at: clocks.now
                    )
                    if let link = arrived.link, case .parts(let parts) = arrived.message {
                        // At the ROUTER that is the connection's own number: a gateway that comes back lost nothing, so
                        // none is taken for one whose messages are lost.
                        links.hear(link, topic: parts[0], at: arrived.endpoint, now: entry.arrival.monotonic)
                    }
                    state.peers.hear(arrived.link, from: arrived.user, at: .frames)
                    let isTaken = ring.push(entry, weight: arrived.message.byteCount)
                    if let event = blocked.note(from: entry.arrival.monotonic, to: clocks.now) {
                        outbox.push(event, frame: nil)
                    }
                    return isTaken
                }
                for answer in acknowledged?.answers.take() ?? [] {
                    try receiver.answer(answer.connection, answer.parts)
                }
                logRequests()
                if state.reopening.number != reopened {
                    reopened = state.reopening.number
                    try receiver.reopen()
                }
                // Fewer than the most that one socket is asked for: every socket was seen empty.
                let now = clocks.monotonic
                let isQuiet = quiet.look(at: now, isEmpty: count < FrameReceiver.messagesMax)
                guard now >= nextTick else { continue }
                _ = log(.tick(isQuiet: isQuiet))
                nextTick += IngestThread.tickNanoseconds
                // After it was held up, ticks that were missed are not made up for.
                if nextTick <= now { nextTick = now + IngestThread.tickNanoseconds }
            } catch {
                // A message that broke off is lost, the next ones are not.
                if error.reason == .again || error.reason == .interrupted { continue }
                if !isStopping.isSet { state.fail("frames cannot be received any more: \(error)") }
                return
            }
        }
    }

    /// Logs what was asked for.
    ///
    /// Before each frame too, so that no frame that comes after a right was taken away is judged by the rights before.
    private func logRequests() {
        guard requests.load.count > 0 else { return }
        for asked in requests.pop(limit: AnswerDesk.waitingMax, within: 0) ?? [] { _ = log(asked) }
    }

    /// Stamps an entry and hands it on; false once nobody takes entries any more.
    private func log(_ content: LoggedEntry<RawMessage>.Content, weight: Int = 0) -> Bool {
        ring.push(LoggedEntry(content, at: clocks.now), weight: weight)
    }
}
