internal import Access
internal import Logging
internal import Messaging
internal import ZeroMQ

/// The thread that owns the socket of events; `Publication` is what it does.
struct PublisherThread: Sendable {
    let events: Endpoint
    let context: Context
    let outbox: EventQueue
    let wakeUp: WakeUp
    let replies: ControlReplies
    /// Events that wait for one reader at most.
    let eventsAReader: Int
    /// Where events are kept; nil where they are not.
    let journal: JournalDesk?
    let clocks: Clocks
    let progress: ProgressWatch
    let log: Logger
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// Opens the socket and publishes until the queue is closed and empty.
    func run() {
        var hasOpened = false
        do {
            let socket = try EventSocket(
                events,
                sendHighWaterMark: Int32(eventsAReader),
                in: context,
                wakeUp: wakeUp,
                fence: replies.access?.fence,
                watching: replies.state.peers.monitor(of: .events)
            )
            _ = opened.push(.success([socket.endpoint]))
            hasOpened = true
            var publication = Publication(
                socket,
                outbox: outbox,
                wakeUp: wakeUp,
                replies: replies,
                journal: journal,
                clocks: clocks,
                log: log
            )
            while try publication.turn() { progress.look() }
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
