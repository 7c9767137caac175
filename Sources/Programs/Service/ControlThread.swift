internal import Access
internal import Messaging
private import Wire
internal import ZeroMQ

/// The thread that owns the socket of control requests and does nothing but answer them.
///
/// It sleeps until somebody asks, so the system runs it at once, however many events the publisher has still to write:
/// an operator who wants to know why the daemon is behind is not made to wait by that.
struct ControlThread: Sendable {
    let control: Endpoint
    let context: Context
    let replies: ControlReplies
    /// Wakes the thread to stop, and when a command has its answer.
    let stop: WakeUp
    let isStopping: SharedFlag
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// How long it sleeps where nobody asks; a stop wakes it.
    private static let wait = Duration.seconds(10)

    /// Opens the socket and answers until it is stopped.
    func run() {
        var hasOpened = false
        do {
            var socket = try ControlSocket(
                control,
                in: context,
                wakeUp: stop,
                watching: replies.state.peers.monitor(of: .control)
            )
            var reopened = 0
            _ = opened.push(.success([socket.endpoint]))
            hasOpened = true
            /// Commands that were logged and have no answer yet.
            var waiting: [Int: (request: ControlSocket.Request, command: ControlReplies.Command)] = [:]
            while !isStopping.isSet {
                try socket.wait(ControlThread.wait)
                _ = stop.reset()
                if replies.state.reopening.number != reopened {
                    reopened = replies.state.reopening.number
                    try socket.reopen()
                }
                for answer in replies.desk.takeComplete() {
                    guard let (request, command) = waiting.removeValue(forKey: answer.ticket) else {
                        continue
                    }
                    try socket.reply(to: request, replies.bytes(of: answer, to: command))
                }
                while let request = try socket.nextRequest() {
                    switch replies.respond(to: request.body, by: request.user) {
                    case .now(let bytes): try socket.reply(to: request, bytes)
                    case .later(let command): waiting[command.ticket] = (request, command)
                    }
                    if isStopping.isSet { break }
                }
            }
        } catch {
            if hasOpened {
                replies.state.fail("control requests cannot be answered any more: \(error)")
            } else {
                _ = opened.push(.failure(error))
            }
        }
    }
}
