internal import ECGSignal
internal import Messaging
internal import Station
internal import ZeroMQ

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
            var real = [try receiver.open(bind, binds: true, in: context) { links.see($0) }]
            for endpoint in subscribe {
                real.append(try receiver.open(endpoint, binds: false, in: context) { links.see($0) })
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
