internal import ECGSignal
private import Foundation
internal import Messaging
internal import Wire
internal import ZeroMQ

/// The thread that asks one daemon for what its journal holds of the last day, and for what was missed.
///
/// It asks page by page beside the thread that asks which alarms stand, so that nothing that is now waits for what was.
struct SourceHistory: Sendable {
    let number: Int
    let daemon: Dashboard.Daemon
    let hub: Hub

    private static let patience = Duration.seconds(5)
    /// Seconds until it looks again whether something has to be asked for.
    private static let pause = 0.5
    /// Seconds until it asks again where the daemon did not answer.
    private static let pauseAfterFailure = 10.0

    /// The journal is another one than the one that was asked.
    private struct OtherJournal: Error {}

    /// Asks until the dashboard ends.
    func askOn() throws {
        let context = try Context(security: daemon.security)
        while !hub.isStopping {
            var pause = SourceHistory.pause
            do {
                if let due = hub.read({ $0.dueHistory(of: number) }) {
                    try ask(due, context)
                } else if let past = hub.read({ $0.duePast(of: number) }) {
                    try ask(past, context)
                    pause = 0
                }
            } catch is ControlAsker.Failure {
                pause = SourceHistory.pauseAfterFailure
            } catch is OtherJournal {
                // Events and heartbeats name it soon.
            }
            let end = ContinuousClock.now + .seconds(pause)
            while ContinuousClock.now < end, !hub.isStopping { Thread.sleep(forTimeInterval: 0.1) }
        }
    }

    private static var utc: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// Asks for alarms and technical facts.
    private func ask(_ due: Board.History, _ context: Context) throws {
        var asker = try ControlAsker(daemon.control, in: context)
        let begin = try due.begin ?? find(since: SourceHistory.utc - Board.historyMax, due, &asker)
        for kind in [EventKind.alarm, .tech] {
            let question = ReplayQuestion(
                from: max(begin.number, due.reached + 1),
                to: due.place.sequence,
                kind: kind
            )
            try pages(of: question, due.place, &asker) { events in
                hub.change { board, now in
                    board.take(past: events, from: number, at: now, utc: SourceHistory.utc)
                }
            }
        }
        hub.change { board, _ in board.endHistory(due, begin: begin, from: number) }
    }

    /// Asks for the vital signs of a tile's patient.
    private func ask(_ past: Board.Past, _ context: Context) throws {
        var asker = try ControlAsker(daemon.control, in: context)
        let question = ReplayQuestion(
            from: past.from,
            to: past.place.sequence,
            kind: .vitals,
            patient: past.patient
        )
        try pages(of: question, past.place, &asker) { events in
            hub.change { board, now in
                board.take(vitals: events, of: past.tile, at: now, utc: SourceHistory.utc)
            }
        }
        hub.change { board, now in board.endPast(past, from: number, at: now, utc: SourceHistory.utc) }
    }

    private func pages(
        of question: ReplayQuestion,
        _ place: JournalPlace,
        _ asker: inout ControlAsker,
        _ take: ([JSONObject]) -> Void
    ) throws {
        var next: Int64? = question.from
        while let page = next, page <= question.to ?? .max, !hub.isStopping {
            var asked = question
            asked.from = page
            let report = try report(asked, place, &asker)
            take(report.events)
            // Only a page further on is asked for, so that this ends whatever the other side says.
            next = report.next.flatMap { $0 > page ? $0 : nil }
        }
    }

    /// The first number whose event is not older than that time, in UTC milliseconds, with the time of its event.
    ///
    /// Times grow with the numbers, but for streams that are sent faster than real time; there more or less is shown.
    private func find(
        since utc: Int64,
        _ due: Board.History,
        _ asker: inout ControlAsker
    ) throws -> Board.Begin {
        var (low, high) = (Int64(1), due.place.sequence + 1)
        var found = SourceHistory.utc
        while low < high {
            let middle = low + (high - low) / 2
            let question = ReplayQuestion(from: middle, to: due.place.sequence, limit: 1)
            let report = try report(question, due.place, &asker)
            let event = report.events.first
            let time = event?["time"]?.text.flatMap { utcNanoseconds(ofTimestamp: $0) }.map { $0 / 1_000_000 }
            if let event, let time, time < utc, let place = JournalPlace(in: event), place.sequence >= middle
            {
                low = place.sequence + 1
            } else {
                high = middle
                if let time { found = time }
            }
        }
        return Board.Begin(number: low, utc: found)
    }

    private func report(
        _ question: ReplayQuestion,
        _ place: JournalPlace,
        _ asker: inout ControlAsker
    ) throws -> ReplayReport {
        let reply = try asker.replay(question, patience: SourceHistory.patience)
        guard let report = ReplayReport(reply) else { throw ControlAsker.Failure.unreadable }
        guard report.place.epoch == place.epoch else { throw OtherJournal() }
        return report
    }
}
