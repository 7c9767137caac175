internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Mathematics
private import Messaging
internal import Pipeline
internal import Station
private import Synchronization
internal import Wire

/// Answers control requests: HELLO, STATUS, STREAMS, LABELS.
///
/// Reads what the threads tell of themselves.
struct ControlReplies: Sendable {
    /// Counts that grow from several places.
    final class Counts: Sendable {
        /// Events sent so far.
        let published = AtomicCount()
    }

    let run: String
    let source: String
    let modelName: String
    let model: Model
    let limits: Admission.Limits
    /// How the log names streams; STREAMS tells which is whose.
    let names: LogNames
    let state: DaemonState
    let clocks: Clocks
    let counts = Counts()

    /// Streams or statements of one reply; the next page is asked for.
    static let pageCount = 50

    private struct Problem: Error {
        let code: String
        let detail: String
    }

    /// The reply to one request, whatever it is.
    func answer(_ body: [UInt8]) -> [UInt8] {
        var request: JSONValue = .null
        var reply: JSONObject
        do throws(Problem) {
            let parsed: JSONValue
            do { parsed = try JSONValue(parsing: body) } catch {
                throw Problem(code: "BAD_JSON", detail: "\(error)")
            }
            guard let object = parsed.object else {
                throw Problem(code: "BAD_JSON", detail: "a request is an object with op and request")
            }
            if let text = object["request"]?.text { request = .string(text) }
            reply = try perform(object).with(["ok": .bool(true)])
            if reply["more"] == nil { reply = reply.with(["more": .bool(false)]) }
        } catch {
            reply = [
                "ok": .bool(false), "code": .string(error.code), "detail": .string(error.detail),
                "more": .bool(false),
            ]
        }
        return JSONValue.object(reply.with(["request": request])).canonical
    }

    private func perform(_ request: JSONObject) throws(Problem) -> JSONObject {
        switch request["op"]?.text {
        case "HELLO": return hello
        case "STATUS": return statusData.with(details).with(try refusedSenders(from: request["from"]))
        case "STREAMS": return try streams(from: request["from"])
        case "LABELS": return try labels(from: request["from"])
        default:
            throw Problem(code: "UNKNOWN_OP", detail: "op is one of HELLO, STATUS, STREAMS, LABELS")
        }
    }

    private static let notice = "research software, not a medical device"

    private var hello: JSONObject {
        [
            "version": .string(Daemon.version), "notice": .string(ControlReplies.notice), "run": .string(run),
            "protocol": .object(["ecg": .integer(1), "ev": .integer(1), "schema": .integer(1)]),
            "limits": .object([
                "frame_bytes_max": .integer(262_144), "streams_max": .integer(Int64(limits.streamsMax)),
                // No reader is refused a subscription for their number.
                "subscriptions_max": .null,
                "subscription_bytes_max": .integer(Int64(EventSocket.subscriptionBytesMax)),
                "request_bytes_max": .integer(65_536),
            ]),
            "rights": .array([.string("read")]), "assignment": .object(["partitions": .string("all")]),
        ]
    }

    /// The facts of STATUS and of the status event.
    var statusData: JSONObject {
        let now = state.current
        return [
            "ready": .bool(now.isReady), "notice": .string(ControlReplies.notice),
            "model": .string(modelName),
            "streams": .integer(Int64(now.openStreams)), "streams_max": .integer(Int64(limits.streamsMax)),
            "frames": .integer(Int64(now.framesReceived)),
            "published": .integer(Int64(counts.published.value)),
            "peers": .integer(Int64(now.peers)), "links_dropped": .integer(Int64(now.linksDropped)),
            "uptime_seconds": .integer(clocks.monotonic / 1_000_000_000),
        ]
    }

    /// What only STATUS tells: refusals by endpoint and code, and why streams have no window yet.
    private var details: JSONObject {
        let now = state.current
        var endpoints: [(String, JSONValue)] = []
        for name in Set(now.refused.map(\.endpoint)).sorted() {
            let codes = now.refused.filter { $0.endpoint == name }.map {
                ($0.code.rawValue, JSONValue.integer(Int64($0.count)))
            }
            endpoints.append((name, .object(JSONObject(codes))))
        }
        let starting = now.shards.joined().filter { $0.newestWindow == nil && $0.isOpen }
            .prefix(ControlReplies.pageCount)
        return [
            "counts": .object(JSONObject(endpoints)),
            "starting": .array(
                starting.map {
                    .object(["stream": .string($0.identity.name), "why": .string($0.waitsFor)])
                }
            ),
        ]
    }

