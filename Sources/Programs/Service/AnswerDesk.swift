internal import ECGSignal
internal import Policy
private import Synchronization
internal import Wire
internal import ZeroMQ

/// Where commands that were logged wait for what they came to.
///
/// The control thread asks for a ticket, admission tells how many workers will answer, each gives its answer, and the
/// control thread is woken once all are there.
final class AnswerDesk: Sendable {
    /// Commands that wait at most; more are refused as BUSY.
    static let waitingMax = 128

    /// What a command came to, of every policy that it concerned; none where it concerned nobody.
    ///
    /// Where a question was asked, it is the reply itself.
    struct Answer: Sendable {
        let ticket: Int
        let outcomes: [CommandOutcome]
        var reply: Result<JSONObject, ControlProblem>?
    }

    private struct Waiting {
        var expected: Int?
        var answered = 0
        var outcomes: [CommandOutcome] = []
        var reply: Result<JSONObject, ControlProblem>?

        var isComplete: Bool { expected.map { answered >= $0 } ?? false }
    }

    private struct Desk {
        var waiting: [Int: Waiting] = [:]
        var complete: [Answer] = []
        var nextTicket = 1
    }

    /// Commands and files on their way to the log; there is room for all that have a ticket, for one policy and for one
    /// authorisation file.
    let entries = BoundedQueue<LoggedEntry<RawMessage>.Content>(countMax: waitingMax + 2)
    private let desk = Mutex(Desk())
    private let wakeUp: WakeUp?

    /// A desk that signals `wakeUp` when an answer is complete.
    init(wakeUp: WakeUp? = nil) { self.wakeUp = wakeUp }

    /// A ticket for a command; nil where too many wait.
    func open() -> Int? {
        desk.withLock { desk in
            guard desk.waiting.count < AnswerDesk.waitingMax else { return nil }
            let ticket = desk.nextTicket
            desk.nextTicket += 1
            desk.waiting[ticket] = Waiting()
            return ticket
        }
    }

    /// The command of that ticket is not logged any more, so nobody will answer.
    func drop(_ ticket: Int) { desk.withLock { $0.waiting[ticket] = nil } }

    /// So many workers will answer.
    func expect(_ count: Int, for ticket: Int) {
        change(ticket) { $0.expected = count }
    }

    /// A worker answers: what the command came to for each patient and device that it concerned there.
    func answer(_ outcomes: [CommandOutcome], for ticket: Int) {
        change(ticket) {
            $0.answered += 1
            $0.outcomes += outcomes
        }
    }

    /// The one who was asked gives the whole reply.
    func reply(_ reply: Result<JSONObject, ControlProblem>, for ticket: Int) {
        change(ticket) {
            $0.reply = reply
            $0.expected = 0
        }
    }

    private func change(_ ticket: Int, _ change: (inout Waiting) -> Void) {
        let isComplete = desk.withLock { desk in
            guard var waiting = desk.waiting[ticket] else { return false }
            change(&waiting)
            desk.waiting[ticket] = waiting.isComplete ? nil : waiting
            guard waiting.isComplete else { return false }
            desk.complete.append(
                Answer(ticket: ticket, outcomes: waiting.outcomes, reply: waiting.reply)
            )
            return true
        }
        if isComplete { wakeUp?.signal() }
    }

    /// The answers that have become complete since the last call.
    func takeComplete() -> [Answer] {
        desk.withLock { desk in
            defer { desk.complete.removeAll() }
            return desk.complete
        }
    }
}
