public import ECGSignal
private import Foundation
private import FrameLog
public import Logging
internal import Messaging
private import Station
private import YAMLText
private import Yams
public import ZeroMQ

/// How the daemon runs: flags before environment before file before defaults.
public struct Configuration: Sendable {
    /// Endpoints whose publishers the daemon connects to.
    public var subscribe: [String] = []
    /// The endpoint that gateways connect to.
    public var bindSubscribe = DefaultEndpoints.frames
    /// The endpoint of gateways whose chunks are acknowledged; empty for none.
    public var ingest = ""
    /// The folder of what outlives the daemon, the frame log in it; empty for none.
    public var state = ""
    /// What a chunk survives once it is acknowledged as durable.
    public var ack = AcknowledgementLevel.power
    /// The endpoint that readers connect to.
    public var events = DefaultEndpoints.events
    /// The endpoint of waveforms for those who look; empty: beside the events, which HELLO tells.
    public var waves = ""
    /// The endpoint of control requests.
    public var control = DefaultEndpoints.control
    /// The folder of the model.
    public var model = "Models/default"
    /// The file of what a ward sets for its alarms; empty for the defaults.
    public var policy = ""
    /// The folder of the daemon's key and of who may come in; empty where no keys are asked for.
    public var keys = ""
    /// Grid samples between windows.
    public var hop = 512
    /// Open streams at most.
    public var streamsMax = 1_000
    /// Seconds without a frame after which a stream is closed.
    public var idleSeconds = 60
    /// How many times real time a stream may come for longer than two minutes; nil for as fast as it can.
    public var ingestSpeedMax: Int? = 20
    /// Seconds that a stop may take.
    public var stopSeconds = 5
    /// The folder that the frame log is written into; empty for none.
    public var record = ""
    /// Hours after which a segment of the frame log goes.
    public var recordHours = 24
    /// Bytes of the folder's segments at most.
    public var recordBytesMax = 50_000_000_000
    /// Hours after which an event goes from the journal.
    public var journalHours = 168
    /// Bytes of the journal's events at most.
    public var journalBytesMax = 10_000_000_000
    /// Threads that encode.
    public var workers = 2
    /// The node's name in the events' source.
    public var node = "local"
    /// Lines of the log below this level are not written.
    public var logLevel = Logger.Level.info
    /// How a line of the log is written.
    public var logFormat = LineLogHandler.Format.text
    /// Whether the log names patients and devices as they are.
    public var logPlainIDs = false

    /// The defaults.
    public init() { workers = max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Why a configuration was refused.
    public struct Refused: Error, CustomStringConvertible {
        /// Which key, which value, what to do.
        public let description: String
    }

    /// The prefix of environment variables: `SHINDEN_STREAMS_MAX`.
    public static let environmentPrefix = "SHINDEN_"

    /// The levels that can be asked for; `debug` tells each decision, `error` what ends the daemon.
    static let logLevels: [Logger.Level] = [.error, .warning, .info, .debug]

    /// Takes one key's value, from wherever it came (`source` names it in the error).
    public mutating func set(_ key: String, to text: String, source: String) throws(Refused) {
        guard let entry = ConfigurationKey.named(key) else {
            let known = ConfigurationKey.all.map(\.name).joined(separator: ", ")
            throw Refused(description: "\(source): key \(key) is unknown; known are \(known)")
        }
        guard entry.read(&self, text) else {
            throw Refused(description: "\(source): \(key) cannot be \"\(text)\"; give \(entry.allowed)")
        }
    }

    /// Takes one key's value from the command line.
    ///
    /// An empty one is refused: a script whose variable is not set would start a daemon that lets everybody in, or that keeps
    /// nothing.
    public mutating func set(flag key: String, to text: String) throws(Refused) {
        guard !text.isEmpty else {
            throw Refused(description: "--\(key) is empty; give a value, or leave --\(key) away")
        }
        try set(key, to: text, source: "--\(key)")
    }

    /// Takes a YAML file of these keys.
    public mutating func read(file path: String) throws(Refused) {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
            throw Refused(description: "\(path): no file that can be read, or more than 1 MiB")
        }
        let parsed: Node?
        do { parsed = try YAMLText.node(of: Array(data)) } catch {
            throw Refused(description: "\(path): not YAML: \(error)")
        }
        guard let parsed, parsed.null == nil else { return }
        guard let mapping = parsed.mapping else {
            throw Refused(description: "\(path): a mapping of keys to values is needed")
        }
        var settings: [(key: String, text: String)] = []
        for (key, value) in mapping {
            guard let key = key.string else {
                throw Refused(description: "\(path): a key is no word; give keys of the list")
            }
            let words = (value.sequence.map { Array($0) } ?? [value]).map { Configuration.text(of: $0) }
            guard !words.contains(nil) else {
                throw Refused(
                    description: "\(path): \(key) cannot hold mappings or lists of lists; give words"
                )
            }
            settings.append((key, words.compactMap(\.self).joined(separator: ",")))
        }
        for (key, text) in settings.sorted(by: { $0.key < $1.key }) { try set(key, to: text, source: path) }
    }

