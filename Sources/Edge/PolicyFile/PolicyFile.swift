internal import Findings
public import Policy
private import YAMLText
private import Yams

/// A policy file: YAML that says what a ward sets otherwise than the defaults.
///
///     version: 1
///     statements:
///       tachycardia: {onset_seconds: 5, threshold: {above: 130, end: 125}}
///       bradycardia: {priority: low, steps: [{after_seconds: 60, priority: medium}]}
///       ventricular_couplet: {priority: info}
///     chains:
///       - [ventricular_fibrillation, asystole, [pacemaker_failure_to_capture, pacemaker_failure_to_pace]]
///
/// Whatever is not set keeps its default. `chains` replaces all chains. docs/ALARMS.md explains each setting.
public enum PolicyFile {
    /// Why a file was refused.
    public enum Refused: Error, Equatable, CustomStringConvertible {
        /// The text is no YAML, or says the same twice.
        case unreadable(String)
        /// The file is longer than a policy can be.
        case tooLong(bytes: Int)
        /// The file's version is another one, or missing.
        case version(String)
        /// A key is unknown.
        case unknownKey(String, at: String, known: [String])
        /// A value has another kind than its key asks for.
        case wrongValue(at: String, expected: String)
        /// What it says cannot hold.
        case fault(PolicyFault)

        /// What is wrong, where, and what to do; what it quotes of a long file is cut.
        public var description: String {
            let whole = self.whole
            guard whole.utf8.count > 1_000 else { return whole }
            return String(String.UnicodeScalarView(whole.unicodeScalars.prefix(1_000))) + " ..."
        }

        private var whole: String {
            switch self {
            case .unreadable(let why): "not readable as YAML: \(why)"
            case .tooLong(let bytes): "\(bytes) bytes; a policy has at most \(PolicyFile.bytesMax)"
            case .version(let found): "version is \(found); this program reads version 1"
            case .unknownKey(let key, let place, let known):
                "\(place): \(key) is unknown; known are \(known.joined(separator: ", "))"
            case .wrongValue(let place, let expected): "\(place): give \(expected)"
            case .fault(let fault): fault.description
            }
        }
    }

    /// The longest file that is read.
    public static let bytesMax = 256 * 1_024

    /// The table that a file makes of the default one.
    public static func table(
        of bytes: [UInt8],
        on table: PolicyTable = .standard
    ) throws(Refused) -> PolicyTable {
        let settings = try settings(of: bytes)
        do { return try table.applying(settings) } catch { throw .fault(error) }
    }

    /// What a file sets; whether it can hold is not checked yet.
    public static func settings(of bytes: [UInt8]) throws(Refused) -> PolicySettings {
        guard bytes.count <= bytesMax else { throw .tooLong(bytes: bytes.count) }
        let parsed: Node?
        do { parsed = try YAMLText.node(of: bytes) } catch {
            throw .unreadable("\(error)")
        }
        guard let parsed else { throw .version("missing") }
        let top = try Mapping(parsed, "the file", known: ["version", "statements", "chains"])
        // As a word: `.int` may trap.
        guard top["version"]?.string == "1" else {
            throw .version(top["version"]?.string ?? "missing")
        }
        var settings = PolicySettings()
        if let statements = top["statements"] {
            for (id, node) in try Mapping(statements, "statements", known: nil).pairs {
                settings.statements.append(try statement(id, node))
            }
        }
        if let chains = top["chains"] { settings.chains = try read(chains: chains) }
        return settings
    }

    private static func statement(_ id: String, _ node: Node) throws(Refused) -> PolicySettings.Statement {
        let place = "statements.\(id)"
        let known = ["priority", "onset_seconds", "end_seconds", "rearm_seconds", "threshold", "steps"]
        let mapping = try Mapping(node, place, known: known)
        var statement = PolicySettings.Statement(id)
        if let node = mapping["priority"] { statement.priority = try priority(node, "\(place).priority") }
        statement.onsetSeconds = try mapping.number("onset_seconds")
        statement.endSeconds = try mapping.number("end_seconds")
        statement.rearmSeconds = try mapping.number("rearm_seconds")
        if let node = mapping["threshold"] { statement.threshold = try threshold(node, "\(place).threshold") }
        if let node = mapping["steps"] {
            guard let list = node.sequence else {
                throw .wrongValue(at: "\(place).steps", expected: "a list")
            }
            var steps: [(afterSeconds: Double, priority: AlarmEvent.Priority)] = []
            for (number, entry) in list.enumerated() {
                let here = "\(place).steps[\(number)]"
                let step = try Mapping(entry, here, known: ["after_seconds", "priority"])
                guard let seconds = try step.number("after_seconds"), let word = step["priority"] else {
                    throw .wrongValue(at: here, expected: "after_seconds and priority")
                }
                steps.append((seconds, try priority(word, "\(here).priority")))
            }
            statement.steps = steps
        }
        return statement
    }

    private static func priority(_ node: Node, _ place: String) throws(Refused) -> AlarmEvent.Priority {
        guard let priority = node.string.flatMap(AlarmEvent.Priority.init(rawValue:)) else {
            throw .wrongValue(at: place, expected: "high, medium, low or info")
        }
        return priority
    }

    private static func threshold(_ node: Node, _ place: String) throws(Refused) -> PolicyTable.Threshold {
        let mapping = try Mapping(node, place, known: ["above", "below", "end"])
        let above = try mapping.number("above")
        let below = try mapping.number("below")
        guard let end = try mapping.number("end"), (above == nil) != (below == nil) else {
            throw .wrongValue(at: place, expected: "end, and one of above and below")
        }
        return PolicyTable.Threshold(
            side: above == nil ? .below : .above,
            onset: above ?? below ?? end,
            end: end
        )
    }

    private static func read(chains node: Node) throws(Refused) -> [PolicyTable.Chain] {
        guard let list = node.sequence else { throw .wrongValue(at: "chains", expected: "a list of chains") }
        var chains: [PolicyTable.Chain] = []
        for (number, entry) in list.enumerated() {
            guard let levels = entry.sequence else {
                throw .wrongValue(at: "chains[\(number)]", expected: "a list of statements")
            }
            var chain: PolicyTable.Chain = []
            for level in levels {
                if let id = level.string {
                    chain.append([id])
                } else if let ids = level.sequence, ids.allSatisfy({ $0.string != nil }) {
                    chain.append(ids.compactMap(\.string))
                } else {
                    throw .wrongValue(at: "chains[\(number)]", expected: "a list of statements")
                }
            }
            chains.append(chain)
        }
        return chains
    }
}

/// A YAML mapping whose keys are known.
private struct Mapping {
    let place: String
    let pairs: [(key: String, value: Node)]

    /// Reads a mapping; `known` nil takes any key.
    init(_ node: Node, _ place: String, known: [String]?) throws(PolicyFile.Refused) {
        guard let mapping = node.mapping else {
            throw .wrongValue(at: place, expected: "a mapping")
        }
        var pairs: [(key: String, value: Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw .wrongValue(at: place, expected: "keys that are words") }
            if let known, !known.contains(name) { throw .unknownKey(name, at: place, known: known) }
            pairs.append((name, value))
        }
        self.place = place
        self.pairs = pairs
    }

    subscript(_ key: String) -> Node? { pairs.first { $0.key == key }?.value }

    /// The number of a key; nil where the key is not there.
    func number(_ key: String) throws(PolicyFile.Refused) -> Double? {
        guard let node = self[key] else { return nil }
        guard let value = node.float, value.isFinite else {
            throw .wrongValue(at: "\(place).\(key)", expected: "a number")
        }
        return value
    }
}
