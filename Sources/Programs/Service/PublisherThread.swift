internal import Logging
internal import Messaging
internal import ZeroMQ

/// The thread that owns the sockets of events and of control requests; `Publication` is what it does.
struct PublisherThread: Sendable {
    let events: Endpoint
    let control: Endpoint
    let context: Context
    let outbox: EventQueue
    let wakeUp: WakeUp
    let replies: ControlReplies
    /// Events that wait for one reader at most.
    let eventsAReader: Int
    let clocks: Clocks
    let log: Logger
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// Until the queue is closed and empty.
    func run() {
        var hasOpened = false
        do {
            let socket = try EventSocket(
                events: events,
                control: control,
                sendHighWaterMark: Int32(eventsAReader),
                in: context,
                wakeUp: wakeUp
            )
            _ = opened.push(.success([socket.endpoints.events, socket.endpoints.control]))
            hasOpened = true
            var publication = Publication(
                socket,
                outbox: outbox,
                wakeUp: wakeUp,
                replies: replies,
                clocks: clocks,
                log: log
            )
            while try publication.turn() {}
        } catch {
            outbox.close()  // so that nobody waits for a publisher that is gone
            if hasOpened {
                replies.state.fail("events cannot be published any more: \(error)")
            } else {
                _ = opened.push(.failure(error))
            }
        }
    }
}
