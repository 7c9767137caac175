internal import ECGSignal
internal import Messaging
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
    let isQuiet: SharedFlag
    let links: LinkWatch
    let clocks: Clocks
    let log: Log
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// Opens the sockets, says so, and receives until it is stopped.
    func run() {
        defer { ring.close() }
        var receiver = FrameReceiver(stop: stop)
        do {
            let links = links
            var real = [try receiver.open(bind, binds: true, in: context) { links.see($0) }]
            for endpoint in subscribe {
                real.append(try receiver.open(endpoint, binds: false, in: context) { links.see($0) })
            }
            _ = opened.push(.success(real))
        } catch {
            _ = opened.push(.failure(error))
            return
        }
        while !isStopping.isSet {
            do {
                let count = try receiver.receive(timeout: .milliseconds(50)) { arrived in
                    isQuiet.isSet = false
                    let message = IncomingMessage(arrived: arrived, arrival: clocks.now)
                    return ring.push(message, weight: message.weight)
                }
                if count == 0 { isQuiet.isSet = true }
            } catch {
                // A message that broke off is lost, the next ones are not; else the context is closing.
                if error.reason == .again || error.reason == .interrupted { continue }
                if error.reason != .terminated { log.say(.error, "no more frames are received: \(error)") }
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
