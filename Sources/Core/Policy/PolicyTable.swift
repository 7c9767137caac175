public import ECGSignal
public import Findings

/// What the policy does with each statement; a value that many patients share.
///
/// It says whether a statement may alarm, how urgently, after which delays, and what speaks for what.
public struct PolicyTable: Sendable, Equatable {
    /// A limit on the heart rate, with room between onset and end so that it does not flap.
    public struct Threshold: Sendable, Equatable {
        /// On which side of the limit a rate counts.
        public enum Side: String, Sendable {
            case above, below
        }
        /// The side that counts.
        public var side: Side
        /// The rate beyond which the finding holds.
        public var onset: Double
        /// The rate at which it holds no longer.
        public var end: Double

        /// Makes a threshold of its side and its two figures.
        public init(side: Side, onset: Double, end: Double) {
            self.side = side
            self.onset = onset
            self.end = end
        }
    }

    /// Another priority for an alarm that has stood for long.
    public struct Step: Sendable, Equatable {
        /// How long it has stood, in samples of 2 ms.
        public var afterSamples: Int64
        /// The priority from then on.
        public var priority: AlarmEvent.Priority

        /// Makes a step.
        public init(afterSamples: Int64, priority: AlarmEvent.Priority) {
            self.afterSamples = afterSamples
            self.priority = priority
        }
    }

    /// What is done with one statement.
    public struct Row: Sendable, Equatable {
        /// The statement's id in the catalogue.
        public let statement: String
        /// About the heart, or about the signal.
        public let kind: AlarmEvent.Class
        /// Who decides the statement.
        public let evidence: Statement.Evidence
        /// The highest priority that the catalogue allows; `info` where it never alarms.
        public let priorityMax: AlarmEvent.Priority
        /// Whether the model may inform of it: a relevant statement that never alarms.
        let isToldByModel: Bool
        /// The priority of its alarms; `info` where it informs once and does not stand.
        public var priority: AlarmEvent.Priority
        /// How long it must hold, counted from where what it rests on began; samples of 2 ms.
        public var onsetSamples: Int64 = 0
        /// How long it must be absent, counted from where what it rested on ended; samples of 2 ms.
        public var endSamples: Int64 = 5_000
        /// For how long after its end a new alarm is recorded and not signalled; samples of 2 ms.
        public var rearmSamples: Int64 = 0
        /// Whether its alarm stays until it is acknowledged, also when it is over.
        public var latches: Bool
        /// Whether its alarm is latched when analysis becomes impossible while it stands.
        public var latchesUnseen: Bool
        /// Whether a pause silences it; where it says that monitoring is lost, none does.
        public var isPausable = true
        /// Whether its end is told as `info`.
        public var endsAsInfo = false
        /// Priorities of an alarm that has stood for long, in the order of their times.
        public var steps: [Step] = []
    }

    /// A chain of related findings: of each level on, all before it speak for it while they hold.
    public typealias Chain = [[String]]

    /// One row for each statement of the catalogue, in its order.
    public internal(set) var rows: [Row]
    /// The chains, beside the catalogue's parents.
    public internal(set) var chains: [Chain]
    /// The rates beyond which patients alarm for whom nobody has set others; nil for an adult's.
    public internal(set) var rates: PatientLimits?
    /// For each row the rows that may speak for it.
    private(set) var superiors: [[Int]]
    /// For each row the rows more specific than it.
    let descendants: [[Int]]
    private let indices: [String: Int]

    /// The table by default, derived from the catalogue that the program ships.
    public static let standard = PolicyTable(of: .shipped)

    private init(of catalogue: Catalogue) {
        rows = catalogue.statements.map(Row.init(of:))
        chains = PolicyTable.standardChains
        var indices: [String: Int] = [:]
        for (index, row) in rows.enumerated() { indices[row.statement] = index }
        self.indices = indices
        var descendants = [[Int]](repeating: [], count: rows.count)
        for (index, row) in rows.enumerated() {
            for ancestor in catalogue.ancestors(of: row.statement) {
                if let place = indices[ancestor] { descendants[place].append(index) }
            }
        }
        self.descendants = descendants
        superiors = descendants
        link()
    }

    /// The row of a statement; nil where the catalogue has none of that id.
    public func index(of statement: String) -> Int? { indices[statement] }

    /// Works out which rows may speak for which, after a change of the chains.
    mutating func link() {
        superiors = descendants
        for chain in chains {
            var before: [Int] = []
            for level in chain {
                let members = level.compactMap { indices[$0] }
                for member in members {
                    for superior in before where !superiors[member].contains(superior) {
                        superiors[member].append(superior)
                    }
                }
                before += members
            }
        }
    }
}

extension AlarmEvent.Priority {
    /// The more urgent, the greater: info 0, low 1, medium 2, high 3.
    var urgency: Int {
        switch self {
        case .info: 0
        case .low: 1
        case .medium: 2
        case .high: 3
        }
    }
}
