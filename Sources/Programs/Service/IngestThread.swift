internal import ECGSignal
internal import Messaging
internal import Station
private import Synchronization
internal import ZeroMQ

/// What the ingest thread hands on: one message, or an ended transport.
struct IncomingMessage: Sendable {
    let arrived: FrameReceiver.Arrived
    let arrival: Arrival
    /// Bytes of all parts.
    var weight: Int {
        if case .message(let parts) = arrived.received { parts.reduce(0) { $0 + $1.count } } else { 0 }
    }
}

/// Owns the ingest sockets and does nothing but poll, copy to the ring and poll again.
///
/// A full ring makes it wait, so the socket is not read; then libzmq's queue, TCP and the gateway hold the rest.
struct IngestThread: Sendable {
    let subscribe: [Endpoint]
    let bind: Endpoint
    let context: Context
    let ring: BoundedQueue<IncomingMessage>
    let stop: WakeUp
    let isStopping: SharedFlag
    let isQuiet: QuietTime
    let state: DaemonState
    let links: LinkWatch
    let clocks: Clocks
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// Opens the sockets, says so, and receives until it is stopped.
    func run() {
        defer { ring.close() }
        var receiver = FrameReceiver(stop: stop)
        do {
            let links = links
            var real: [Endpoint] = []
            for (endpoint, binds) in [(bind, true)] + subscribe.map({ ($0, false) }) {
                real.append(
                    try receiver.open(endpoint, binds: binds, in: context) {
                        links.see($0, of: endpoint.text)
                    }
                )
            }
            _ = opened.push(.success(real))
        } catch {
            _ = opened.push(.failure(error))
            return
        }
        var quiet = QuietSearch()
        while !isStopping.isSet {
            do {
                let count = try receiver.receive(timeout: .milliseconds(50)) { arrived in
                    isQuiet.end()
                    let message = IncomingMessage(arrived: arrived, arrival: clocks.now)
                    if let link = arrived.link, case .message(let parts) = arrived.received {
                        links.hear(
                            link,
                            topic: parts[0],
                            at: arrived.endpoint,
                            now: message.arrival.monotonic
                        )
                    }
                    return ring.push(message, weight: message.weight)
                }
                let now = clocks.monotonic
                // Fewer than the most that one socket is asked for: every socket was seen empty.
                if quiet.look(at: now, isEmpty: count < FrameReceiver.messagesMax) { isQuiet.note(now) }
                if count == 0 { ring.nudge() }
            } catch {
                // A message that broke off is lost, the next ones are not.
                if error.reason == .again || error.reason == .interrupted { continue }
                if !isStopping.isSet { state.fail("frames cannot be received any more: \(error)") }
                return
            }
        }
    }
}

/// A flag that threads share.
final class SharedFlag: Sendable {
    private let value = Atomic(false)

    /// Whether it is set.
    var isSet: Bool {
        get { value.load(ordering: .acquiring) }
        set { value.store(newValue, ordering: .releasing) }
    }
}

/// When the sockets were last seen empty; a daemon that was itself stopped has not looked for that long.
final class QuietTime: Sendable {
    /// An empty socket is believed for so long: many times what a poll takes.
    private static let validNanoseconds: MonotonicNanoseconds = 500_000_000
    private static let never = MonotonicNanoseconds.min / 2
    private let last = Atomic(QuietTime.never)

    /// Nothing was there at `time`.
    func note(_ time: MonotonicNanoseconds) { last.store(time, ordering: .releasing) }

    /// Something came.
    func end() { last.store(QuietTime.never, ordering: .releasing) }

    /// Whether nothing waited a moment before `time`.
    func isQuiet(at time: MonotonicNanoseconds) -> Bool {
        time - last.load(ordering: .acquiring) < QuietTime.validNanoseconds
    }
}
