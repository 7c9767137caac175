import TestSupport
import Wire
import ZeroMQ

/// Reads the daemon's events, as a dashboard would, and counts what it missed by the numbers on them.
final class Listener {
    /// An event as it came.
    struct Heard {
        let topic: String
        let event: JSONObject

        var data: JSONObject { event["data"]?.object ?? [:] }
        var kind: String { event["type"]?.text ?? "" }
        var subject: String { event["subject"]?.text ?? "" }
        var code: String? { data["code"]?.text }
        var phase: String? { data["phase"]?.text }
        var reason: String? { data["detail"]?.text }
        var firstSample: Int64? {
            data["first_sample"]?.whole ?? data["window"]?.object?["first_sample"]?.whole
        }
        var number: UInt64 { event["topicsequence"]?.text.flatMap { UInt64($0) } ?? 0 }

        func isTech(_ code: String) -> Bool { kind == "shinden.tech.v1" && self.code == code }
        var isDiagnosis: Bool { kind == "shinden.diagnosis.v1" }
        var isHeartbeat: Bool { kind == "shinden.heartbeat.v1" }
        /// Whether it came because of what was sent; heartbeats and status come in any case.
        var isNews: Bool { !isHeartbeat && kind != "shinden.status.v1" }
    }

    private let socket: Socket
    private(set) var heard: [Heard] = []
    /// Holes in the numbers of any topic.
    private(set) var missed: UInt64 = 0
    private var heads: [String: UInt64] = [:]
    /// First samples of each stream's windows, as they came.
    private(set) var windows: [String: [Int64]] = [:]
    /// The closing events, by patient.
    private(set) var closings: [String: [Heard]] = [:]

    /// Subscribes to everything; returns once the daemon is known to have the subscription.
    init(_ daemon: LiveDaemon, security: Security = .none, prefix: String = "ev1.") throws {
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        socket = try Socket(.sub, in: try Context(security: security), options: options)
        try socket.subscribe(Array(prefix.utf8))
        try socket.connect(daemon.events)
        guard try hears("a heartbeat", { $0.isHeartbeat }) else {
            throw Missing(description: "no heartbeat within the limit")
        }
        heard = []
    }

    /// Reads on until an event fits; false once nothing new was found out for the limit of a wait.
    func hears(_ what: String, _ fits: (Heard) -> Bool) throws -> Bool {
        var patience = Patience()
        while !patience.isOver() {
            guard let next = try read(within: .milliseconds(50)) else { continue }
            if fits(next) { return true }
            if next.isNews { patience.renew() }
        }
        return false
    }

    /// Reads on until `condition`, asked after each event and each 50 ms, holds; false once nothing new was found
    /// out for the limit of a wait.
    ///
    /// So a long work that a slow daemon goes on with is waited for.
    func reads(until condition: () throws -> Bool) throws -> Bool {
        var patience = Patience()
        while try !condition() {
            if patience.isOver() { return false }
            if try read(within: .milliseconds(50))?.isNews == true { patience.renew() }
        }
        return true
    }

    private func read(within timeout: Duration) throws -> Heard? {
        guard try socket.wait(for: .readable, timeout: timeout).contains(.readable),
            case .message(let parts) = try socket.receive(maximumParts: 2), parts.count == 2,
            let object = try JSONValue(parsing: parts[1]).object
        else { return nil }
        let event = Heard(topic: String(decoding: parts[0], as: UTF8.self), event: object)
        heard.append(event)
        if event.isDiagnosis, let stream = event.data["stream"]?.text, let first = event.firstSample {
            windows[stream, default: []].append(first)
        }
        if event.isTech("stream_closed") { closings[event.subject, default: []].append(event) }
        note(event.topic, event.number, due: event.number - 1)
        for head in event.data["heads"]?.object?.members ?? [] {
            let number = UInt64(head.value.whole ?? 0)
            note(head.name, number, due: number)
        }
        return event
    }

    private func note(_ topic: String, _ number: UInt64, due: UInt64) {
        let before = heads[topic] ?? number
        if due > before { missed += due - before }
        heads[topic] = max(before, number)
    }

    /// The canonical members of the events about `patient`, sorted, without what arrival alone tells.
    func canonical(_ patient: String) -> [String] {
        heard.filter { $0.subject == patient }.map { each in
            var timeless = each.data
            for (place, times) in [("window", ["start", "end"]), ("onset", ["time"])] {
                guard let whole = each.data[place]?.object else { continue }
                let rest = whole.members.filter { !times.contains($0.name) }
                timeless = timeless.with([place: .object(JSONObject(rest.map { ($0.name, $0.value) }))])
            }
            let members: JSONObject = [
                "data": .object(timeless), "id": each.event["id"] ?? .null,
                "type": each.event["type"] ?? .null,
                "subject": each.event["subject"] ?? .null,
            ]
            return JSONValue.object(members).canonicalText
        }.sorted()
    }

    /// First samples of the windows of `stream`, as they came.
    func windows(of stream: String) -> [Int64] { windows[stream] ?? [] }
}
