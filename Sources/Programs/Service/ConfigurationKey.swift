internal import ECGSignal

/// One key of the daemon's configuration: a row of the table from which flags, environment variables, the file, the
/// printed configuration and the help text derive.
///
/// The package swift-configuration was weighed for this: it gives the default where a value cannot be one and does not
/// see keys that nobody asks for, so a misspelt key or value would be silent; here each is refused by name.
public struct ConfigurationKey: Sendable {
    /// What a value looks like on the command line and in a file.
    public enum Shape: Sendable, Equatable {
        /// One value.
        case single
        /// Any number of values; on the command line the flag is given again for each.
        case list
        /// Yes or no; on the command line the flag alone means yes.
        case toggle
        /// One of these words.
        case word([String])
        /// The path of a folder.
        case folder
    }

    /// Its name: `--hop` on the command line, `hop` in the file, `SHINDEN_HOP` in the environment.
    public let name: String
    /// One sentence for people, without the default.
    public let help: String
    /// What a value looks like.
    public let shape: Shape
    /// The values that it may have, in words; empty where any text may be one.
    let allowed: String
    /// Puts a value given as text in its place; false where it cannot be one.
    let read: @Sendable (inout Configuration, String) -> Bool
    /// The value as YAML.
    let write: @Sendable (Configuration) -> String

    /// The name of its environment variable.
    public var variable: String {
        Configuration.environmentPrefix + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The default as people read it.
    public var standard: String {
        let text = write(Configuration())
        return text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
    }

    /// Every key, in the order of the printed configuration.
    public static let all: [ConfigurationKey] = [
        .list("subscribe", \.subscribe, "Connect to publishers at this endpoint; may be given again."),
        .text("bind-subscribe", \.bindSubscribe, "Endpoint that gateways connect to."),
        .text(
            "ingest",
            \.ingest,
            "Endpoint of gateways whose chunks are acknowledged; it needs --state, and where nothing is said there is none."
        ),
        .text(
            "state",
            \.state,
            "The folder of what outlives the daemon; the frame log is kept in it, the frames of all patients too.",
            shape: .folder
        ),
        .word(
            "ack",
            \.ack,
            AcknowledgementLevel.allCases,
            "What a chunk survives once it is acknowledged: the end of the daemon, or a loss of power too."
        ),
        .text("events", \.events, "Endpoint of the events."),
        .text("control", \.control, "Endpoint of control requests."),
        .text(
            "waves",
            \.waves,
            "Endpoint of waveforms for those who look; where nothing is said one beside the events, told by HELLO."
        ),
        .text("model", \.model, "The folder of the model.", shape: .folder),
        .text("policy", \.policy, "A YAML file of what a ward sets for its alarms."),
        .text(
            "keys",
            \.keys,
            "The folder of the daemon's key and of who may come in; with it every endpoint asks for a key.",
            shape: .folder
        ),
        .whole("hop", \.hop, 32...4_992, "Grid samples (1/500 s) between windows; a multiple of 32."),
        .whole("streams-max", \.streamsMax, 1...100_000, "Open streams at most."),
        .whole(
            "idle-seconds",
            \.idleSeconds,
            1...86_400,
            "Seconds without a frame after which a stream is closed."
        ),
        .speed(
            "ingest-speed-max",
            \.ingestSpeedMax,
            1...1_000,
            "How many times real time a stream may come for longer than two minutes"
        ),
        .whole(
            "stop-seconds",
            \.stopSeconds,
            1...3_600,
            "Seconds that a stop may take, to analyse and send what was received."
        ),
        .text(
            "record",
            \.record,
            "Keep all that the decisions rest on, the frames of all patients too, as a log in this folder.",
            shape: .folder
        ),
        .whole("record-hours", \.recordHours, 1...87_600, "Hours after which a part of the log goes."),
        .whole(
            "record-bytes-max",
            \.recordBytesMax,
            16_000_000...1_000_000_000_000_000,
            "Bytes of the logs in that folder; the oldest part goes for a new one."
        ),
        .whole(
            "journal-hours",
            \.journalHours,
            1...87_600,
            "Hours after which an event goes from the journal, which --state keeps."
        ),
        .whole(
            "journal-bytes-max",
            \.journalBytesMax,
            1_000_000...1_000_000_000_000_000,
            "Bytes of the journal; the oldest events go for new ones."
        ),
        .whole("workers", \.workers, 1...64, "Threads that encode; one a core where nothing is said."),
        .text("node", \.node, bytes: 1...64, "Name of this node in the events' source."),
        .word("log-level", \.logLevel, Configuration.logLevels, "How much is said on stderr."),
        .word(
            "log-format",
            \.logFormat,
            LineLogHandler.Format.allCases,
            "Whether a line is for people or for programs."
        ),
        .toggle(
            "log-plain-ids",
            \.logPlainIDs,
            "Name patients and devices in the log as they are, instead of by hashes that hold for one run."
        ),
    ]

    /// The key of that name.
    static func named(_ name: String) -> ConfigurationKey? { all.first { $0.name == name } }
}

/// The kinds of rows.
extension ConfigurationKey {
    private typealias Place<Value> = WritableKeyPath<Configuration, Value> & Sendable

