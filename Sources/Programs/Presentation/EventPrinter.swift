public import Wire

/// Turns published events into lines for people.
public struct EventPrinter: Sendable {
    /// Probabilities from which a statement counts as found, by id; 0.5 where it has none.
    public var thresholds: [String: Double] = [:] {
        didSet { lines = FindingLines(count: count, thresholds: thresholds) }
    }
    private let count: Int?
    private let onlyChanges: Bool
    private var lines: FindingLines
    /// What was last said of each stream; empty where every window is printed.
    private var gists: [String: String] = [:]

    /// Streams whose last words are kept; beyond it all are forgotten, so that a window may be printed once more.
    private static let streamsMax = 10_000

    /// Takes the wishes of `--top` and `--changes`.
    public init(count: Int? = nil, onlyChanges: Bool = false) {
        self.count = count
        self.onlyChanges = onlyChanges
        lines = FindingLines(count: count)
    }

    /// The line of an event; nil where only changes are wanted and the stream's last window said the same.
    public mutating func line(for event: JSONObject) -> String? {
        let head = "\(event["time"]?.text ?? "?")  \(event["subject"]?.text ?? "?")  "
        guard let data = event["data"]?.object else { return head }
        switch EventKind.allCases.first(where: { $0.type == event["type"]?.text }) {
        case .diagnosis:
            let window = WindowForPeople(data)
            guard isNews(window, of: data["stream"]?.text ?? "?") else { return nil }
            return head + lines.text(of: window)
        case .alarm: return head + AlarmForPeople(data).text
        case .tech:
            let words = ["code", "phase"].compactMap { data[$0]?.text }.joined(separator: " ")
            let place = data["endpoint"]?.text.map { "  \($0)" } ?? ""
            let count = data["count"]?.whole ?? 1
            let times = count > 1 ? " (\(count) times)" : ""
            return head + "\(words)\(times)\(place)  \(data["detail"]?.text ?? "")"
        case .vitals: return head + VitalsForPeople(data).text
        case .status: return head + EventPrinter.status(data)
        default: return head + "\(event["type"]?.text ?? "?")  \(JSONValue.object(data).canonicalText)"
        }
    }

    private mutating func isNews(_ window: WindowForPeople, of stream: String) -> Bool {
        guard onlyChanges else { return true }
        let gist = lines.gist(of: window)
        guard gists[stream] != gist else { return false }
        if gists.count >= EventPrinter.streamsMax, gists[stream] == nil { gists.removeAll() }
        gists[stream] = gist
        return true
    }

    /// The service's state in words.
    private static func status(_ data: JSONObject) -> String {
        let facts = ServiceFacts(data)
        return
            "status  \(facts.isReady ? "ready" : "not ready"), \(facts.openStreams) of \(facts.streamsMax) streams, "
            + "\(facts.framesReceived) frames received, \(facts.eventsPublished) events published, "
            + "up \(facts.uptimeSeconds) s"
    }
}
