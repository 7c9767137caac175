public import ECGSignal

/// The catalogue of the statements that may be made, in English and Japanese; `labels.tsv` is shipped inside the
/// program.

/// One row of the catalogue: a sentence about an ECG that the daemon may say.
public struct Statement: Sendable, Equatable {
    /// Who decides a statement.
    public enum Evidence: String, Sendable, Codable {
        /// A rule about timing or the sequence of beats decides it.
        case rule
        /// A rule and the model check each other.
        case both
        /// The model alone decides it.
        case model
    }

    /// The statement's key in snake_case, which never changes.
    public let id: String
    /// The statement in English.
    public let english: String
    /// The statement in Japanese.
    public let japanese: String
    /// The id of the next more general statement; nil where there is none.
    public let parent: String?
    /// Who decides whether it is made.
    public let evidence: Evidence
    /// The lead sets with which it can be made at all.
    public let minimumLeads: LeadRequirement
    /// The highest priority that an alarm of it may ever have; nil where it never alarms.
    public let alarmPriority: TechnicalEvent.Priority?
    /// How severe the finding is, from 0 (normal or trivial) to 3 (critical); for sorting, not for alarms.
    public let severity: Int
    /// The chapter it stands in: `rhythm`, `ectopy`, `conduction`, `infarction`, ...
    public let family: String
    /// SCP-ECG statement codes that count as this row; PTB-XL speaks in these.
    public let scpCodes: [String]
    /// SNOMED CT codes that count as this row; the PhysioNet/CinC Challenges speak in these.
    public let snomedCodes: [String]
}

/// A lead expression of the catalogue: `I|II`, `limb`, `precordial+limb`; `+` binds before `|`.
public struct LeadRequirement: Sendable, Equatable {
    /// The expression in the catalogue's own words, which a withheld statement repeats as `needs`.
    public let text: String
    private let alternatives: [[Term]]

    private enum Term: Sendable, Equatable {
        case any
        case limb
        case all(LeadSet)
    }

    /// Reads an expression; nil where a word is unknown.
    public init?(_ text: String) {
        var alternatives: [[Term]] = []
        for alternative in text.split(separator: "|", omittingEmptySubsequences: false) {
            var terms: [Term] = []
            for word in alternative.split(separator: "+", omittingEmptySubsequences: false) {
                switch word {
                case "any": terms.append(.any)
                case "limb": terms.append(.limb)
                case "precordial": terms.append(.all(LeadSet(Lead.standard.suffix(6))))
                case "12":
                    terms.append(.limb)
                    terms.append(.all(LeadSet(Lead.standard.suffix(6))))
                default:
                    guard let lead = Lead(name: String(word)), lead.channel != nil else { return nil }
                    terms.append(.all(LeadSet([lead])))
                }
            }
            alternatives.append(terms)
        }
        guard !alternatives.isEmpty else { return nil }
        self.text = text
        self.alternatives = alternatives
    }

    /// Whether any lead suffices, one without a standard position as well.
    public var isMetByAnyLead: Bool { alternatives.contains { $0.allSatisfy { $0 == .any } } }

    /// Whether a set of leads suffices.
    public func isMet(by leads: LeadSet) -> Bool {
        alternatives.contains { terms in
            terms.allSatisfy { term in
                switch term {
                case .any: !leads.isEmpty
                case .limb: leads.intersection(.limb).rawValue.nonzeroBitCount >= 2
                case .all(let wanted): leads.isSuperset(of: wanted)
                }
            }
        }
    }
}

/// The catalogue in its order, which is the row order of every label bank and breaks ties in rankings.
public struct Catalogue: Sendable {
    /// The statements in the order of the table.
    public let statements: [Statement]
    /// The table's bytes; their hash is the catalogue's revision.
    public let bytes: [UInt8]
    private let indices: [String: Int]

    /// The catalogue that the program ships.
    public static let shipped: Catalogue = {
        do { return try Catalogue(bytes: PackageResources.labels_tsv) } catch {
            preconditionFailure("the shipped labels.tsv: \(error)")
        }
    }()

    /// Why a table was refused.
    public struct Malformed: Error, CustomStringConvertible {
        /// What is wrong, where, and with which value.
        public let description: String
    }

    /// Reads `labels.tsv`, which has a header line and then one statement a line; columns are found by name.
    ///
    /// Lines end with LF or with CR LF, as programs on Windows write them; the bytes are split before they become text,
    /// where CR LF is one character that equals neither.
    public init(bytes: [UInt8]) throws(Malformed) {
        let rows = bytes.split(separator: 10).map { line in
            let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            return text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }.filter { $0 != [""] }
        guard let header = rows.first else { throw Malformed(description: "labels.tsv: no header line") }
        func column(_ name: String) throws(Malformed) -> Int {
            guard let index = header.firstIndex(of: name) else {
                throw Malformed(description: "labels.tsv: column \(name) is missing")
            }
            return index
        }
        let id = try column("id")
        let english = try column("en")
        let japanese = try column("ja")
        let parent = try column("parent")
        let evidence = try column("evidence")
        let leads = try column("leads_min")
        let priority = try column("alarm_priority")
        let severity = try column("severity")
        let family = try column("family")
        let scp = try column("scp")
        let snomed = try column("snomed")
        var statements: [Statement] = []
        var indices: [String: Int] = [:]
        for (number, row) in rows.enumerated().dropFirst() {
            guard row.count == header.count, let decider = Statement.Evidence(rawValue: row[evidence]),
                let requirement = LeadRequirement(row[leads]), let grade = Int(row[severity]),
                (0...3).contains(grade),
                ["none", "low", "medium", "high"].contains(row[priority]), indices[row[id]] == nil
            else {
                throw Malformed(
                    description: "labels.tsv, line \(number + 1): a column is missing or has an unknown word"
                )
            }
            indices[row[id]] = statements.count
            statements.append(
                Statement(
                    id: row[id],
                    english: row[english],
                    japanese: row[japanese],
                    parent: row[parent].isEmpty ? nil : row[parent],
                    evidence: decider,
                    minimumLeads: requirement,
                    alarmPriority: TechnicalEvent.Priority(rawValue: row[priority]),
                    severity: grade,
                    family: row[family],
                    scpCodes: row[scp].split(separator: ";").map(String.init),
                    snomedCodes: row[snomed].split(separator: ";").map(String.init)
                )
            )
        }
        self.statements = statements
        self.bytes = bytes
        self.indices = indices
    }

    /// The row of a statement; nil where the catalogue has none of that id.
    public func index(of id: String) -> Int? { indices[id] }

    /// The ids of all statements more general than `id`, nearest first.
    public func ancestors(of id: String) -> [String] {
        var found: [String] = []
        var current = index(of: id).flatMap { statements[$0].parent }
        while let name = current, !found.contains(name) {
            found.append(name)
            current = index(of: name).flatMap { statements[$0].parent }
        }
        return found
    }
}
