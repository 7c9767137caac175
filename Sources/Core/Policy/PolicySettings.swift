internal import ECGSignal
public import Findings

/// What a ward sets otherwise than the defaults: the content of a policy file, not yet checked.
public struct PolicySettings: Sendable, Equatable {
    /// What is set for one statement; nil leaves the default.
    public struct Statement: Sendable, Equatable {
        /// The statement's id.
        public var id: String
        /// The priority of its alarms; `info` tells it once and lets nothing stand.
        public var priority: AlarmEvent.Priority?
        /// The onset delay, seconds.
        public var onsetSeconds: Double?
        /// The end delay, seconds.
        public var endSeconds: Double?
        /// The time after an end in which the next alarm is only recorded, seconds.
        public var rearmSeconds: Double?
        /// A limit on the heart rate; no other statement has one.
        public var threshold: PolicyTable.Threshold?
        /// Other priorities after so many seconds of standing.
        public var steps: [(afterSeconds: Double, priority: AlarmEvent.Priority)]?

        /// Settings of a statement that change nothing.
        public init(_ id: String) { self.id = id }

        /// Whether two settings say the same.
        public static func == (left: Statement, right: Statement) -> Bool {
            left.id == right.id && left.priority == right.priority && left.onsetSeconds == right.onsetSeconds
                && left.endSeconds == right.endSeconds && left.rearmSeconds == right.rearmSeconds
                && left.threshold == right.threshold
                && left.steps?.map(\.afterSeconds) == right.steps?.map(\.afterSeconds)
                && left.steps?.map(\.priority) == right.steps?.map(\.priority)
        }
    }

    /// The statements that are set, in the order of the file.
    public var statements: [Statement] = []
    /// Chains that stand in place of the default ones; nil leaves those.
    public var chains: [PolicyTable.Chain]?

    /// Settings that change nothing.
    public init() {}
}

/// Why settings were refused.
public enum PolicyFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The catalogue has no such statement.
    case unknownStatement(String)
    /// A statement is set twice.
    case setTwice(String)
    /// The statement never alarms, by the catalogue.
    case neverAlarms(String)
    /// The priority is above what the catalogue allows.
    case tooUrgent(String, most: AlarmEvent.Priority)
    /// A statement that is high by the catalogue stays high.
    case staysHigh(String)
    /// A number is beyond its bounds.
    case outOfBounds(String, setting: String, value: Double, bounds: ClosedRange<Double>)
    /// The statement has no figure that a threshold could be set for.
    case noThreshold(String)
    /// A low rate counts below its threshold, a high one above.
    case wrongSide(String, PolicyTable.Threshold.Side)
    /// The end of a threshold is not where the alarm of a rate ends.
    case endOfRate(String, Double)
    /// A rate is no whole number.
    case wholeRate(String, Double)
    /// A rate is not below that of the statement after it.
    case ratesOutOfOrder(String, Int, String, Int)
    /// The times of the steps do not rise, or a step changes nothing.
    case stepsOutOfOrder(String)
    /// A statement that only informs has steps or a re-arm time, which nothing could follow.
    case contradictory(String, String)
    /// A statement would speak for itself by way of these.
    case chainContainsItself([String])

    /// What is wrong, where, with which value, and what to do.
    public var description: String {
        switch self {
        case .unknownStatement(let id): "\(id): no such statement; `shinden labels list` has all"
        case .setTwice(let id): "\(id): set twice; keep one"
        case .neverAlarms(let id): "\(id): the catalogue never lets it alarm; leave it out"
        case .tooUrgent(let id, let most): "\(id): at most \(most.rawValue), by the catalogue"
        case .staysHigh(let id): "\(id): high by the catalogue, and no file lowers that"
        case .outOfBounds(let id, let setting, let value, let bounds):
            "\(id): \(setting) is \(value); give \(bounds.lowerBound) to \(bounds.upperBound)"
        case .noThreshold(let id):
            "\(id): it has no threshold; \(PatientLimits.statements.joined(separator: ", ")) have one, "
                + "and `shinden limits --st-change-uv` sets that of ST"
        case .wrongSide(let id, let side):
            "\(id): give \(side.rawValue); on the other side it would never alarm"
        case .endOfRate(let id, let end):
            "\(id): a rate's alarm is over 5/min inside its limit; give end: \(Int(end))"
        case .wholeRate(let id, let rate): "\(id): threshold is \(rate); give whole beats a minute"
        case .ratesOutOfOrder(let id, let rate, let other, let limit):
            "\(id): \(rate)/min is not below the \(limit)/min of \(other); set both"
        case .stepsOutOfOrder(let id):
            "\(id): each step comes later than the one before and changes the priority"
        case .contradictory(let id, let what): "\(id): \(what)"
        case .chainContainsItself(let ids):
            "a chain contains itself: \(ids.joined(separator: " > ")); take one out"
        }
    }
}

