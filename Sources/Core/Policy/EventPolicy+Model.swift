internal import ECGSignal
internal import Findings

/// What the model's windows add: they are quoted, and inform; they never raise, time or end an alarm.
///
/// Windows may come some time after the rows that they hold, since the encoder works in batches. What is told of them is
/// therefore a function of the windows' own samples, whenever they come.
extension EventPolicy {
    /// The model agrees with a rule where it says the same within so many samples of the alarm's begin: 15 s.
    static let agreementSamples: Int64 = 7_500
    /// So many of the newest `windowsLooked` windows must say it before the model's word informs.
    static let windowsNeeded = 3
    /// See `windowsNeeded`.
    static let windowsLooked = 5

    /// Takes a window that says `statements`.
    mutating func quote(_ statements: [String], at moment: StreamMoment, into events: inout [AlarmEvent]) {
        switch clock.turn(at: moment) {
        case .replaced, .newStream: return
        case .onward: if clock.moment == nil { clock.advance(to: moment) }
        }
        var said = [Bool](repeating: false, count: table.rows.count)
        for statement in statements {
            guard let row = table.index(of: statement) else { continue }
            let isAlarm = table.rows[row].priorityMax != .info && table.rows[row].evidence == .both
            guard isAlarm || table.rows[row].isToldByModel else { continue }
            said[row] = true
            _ = lineIndex(of: row)
        }
        let mask: UInt8 = 1 << EventPolicy.windowsLooked - 1
        for index in lines.indices {
            let isSaid = said[lines[index].row]
            lines[index].windows = (lines[index].windows << 1 | (isSaid ? 1 : 0)) & mask
            guard isSaid else { continue }
            lines[index].saidByModel = moment
            quoteModel(for: index, into: &events)
        }
        for index in lines.indices where said[lines[index].row] {
            informByModel(index, at: moment, into: &events)
        }
    }

    /// Tells once, for the alarm that a line has or had, that the model agrees.
    mutating func quoteModel(for index: Int, into events: inout [AlarmEvent]) {
        let row = table.rows[lines[index].row]
        guard row.evidence == .both, let alarm = lines[index].quotable, let said = lines[index].saidByModel,
            said.stream == alarm.began.stream,
            abs(said.sample - alarm.began.sample) <= EventPolicy.agreementSamples,
            said.sample <= alarm.ended?.sample ?? .max
        else { return }
        lines[index].quotable = nil
        let later = said.sample > alarm.began.sample ? said : alarm.began
        events.append(
            told(
                alarm.identity,
                row,
                priority: alarm.priority,
                onset: alarm.onset,
                at: later,
                evidence: .both
            )
        )
    }

    /// Enough windows say what no rule decides and what never alarms.
    private mutating func informByModel(
        _ index: Int,
        at moment: StreamMoment,
        into events: inout [AlarmEvent]
    ) {
        let row = table.rows[lines[index].row]
        guard row.isToldByModel, isSaidEnough(index), lines[index].baselineBy == nil else { return }
        let descendants = table.descendants[lines[index].row]
        let isSaidCloser = lines.indices.contains { other in
            descendants.contains(lines[other].row) && isSaidEnough(other)
        }
        let reading = clock.reading(at: moment.sample)
        let last = lines[index].toldByModel
        lines[index].toldByModel = reading
        guard !isSaidCloser, last.map({ reading - $0 >= row.rearmSamples }) ?? true else { return }
        let identity = AlarmIdentity(
            stream: moment.stream,
            statement: row.statement,
            onset: moment.sample,
            ordinal: 1
        )
        events.append(
            told(identity, row, priority: .info, onset: moment, at: moment, evidence: .model)
        )
    }

    private func isSaidEnough(_ index: Int) -> Bool {
        lines[index].windows.nonzeroBitCount >= EventPolicy.windowsNeeded
    }
}
