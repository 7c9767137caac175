internal import ECGSignal
internal import Findings

/// What the model's windows of one stream have said, and the alarms for which they may still be quoted.
///
/// The encoder works in batches, so windows come some time after the rows that they hold, and the windows of two streams of
/// one device come in any order. What follows from them is therefore a function of the stream's own windows, which come in
/// their order, and of where alarms began and ended: never of what else has come meanwhile.
struct ModelVoice: Sendable, Equatable, Codable {
    /// So many of the newest `windowsLooked` windows must say it before the model's word informs.
    static let windowsNeeded = 3
    /// See `windowsNeeded`.
    static let windowsLooked = 5
    /// How many alarms wait to be quoted at once; more cannot begin while windows are on their way.
    static let waitingMax = 16

    /// What was said of one statement.
    struct Word: Sendable, Equatable, Codable {
        /// The row of the table.
        let row: Int
        /// Whether the newest windows said it; the lowest bit is the newest.
        var windows: UInt8 = 0
        /// The end of the newest window that said it.
        var said: StreamMoment?
        /// The end of the newest window that made enough of them.
        var enough: GridIndex?

        var isSaidEnough: Bool { windows.nonzeroBitCount >= ModelVoice.windowsNeeded }
    }

    /// An alarm that no window has been quoted for.
    struct Waiting: Sendable, Equatable, Codable {
        /// The row of the table.
        let row: Int
        let identity: AlarmIdentity
        let onset: StreamMoment
        let priority: AlarmEvent.Priority
        /// When it was raised.
        let began: StreamMoment
        /// The sample of the stream with which it ended; nil while it stands, and where it ended in another stream.
        var ended: GridIndex?
    }

    let stream: StreamIdentity
    /// In the order of the table.
    private(set) var words: [Word] = []
    private(set) var waiting: [Waiting] = []
    /// What was told before this sample was told of another patient.
    var isNewFrom: GridIndex = 0

    init(of stream: StreamIdentity) { self.stream = stream }

    /// Takes a window that ends at `moment` and says the statements of `rows`.
    ///
    /// - Returns: the alarms that it is quoted for.
    mutating func take(_ rows: [Int], at moment: StreamMoment) -> [Waiting] {
        let mask: UInt8 = 1 << ModelVoice.windowsLooked - 1
        for index in words.indices { words[index].windows = words[index].windows << 1 & mask }
        for row in rows {
            let place = words.firstIndex { $0.row >= row } ?? words.count
            if place == words.count || words[place].row != row { words.insert(Word(row: row), at: place) }
            words[place].windows |= 1
            words[place].said = moment
        }
        let quoted = waiting.filter { rows.contains($0.row) && ModelVoice.agrees(moment.sample, with: $0) }
        waiting.removeAll { alarm in
            quoted.contains(alarm) || moment.sample > alarm.ended ?? .max
                || moment.sample - alarm.began.sample > EventPolicy.agreementSamples
        }
        return quoted
    }

    /// Notes an alarm; true where the model has said the same already.
    mutating func note(_ alarm: Waiting) -> Bool {
        let said = words.first { $0.row == alarm.row }?.said
        if let said, ModelVoice.agrees(said.sample, with: alarm) { return true }
        if waiting.count == ModelVoice.waitingMax { waiting.removeFirst() }
        waiting.append(alarm)
        return false
    }

    /// An alarm has ended; windows that end later say nothing of it.
    mutating func noteEnd(of alarm: AlarmIdentity, at moment: StreamMoment) {
        guard moment.stream == stream, let index = waiting.firstIndex(where: { $0.identity == alarm }) else {
            return
        }
        waiting[index].ended = moment.sample
    }

    /// Enough windows say the statement of `row`, the newest at `sample`; whether it is to be told.
    ///
    /// It is told again where nobody was told for `rearm` samples, or a new patient has come since.
    mutating func isNews(_ row: Int, at sample: GridIndex, rearm: Int64) -> Bool {
        guard let index = words.firstIndex(where: { $0.row == row }), words[index].isSaidEnough else {
            return false
        }
        let last = words[index].enough.flatMap { $0 <= isNewFrom && sample > isNewFrom ? nil : $0 }
        words[index].enough = sample
        return last.map { sample - $0 >= rearm } ?? true
    }

    private static func agrees(_ sample: GridIndex, with alarm: Waiting) -> Bool {
        abs(sample - alarm.began.sample) <= EventPolicy.agreementSamples && sample <= alarm.ended ?? .max
    }
}