    private func page<Element>(
        _ all: [Element],
        from: JSONValue?,
        named name: String,
        _ write: (Element) -> JSONValue
    ) throws(Problem) -> JSONObject {
        let start = from?.whole ?? 0
        guard start >= 0, from == nil || from?.whole != nil else {
            throw Problem(code: "BAD_JSON", detail: "from is the number that next gave")
        }
        let first = min(Int(start), all.count)
        let end = min(first + ControlReplies.pageCount, all.count)
        var reply: JSONObject = [name: .array(all[first..<end].map(write)), "more": .bool(end < all.count)]
        if end < all.count { reply = reply.with(["next": .integer(Int64(end))]) }
        return reply
    }

    private func refusedSenders(from: JSONValue?) throws(Problem) -> JSONObject {
        try page(state.current.refusedSenders, from: from, named: "refused_senders") { sender in
            let codes = sender.codes.map { code in
                let told: JSONObject = [
                    "count": .integer(Int64(code.count)), "detail": .string(code.detail),
                ]
                return (code.code.rawValue, JSONValue.object(told))
            }
            return .object([
                "endpoint": .string(sender.endpoint), "patient": .stringOrNull(sender.sender?.patient),
                "device": .stringOrNull(sender.sender?.device), "codes": .object(JSONObject(codes)),
            ])
        }
    }

    private func streams(from: JSONValue?) throws(Problem) -> JSONObject {
        let all = state.current.shards.joined().sorted { $0.identity < $1.identity }
        return try page(all, from: from, named: "streams") { ControlReplies.stream($0, names) }
    }

    private func labels(from: JSONValue?) throws(Problem) -> JSONObject {
        let missing = model.ranker.notLookedFor
        let entries = LabelFormat.entries(
            of: .shipped,
            ranked: model.ranker.model.ranked,
            threshold: model.ranker.threshold(of:)
        )
        return try page(entries, from: from, named: "labels") { .object($0) }.with([
            "notice": .string(ControlReplies.notice),
            "not_looked_for": .object([
                "count": .integer(Int64(missing.count)), "sentence": .stringOrNull(missing.sentence),
            ]),
        ])
    }

    private static func stream(_ status: Shard.Status, _ names: LogNames) -> JSONValue {
        let (state, why): (String, JSONValue) =
            switch status.state {
            case .starting: ("starting", .null)
            case .live: ("live", .null)
            case .silent: ("silent", .null)
            case .closed(let reason): ("closed", .string(reason.rawValue))
            }
        let leads = status.leads.map { lead, track, rate, contact, ledger in
            JSONValue.object([
                "lead": .string(lead.name), "track": .integerOrNull(track.map(Int64.init)),
                "rate": rate.map { .decimal($0.hertz, places: 3) } ?? .null,
                "received": .integer(Int64(ledger.received)), "analysed": .integer(Int64(ledger.analysed)),
                "duplicate": .integer(Int64(ledger.duplicate)), "late": .integer(Int64(ledger.late)),
                "conflict": .integer(Int64(ledger.conflict)), "refused": .integer(Int64(ledger.refused)),
                "held": .integer(Int64(ledger.held)), "contact": .string(contact.rawValue),
            ])
        }
        let refused = JSONObject(status.refused.map { ($0.code.rawValue, .integer(Int64($0.count))) })
        return .object([
            "stream": .string(status.identity.name), "patient": .string(status.identity.patient),
            "device": .string(status.identity.device), "epoch": .string(hexadecimal16(status.identity.epoch)),
            "state": .string(state), "why": why, "log": .string(names.name(of: status.identity.name)),
            "window": .integerOrNull(status.newestWindow),
            "leads": .array(leads), "refused": .object(refused), "drift_ppm": .null,
            "missing": .integer(Int64(status.missingChunks)),
            "duplicate_chunks": .integer(Int64(status.duplicateChunks)),
            "battery_percent": .integerOrNull(status.batteryPercent.map(Int64.init)),
            "offset_uncertainty_ms": .null, "rate_mismatch": .bool(false),
        ])
    }
}

extension Shard.Status {
    /// Why it has no window yet: how much signal is there, unless no electrode is on the patient.
    fileprivate var waitsFor: String {
        if state != .silent, !leads.isEmpty, leads.allSatisfy({ $0.contact == .off }) {
            return "electrodes off"
        }
        let tenths = min(gridSamples, Int64(Grid.windowSamples)) / 50
        return "\(state == .silent ? "silent" : "starting"), \(tenths / 10).\(tenths % 10) of 10 s"
    }

    fileprivate var isOpen: Bool { if case .closed = state { false } else { true } }
}

/// A count that several threads raise.
final class AtomicCount: Sendable {
    private let count = Atomic(0)

    /// Raises it.
    func add(_ number: Int) { count.add(number, ordering: .relaxed) }

    /// Its value now.
    var value: Int { count.load(ordering: .relaxed) }
}
