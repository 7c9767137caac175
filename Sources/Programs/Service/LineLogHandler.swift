private import Foundation
public import Logging
internal import Wire

/// One line a message for a person or a program, by the common logging interface.
public struct LineLogHandler: LogHandler {
    /// How a line is written.
    public enum Format: String, Sendable, CaseIterable {
        /// `shinden: stream opened  stream=5f3c0a91e2 sample=0`; a warning and an error say what they are.
        case text
        /// One JSON object with time, level, message and what belongs to it.
        case json
    }

    /// What is written with every line.
    public var metadata: Logger.Metadata = [:]
    /// Lines below this level are not written.
    public var logLevel: Logger.Level
    private let format: Format
    private let writer: LineWriter

    /// A handler that writes to `writer`.
    public init(level: Logger.Level, format: Format, writer: LineWriter) {
        logLevel = level
        self.format = format
        self.writer = writer
    }

    /// A logger of the daemon with such a handler; nothing global is set up.
    public static func logger(
        level: Logger.Level,
        format: Format,
        writer: LineWriter = LineWriter()
    ) -> Logger {
        let handler = LineLogHandler(level: level, format: format, writer: writer)
        return Logger(label: "shinden", factory: { _ in handler })
    }

    /// A value that is written with every line, by its name.
    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the line of one message.
    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        let ordered = facts.map { (name: $0.key, value: "\($0.value)") }.sorted {
            LineLogHandler.place(of: $0.name) < LineLogHandler.place(of: $1.name)
        }
        let message = "\(event.message)"
        switch format {
        case .text: writer.write(LineLogHandler.text(event.level, message, ordered), level: event.level)
        case .json: writer.write(LineLogHandler.json(event.level, message, ordered), level: event.level)
        }
    }

    /// The order in which people look for things; what is not named here follows by the alphabet.
    private static let order = [
        "code", "count", "stream", "patient", "device", "endpoint", "sample", "reason",
    ]

    private static func place(of name: String) -> (Int, String) {
        (order.firstIndex(of: name) ?? (name == "detail" ? order.count + 1 : order.count), name)
    }

    static func text(
        _ level: Logger.Level,
        _ message: String,
        _ facts: [(name: String, value: String)]
    ) -> String {
        let word = level >= .error ? "error: " : level >= .warning ? "warning: " : ""
        let rest = facts.map { " \($0.name)=\(quotedWhereNeeded($0.value))" }.joined()
        return "shinden: \(word)\(singleLine(message))" + (rest.isEmpty ? "" : " " + rest)
    }

    static func json(
        _ level: Logger.Level,
        _ message: String,
        _ facts: [(name: String, value: String)]
    ) -> String {
        let head: [(String, JSONValue)] = [
            ("time", .string(timestamp(Clocks.utc))), ("level", .string(level.rawValue)),
            ("message", .string(message)),
        ]
        let object = JSONObject(facts.map { ($0.name, JSONValue.string($0.value)) }).with(JSONObject(head))
        return JSONValue.object(object).canonicalText
    }

    /// A value with spaces or quotes stands in quotes, so that a line can be cut into its parts again.
    private static func quotedWhereNeeded(_ value: String) -> String {
        let plain = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" }
        return plain && !value.isEmpty ? value : JSONValue.string(value).canonicalText
    }

    /// What comes from outside can neither begin a line nor move a terminal's cursor.
    private static func singleLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
            )
        )
    }
}
