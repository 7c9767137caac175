internal import Messaging
internal import ZeroMQ

/// The thread that owns the socket of control requests and does nothing but answer them.
///
/// It sleeps until somebody asks, so the system runs it at once, however many events the publisher has still to write:
/// an operator who wants to know why the daemon is behind is not made to wait by that.
struct ControlThread: Sendable {
    let control: Endpoint
    let context: Context
    let replies: ControlReplies
    /// Wakes the thread to stop.
    let stop: WakeUp
    let isStopping: SharedFlag
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// How long it sleeps where nobody asks; a stop wakes it.
    private static let wait = Duration.seconds(10)

    /// Opens the socket and answers until it is stopped.
    func run() {
        var hasOpened = false
        do {
            var socket = try ControlSocket(control, in: context, wakeUp: stop)
            _ = opened.push(.success([socket.endpoint]))
            hasOpened = true
            while !isStopping.isSet {
                try socket.wait(ControlThread.wait)
                while let request = try socket.nextRequest() {
                    try socket.reply(to: request, replies.answer(request.body))
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