extension PolicyTable {
    /// The bounds within which delays may be set, seconds, by the highest priority that the catalogue allows.
    private static func delayBounds(_ priority: AlarmEvent.Priority) -> ClosedRange<Double> {
        switch priority {
        case .high: 0...10
        case .medium: 0...120
        case .low, .info: 0...600
        }
    }

    /// The longest re-arm time, seconds.
    private static let rearmBounds = 0.0...3_600.0

    /// The table with a ward's settings; where they cannot hold, why.
    public func applying(_ settings: PolicySettings) throws(PolicyFault) -> PolicyTable {
        var table = self
        var seen: [String] = []
        for statement in settings.statements {
            guard let row = table.index(of: statement.id) else { throw .unknownStatement(statement.id) }
            guard !seen.contains(statement.id) else { throw .setTwice(statement.id) }
            seen.append(statement.id)
            try table.rows[row].apply(statement)
        }
        table.rates = try PolicyTable.rates(of: settings.statements) ?? rates
        if let chains = settings.chains {
            for id in chains.joined().joined() where table.index(of: id) == nil {
                throw .unknownStatement(id)
            }
            table.chains = chains
            table.link()
        }
        if let cycle = table.cycle { throw .chainContainsItself(cycle) }
        return table
    }

    /// The rates that thresholds set, an adult's where none does; nil where there is no threshold.
    ///
    /// Whoever measures the rate judges by them: a rate may rise from one limit to another without a new finding.
    private static func rates(
        of settings: [PolicySettings.Statement]
    ) throws(PolicyFault) -> PatientLimits? {
        let ids = PatientLimits.statements
        var rates = PatientLimits.adult.named.map(\.value)
        var isSet = false
        for setting in settings {
            guard let asked = setting.threshold, let place = ids.firstIndex(of: setting.id) else { continue }
            let side: Threshold.Side = place < 2 ? .below : .above
            guard asked.side == side else { throw .wrongSide(setting.id, side) }
            guard let rate = Int(exactly: asked.onset) else {
                throw .wholeRate(setting.id, asked.onset)
            }
            let end = asked.onset + (side == .below ? 5 : -5)
            guard asked.end == end else { throw .endOfRate(setting.id, end) }
            rates[place] = rate
            isSet = true
        }
        guard isSet else { return nil }
        do {
            return try PatientLimits(
                extremeLow: rates[0],
                low: rates[1],
                high: rates[2],
                extremeHigh: rates[3]
            )
        } catch {
            throw fault(error, of: rates)
        }
    }

    /// What is wrong with rates, in the words of a policy file.
    private static func fault(_ error: PatientLimits.Unacceptable, of rates: [Int]) -> PolicyFault {
        let (ids, names) = (PatientLimits.statements, PatientLimits.adult.named.map(\.name))
        if case .outOfBounds(let name, let value, let bounds) = error, let place = names.firstIndex(of: name)
        {
            return .outOfBounds(
                ids[place],
                setting: "threshold",
                value: Double(value),
                bounds: Double(bounds.lowerBound)...Double(bounds.upperBound)
            )
        }
        let place = (1..<rates.count).first { rates[$0 - 1] >= rates[$0] } ?? 1
        return .ratesOutOfOrder(ids[place - 1], rates[place - 1], ids[place], rates[place])
    }