    /// A value of a file in the words of a flag; nil where it holds other values.
    ///
    /// Yams computes numbers such as `1:30`, which are to the base 60, with operations that trap where they overflow, so
    /// those stay words, which no key takes for a number.
    private static func text(of value: Node) -> String? {
        guard let words = value.string else { return nil }
        switch Tag.Name(rawValue: value.tag.rawValue) {
        case .bool: return value.bool.map { "\($0)" } ?? words
        case .int where !words.contains(":"): return value.int.map { "\($0)" } ?? words
        default: return words
        }
    }

    /// Takes the variables that begin with `SHINDEN_` and name a key; an empty one counts as not set.
    public mutating func read(environment: [String: String]) throws(Refused) {
        for key in ConfigurationKey.all {
            guard let text = environment[key.variable], !text.isEmpty else { continue }
            try set(key.name, to: text, source: key.variable)
        }
    }

    /// The keys in force, as a YAML file that `--config` takes.
    public var yaml: String {
        ConfigurationKey.all.map { "\($0.name): \($0.write(self))" }.joined(separator: "\n")
    }

    /// YAML's double-quoted form; what YAML does not let stand as it is becomes `\uXXXX` (YAML 1.2, 5.1 and 5.7).
    static func quoted(_ text: String) -> String {
        let body = text.unicodeScalars.map { scalar -> String in
            switch scalar.value {
            case 0x22, 0x5C: return "\\" + String(scalar)
            case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xFEFE, 0xFF00...0xFFFD, 0x10000...:
                return String(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return "\"" + body.joined() + "\""
    }

    /// The folder that the frame log is written into; empty for none.
    var logFolder: String { state.isEmpty ? record : state + "/log" }

    /// Whether another daemon writes into that folder now, so that this one would not start.
    public var isLogFolderInUse: Bool { !logFolder.isEmpty && FrameLogWriter.isInUse(logFolder) }

    /// The folder of the journal of events; empty for none.
    public var journalFolder: String { state.isEmpty ? "" : state + "/journal" }

    /// What messages of acknowledged gateways are told by.
    ///
    /// Two endpoints with a wildcard may have the same text, and nobody could tell whose message is whose.
    var ingestName: String {
        ingest == bindSubscribe || subscribe.contains(ingest) ? "ingest " + ingest : ingest
    }

    /// The endpoint of acknowledged gateways; nil for none.
    private func ingestEndpoint() throws(Refused) -> Endpoint? {
        guard state.isEmpty || record.isEmpty else {
            throw Refused(
                description: "record: with --state the frame log stands in \(state)/log; leave --record away"
            )
        }
        guard !ingest.isEmpty else { return nil }
        guard !state.isEmpty else {
            throw Refused(
                description:
                    "ingest: what is acknowledged has to outlive the daemon; give --state DIR with it"
            )
        }
        return try endpoint(ingest, "ingest")
    }

    /// The endpoints; without keys all of them on this machine, since whoever reaches such an endpoint is let in.
    func endpoints() throws(Refused) -> (
        subscribe: [Endpoint], bind: Endpoint, events: Endpoint, waves: Endpoint, control: Endpoint,
        ingest: Endpoint?
    ) {
        var connected: [Endpoint] = []
        for text in subscribe { connected.append(try endpoint(text, "subscribe")) }
        let events = try endpoint(events, "events")
        return (
            connected, try endpoint(bindSubscribe, "bind-subscribe"), events,
            try endpoint(waves.isEmpty ? events.beside("waves") : waves, "waves"),
            try endpoint(control, "control"), try ingestEndpoint()
        )
    }

    /// The endpoints that a daemon listens at, each by the key that names it.
    public func boundEndpoints() throws(Refused) -> [(name: String, endpoint: Endpoint)] {
        let all = try endpoints()
        return [
            ("bind-subscribe", all.bind), ("events", all.events), ("control", all.control),
            ("waves", all.waves),
        ] + (all.ingest.map { [("ingest", $0)] } ?? [])
    }

    /// Reads the policy file as a daemon would; nothing where none is named.
    /// - Returns: What is to be said of who else may change it; nil where nobody may.
    public func checkPolicy() throws(Refused) -> String? { try WardPolicy(file: policy).warning }

    private func endpoint(_ text: String, _ key: String) throws(Refused) -> Endpoint {
        let endpoint: Endpoint
        do { endpoint = try Endpoint(text) } catch { throw Refused(description: "\(key): \(error)") }
        guard endpoint.isLocal || !keys.isEmpty else {
            throw Refused(
                description:
                    "\(key): \(text) is not on this machine; without --keys DIR only loopback and ipc are served, "
                    + "since nobody there has to prove who it is"
            )
        }
        return endpoint
    }
}