    private static func text(
        _ name: String,
        _ place: any Place<String>,
        bytes: ClosedRange<Int> = 0...4_096,
        _ help: String,
        shape: Shape = .single
    ) -> Self {
        let allowed = "\(bytes.lowerBound) to \(bytes.upperBound) bytes"
        return Self(name: name, help: help, shape: shape, allowed: allowed) { configuration, text in
            guard bytes.contains(text.utf8.count) else { return false }
            configuration[keyPath: place] = text
            return true
        } write: {
            Configuration.quoted($0[keyPath: place])
        }
    }

    private static func whole(
        _ name: String,
        _ place: any Place<Int>,
        _ range: ClosedRange<Int>,
        _ help: String
    ) -> Self {
        let allowed = "\(range.lowerBound) to \(range.upperBound)"
        return Self(
            name: name,
            help: "\(help.dropLast()), \(allowed).",
            shape: .single,
            allowed: "a whole number, \(allowed)"
        ) { configuration, text in
            guard let number = Int(text), range.contains(number) else { return false }
            configuration[keyPath: place] = number
            return true
        } write: {
            "\($0[keyPath: place])"
        }
    }

    /// A whole number, or `max` for no limit.
    private static func speed(
        _ name: String,
        _ place: any Place<Int?>,
        _ range: ClosedRange<Int>,
        _ help: String
    ) -> Self {
        let allowed = "\(range.lowerBound) to \(range.upperBound), or max"
        return Self(name: name, help: "\(help): \(allowed).", shape: .single, allowed: allowed) {
            configuration,
            text in
            guard text == "max" || Int(text).map(range.contains) ?? false else { return false }
            configuration[keyPath: place] = Int(text)
            return true
        } write: {
            $0[keyPath: place].map { "\($0)" } ?? "max"
        }
    }

    private static func word<Word: RawRepresentable<String> & Sendable>(
        _ name: String,
        _ place: any Place<Word>,
        _ words: [Word],
        _ help: String
    ) -> Self {
        let choice = words.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: name,
            help: "\(help.dropLast()): \(choice).",
            shape: .word(words.map(\.rawValue)),
            allowed: choice
        ) { configuration, text in
            guard let word = words.first(where: { $0.rawValue == text }) else { return false }
            configuration[keyPath: place] = word
            return true
        } write: {
            $0[keyPath: place].rawValue
        }
    }

    private static func list(_ name: String, _ place: any Place<[String]>, _ help: String) -> Self {
        Self(name: name, help: help, shape: .list, allowed: "") { configuration, text in
            configuration[keyPath: place] = text.split(separator: ",").map(String.init)
            return true
        } write: {
            "[" + $0[keyPath: place].map(Configuration.quoted).joined(separator: ", ") + "]"
        }
    }

    private static func toggle(_ name: String, _ place: any Place<Bool>, _ help: String) -> Self {
        Self(name: name, help: help, shape: .toggle, allowed: "true, false") { configuration, text in
            guard let isOn = ["true": true, "false": false][text] else { return false }
            configuration[keyPath: place] = isOn
            return true
        } write: {
            "\($0[keyPath: place])"
        }
    }
}