    /// Statements of which each may speak for the next and the last for the first; nil where there are none such.
    private var cycle: [String]? {
        /// 0 is new, 1 is on the way, 2 is known to lead to no cycle.
        var marks = [UInt8](repeating: 0, count: rows.count)
        var path: [Int] = []

        func visit(_ row: Int) -> Bool {
            if marks[row] == 2 { return false }
            path.append(row)
            if marks[row] == 1 { return true }
            marks[row] = 1
            for superior in superiors[row] where visit(superior) { return true }
            marks[row] = 2
            path.removeLast()
            return false
        }

        for row in rows.indices where visit(row) {
            guard let last = path.last, let first = path.firstIndex(of: last) else { return nil }
            // `superiors` leads upwards; a chain is read downwards.
            return path[first...].reversed().map { rows[$0].statement }
        }
        return nil
    }

    fileprivate static func check(
        _ id: String,
        _ setting: String,
        _ seconds: Double?,
        in bounds: ClosedRange<Double>
    ) throws(PolicyFault) -> Int64? {
        guard let seconds else { return nil }
        guard bounds.contains(seconds) else {
            throw .outOfBounds(id, setting: setting, value: seconds, bounds: bounds)
        }
        return Int64((seconds * Double(second)).rounded())
    }

    fileprivate static func checkDelay(
        _ row: Row,
        _ setting: String,
        _ seconds: Double?
    ) throws(PolicyFault) -> Int64? {
        let bounds = delayBounds(row.priorityMax)
        return try check(row.statement, setting, seconds, in: bounds)
    }

    fileprivate static func checkRearm(_ id: String, _ seconds: Double?) throws(PolicyFault) -> Int64? {
        try check(id, "rearm_seconds", seconds, in: rearmBounds)
    }
}

extension PolicyTable.Row {
    fileprivate mutating func apply(_ setting: PolicySettings.Statement) throws(PolicyFault) {
        if priorityMax == .info, setting.priority.map({ $0 != .info }) ?? false {
            throw .neverAlarms(statement)
        }
        if let asked = setting.priority {
            guard priorityMax != .high || asked == .high else { throw .staysHigh(statement) }
            guard asked.urgency <= priorityMax.urgency else { throw .tooUrgent(statement, most: priorityMax) }
            priority = asked
        }
        onsetSamples = try PolicyTable.checkDelay(self, "onset_seconds", setting.onsetSeconds) ?? onsetSamples
        endSamples = try PolicyTable.checkDelay(self, "end_seconds", setting.endSeconds) ?? endSamples
        if let rearm = try PolicyTable.checkRearm(statement, setting.rearmSeconds) {
            if priorityMax == .high, rearm > 0 {
                throw .contradictory(statement, "a high alarm is always signalled; take rearm_seconds out")
            }
            rearmSamples = rearm
        }
        if setting.threshold != nil, !PatientLimits.statements.contains(statement) {
            throw .noThreshold(statement)
        }
        if let asked = setting.steps { try apply(asked) }
    }

    private mutating func apply(
        _ asked: [(afterSeconds: Double, priority: AlarmEvent.Priority)]
    ) throws(PolicyFault) {
        guard priority != .info else {
            throw .contradictory(statement, "it only informs, so nothing stands that a step could change")
        }
        var taken: [PolicyTable.Step] = []
        var before = priority
        var time = 0.0
        for step in asked {
            guard step.priority.urgency <= priorityMax.urgency else {
                throw .tooUrgent(statement, most: priorityMax)
            }
            guard priorityMax != .high else { throw .staysHigh(statement) }
            guard step.priority != .info, step.priority != before, step.afterSeconds > time,
                step.afterSeconds <= 86_400
            else { throw .stepsOutOfOrder(statement) }
            let samples = Int64((step.afterSeconds * Double(PolicyTable.second)).rounded())
            taken.append(PolicyTable.Step(afterSamples: samples, priority: step.priority))
            (before, time) = (step.priority, step.afterSeconds)
        }
        steps = taken
    }
}
