private import Dispatch
internal import Messaging
private import Synchronization
internal import Wire
internal import ZeroMQ

/// Asks daemons to do what people want, over their control sockets, while the threads that serve browsers go on.
final class CommandDesk: Sendable {
    /// What came of it.
    enum Answer: Sendable {
        /// It is done; the reply tells what it came to.
        case done(ControlReply)
        /// The daemon refused it.
        case refused(ControlProblem)
        /// The daemon did not answer in time: whether it was done is not known.
        case silent
        /// Too many requests wait already.
        case busy
    }

    /// Requests that wait at once.
    static let waitingMax = 16
    /// How long an answer may take.
    static let patience = Duration.seconds(5)

    private let daemons: [Dashboard.Daemon]
    private let waiting = Mutex(0)

    /// A desk of daemons by their numbers.
    init(_ daemons: [Dashboard.Daemon]) { self.daemons = daemons }

    /// Asks a daemon that something be done for a person.
    func perform(_ order: ControlOrder, by user: String, at source: Int) async -> Answer {
        let mayWait = waiting.withLock { count in
            guard count < CommandDesk.waitingMax else { return false }
            count += 1
            return true
        }
        guard mayWait, daemons.indices.contains(source) else { return .busy }
        let daemon = daemons[source]
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: CommandDesk.ask(order, by: user, at: daemon))
            }
        }
        waiting.withLock { $0 -= 1 }
        return answer
    }

    /// Each request has a socket of its own, so that what one daemon leaves unanswered is sent to no later one.
    private static func ask(_ order: ControlOrder, by user: String, at daemon: Dashboard.Daemon) -> Answer {
        do {
            var asker = try ControlAsker(daemon.control, in: try Context(security: daemon.security))
            return .done(try asker.perform(order, user: user, patience: patience))
        } catch ControlAsker.Failure.refused(let problem) {
            return .refused(problem)
        } catch {
            return .silent
        }
    }
}
