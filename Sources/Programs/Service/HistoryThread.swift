private import Access
internal import Journal
internal import Wire

/// Questions about the past on their way to the thread that answers them.
final class HistoryDesk: Sendable {
    /// A question, and who is waiting for its answer.
    struct Asked: Sendable {
        let ticket: Int
        let question: ReplayQuestion
        /// Whether the asker may read what went out under a topic.
        let mayRead: @Sendable (_ topic: String) -> Bool
    }

    /// Questions that wait at most; more are refused as BUSY.
    private static let waitingMax = 32
    fileprivate let asked = BoundedQueue<Asked>(countMax: waitingMax)

    /// Puts a question; false where too many wait or nobody answers any more.
    func put(_ question: Asked) -> Bool { asked.offer(question) }

    /// Nothing more is asked.
    func close() { asked.close() }
}

/// The thread that reads the journal for those who ask, so that neither live events nor other requests wait for a disk.
struct HistoryThread: Sendable {
    let folder: String
    let questions: HistoryDesk
    let answers: AnswerDesk
    let journal: JournalDesk

    /// Answers until the desk is closed and empty.
    func run() {
        var reader: JournalReader?
        while let asked = questions.asked.pop(limit: 1) {
            for each in asked { answers.reply(answer(each, &reader), for: each.ticket) }
        }
    }

    private func answer(
        _ asked: HistoryDesk.Asked,
        _ reader: inout JournalReader?
    ) -> Result<JSONObject, ControlProblem> {
        do {
            let page = try page(asked, &reader)
            var events: [JSONObject] = []
            for row in page.rows {
                if let event = try? JSONValue(parsing: row.event).object { events.append(event) }
            }
            let report = ReplayReport(
                events: events,
                place: page.place,
                truncated: page.truncated,
                unreadable: page.unreadable,
                next: page.next
            )
            return .success(report.object)
        } catch {
            reader = nil
            return .failure(.busy("the journal cannot be read now: \(error)"))
        }
    }

    /// The page of the journal that is written now; one that was set aside meanwhile is let go of.
    private func page(
        _ asked: HistoryDesk.Asked,
        _ reader: inout JournalReader?
    ) throws(JournalError) -> JournalReader.Page {
        let question = JournalReader.Question(
            from: asked.question.from,
            to: asked.question.to ?? .max,
            patient: asked.question.patient,
            limit: asked.question.limit,
            isWanted: { asked.question.wants(topic: $0) && asked.mayRead($0) }
        )
        if let held = reader {
            let page = try held.page(question)
            if page.place.epoch == journal.current.place?.epoch { return page }
        }
        let opened = try JournalReader(folder)
        reader = opened
        return try opened.page(question)
    }
}
