internal import ECGSignal
internal import Findings
internal import Logging
internal import Pipeline
internal import Wire

/// Turns notices about links into technical events and lines of the log.
///
/// What an operator must mend is an event, counted by endpoint and said at once and then every 10 s; that a link was
/// lost is a line of the log alone, since gateways leave as they please.
struct LinkReport: Sendable {
    /// The endpoint of acknowledged gateways, by the name that its links are told by; nil where there is none.
    let acknowledged: String?
    private var counters: [(endpoint: String, counter: TechnicalCounter)] = []
    /// What became of links since the start, by endpoint.
    private(set) var totals: [StatusReport.Endpoint] = []
    private var budget = LineBudget()

    /// Nothing was seen yet.
    init(acknowledged: String? = nil) { self.acknowledged = acknowledged }

    /// The event and the line of a notice, where it has one.
    mutating func take(_ notice: LinkTable.Notice, at now: Arrival) -> (event: Event?, line: EventLog.Line?) {
        switch notice {
        case .lost(let endpoint): (nil, line("link lost", endpoint, at: now))
        case .returned(let endpoint):
            (
                count(
                    .linkDropped,
                    endpoint,
                    "a link broke and the same topics come by a new one; what was on its way may be lost. A frame "
                        + "above 256 KiB costs its sender the link",
                    at: now
                ), nil
            )
        case .refused(let endpoint):
            (
                count(
                    .peerRefused,
                    endpoint,
                    "a peer was cut off before it was one: its socket \(expectation(at: endpoint)), or it does not speak "
                        + "ZeroMQ, or has a key where none is asked for, or none where one is",
                    at: now
                ), nil
            )
        case .keyRefused(let endpoint, let why): (count(.keyRefused, endpoint, why, at: now), nil)
        case .rightRefused(let endpoint, let why): (count(.rightRefused, endpoint, why, at: now), nil)
        case .limitReached(let endpoint, let why): (count(.limitReached, endpoint, why, at: now), nil)
        case .unheard(let endpoint):
            (
                count(
                    .peerUnheard,
                    endpoint,
                    endpoint == acknowledged
                        ? "a peer is connected for 10 s and no message of it has come; a gateway begins with a HELLO"
                        : "a peer is connected for 10 s and no message of it is subscribed to; its topics are to begin with "
                            + "\(Topic.allData) and to be \(Topic.form)",
                    at: now
                ), nil
            )
        }
    }

    /// What was counted and has not been said for 10 s.
    mutating func flush(at now: Arrival) -> [Event] {
        counters.indices.flatMap { counters[$0].counter.flush(at: now) }
    }

    /// Lines about lines that were left out.
    mutating func leftOut(at now: MonotonicNanoseconds) -> [EventLog.Line] {
        budget.takeLeftOut(at: now).map { .leftOut($0.kind, $0.count) }
    }

    /// What is wrong with a socket that cannot send there.
    private func expectation(at endpoint: String) -> String {
        endpoint == acknowledged
            ? "is no DEALER (PUB, XPUB, PUSH and SUB cannot send here; gateways without acknowledgements have an endpoint of "
                + "their own)" : "is no PUB or XPUB (PUSH, REQ, DEALER and SUB cannot send here)"
    }

    private mutating func line(_ message: String, _ endpoint: String, at now: Arrival) -> EventLog.Line? {
        guard budget.admits(message, at: now.monotonic) else { return nil }
        return EventLog.Line(level: .warning, message: message, facts: ["endpoint": endpoint])
    }

    /// Endpoints come from the configuration, so their number is bounded.
    private mutating func count(
        _ code: TechnicalEvent.Code,
        _ endpoint: String,
        _ detail: String,
        at now: Arrival
    ) -> Event? {
        let index = counters.firstIndex { $0.endpoint == endpoint } ?? counters.count
        if index == counters.count {
            counters.append((endpoint, TechnicalCounter(.endpoint(endpoint))))
            totals.append(StatusReport.Endpoint(name: endpoint, codes: []))
        }
        let others = totals[index].codes.filter { $0.code != code.rawValue }
        let before = totals[index].codes.first { $0.code == code.rawValue }?.count ?? 0
        let newest = StatusReport.CodeCount(code: code.rawValue, count: before + 1, detail: detail)
        totals[index] = StatusReport.Endpoint(name: endpoint, codes: others + [newest])
        return counters[index].counter.count(code, firstSample: nil, detail: detail, at: now)
    }
}
