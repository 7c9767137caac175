internal import ECGSignal
internal import Findings

/// What the model's windows add: they are quoted, and inform; they never raise, time or end an alarm.
extension EventPolicy {
    /// The model agrees with a rule where it says the same within so many samples of the alarm's begin: 15 s.
    static let agreementSamples: Int64 = 7_500
    /// How many streams of the device may have windows on their way.
    static let voicesMax = 4

    /// Takes a window that says `statements`.
    mutating func quote(_ statements: [String], at moment: StreamMoment, into events: inout [AlarmEvent]) {
        guard let voice = voices.firstIndex(where: { $0.stream == moment.stream }) else { return }
        let rows = statements.compactMap { table.index(of: $0) }.filter { row in
            let isAlarm = table.rows[row].priorityMax != .info && table.rows[row].evidence == .both
            return isAlarm || table.rows[row].isToldByModel
        }
        for alarm in voices[voice].take(rows, at: moment) {
            let later = moment.sample > alarm.began.sample ? moment : alarm.began
            events.append(quotation(of: alarm, at: later))
        }
        for row in rows.sorted() { informByModel(row, voice, at: moment, into: &events) }
    }

    /// Tells for an alarm that begins that the model agrees, now or as soon as it does.
    mutating func quoteModel(
        for alarm: StandingAlarm,
        _ row: Int,
        at moment: StreamMoment,
        into events: inout [AlarmEvent]
    ) {
        guard table.rows[row].evidence == .both,
            let voice = voices.firstIndex(where: { $0.stream == moment.stream })
        else { return }
        let waiting = ModelVoice.Waiting(
            row: row,
            identity: alarm.identity,
            onset: alarm.onset,
            priority: alarm.priority,
            began: moment
        )
        if voices[voice].note(waiting) { events.append(quotation(of: waiting, at: moment)) }
    }

    /// The patient's newest stream is `stream`.
    mutating func hear(_ stream: StreamIdentity) {
        guard voices.last?.stream != stream else { return }
        let known = voices.firstIndex { $0.stream == stream }
        let voice = known.map { voices.remove(at: $0) } ?? ModelVoice(of: stream)
        if voices.count == EventPolicy.voicesMax { voices.removeFirst() }
        voices.append(voice)
    }

    private func quotation(of alarm: ModelVoice.Waiting, at moment: StreamMoment) -> AlarmEvent {
        told(
            alarm.identity,
            table.rows[alarm.row],
            priority: alarm.priority,
            onset: alarm.onset,
            at: moment,
            evidence: .both
        )
    }

    /// Whether somebody had accepted the statement of `row` when the rows of a window were judged, the window of `voice`
    /// that ends at `sample`.
    private func isBaseline(_ row: Int, _ voice: Int, endingAt sample: GridIndex) -> Bool {
        guard let baseline = lines.first(where: { $0.row == row })?.baseline else { return false }
        func isAfter(_ moment: StreamMoment?) -> Bool {
            // A stream that is no longer known is older than all that are.
            guard let moment, let other = voices.firstIndex(where: { $0.stream == moment.stream }) else {
                return true
            }
            // The window that ends behind the last row that was judged was on its way.
            return voice == other ? sample > moment.sample + 1 : voice > other
        }
        return isAfter(baseline.from) && !(baseline.isOver && isAfter(baseline.until))
    }

    /// Enough windows say what no rule decides and what never alarms.
    private mutating func informByModel(
        _ row: Int,
        _ voice: Int,
        at moment: StreamMoment,
        into events: inout [AlarmEvent]
    ) {
        guard table.rows[row].isToldByModel, !isBaseline(row, voice, endingAt: moment.sample) else { return }
        let descendants = table.descendants[row]
        let isSaidCloser = voices[voice].words.contains { $0.isSaidEnough && descendants.contains($0.row) }
        let isNews = voices[voice].isNews(row, at: moment.sample, rearm: table.rows[row].rearmSamples)
        guard isNews, !isSaidCloser else { return }
        let identity = AlarmIdentity(
            stream: moment.stream,
            statement: table.rows[row].statement,
            onset: moment.sample,
            ordinal: 1
        )
        events.append(
            told(identity, table.rows[row], priority: .info, onset: moment, at: moment, evidence: .model)
        )
    }
}
