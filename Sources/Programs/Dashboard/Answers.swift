internal import FlyingFox
private import Foundation
private import Synchronization
internal import Wire

/// What a browser is answered: pages, the line of events, who is logged in, and how the dashboard is.
///
/// A request is answered where it names this dashboard as its host, so that a page of another site that makes its name lead
/// to loopback gets nothing, and where no other site makes the browser ask. Without a file of users everything is read only;
/// with one, whoever is not logged in sees no patient.
struct Answers: HTTPHandler {
    let hub: Hub
    /// Names of this dashboard in the header Host, and the pages that may ask it for something.
    let names: Names
    /// Where people come in; nil without a file of users.
    let door: Door?
    let desk: CommandDesk
    let audit: Audit

    /// The names, which are known once the port is.
    final class Names: Sendable {
        private let names = Mutex<(hosts: Set<String>, port: UInt16)>(([], 0))
        /// The origin under which a proxy with TLS shows the pages; nil where there is none.
        private let front: Dashboard.Front?

        init(behind front: Dashboard.Front?) { self.front = front }

        /// Whether a browser that asks `host` asks this dashboard.
        func contains(_ host: String) -> Bool {
            host == front?.host || names.withLock { $0.hosts.contains(host) }
        }

        /// Whether a page of that origin is one of this dashboard's as `host` shows it.
        func isOwn(_ origin: String?, at host: String) -> Bool {
            origin == (host == front?.host ? front?.origin : "http://\(host)")
        }

        /// Whether what `host` shows came to the browser by TLS.
        func isEncrypted(at host: String) -> Bool { host == front?.host }

        /// The name of the cookie: browsers hold cookies of a host for all its ports.
        var cookie: String { names.withLock { "shinden-\($0.port)" } }

        /// Takes the names in force.
        func set(_ hosts: Set<String>, port: UInt16) { names.withLock { $0 = (hosts, port) } }
    }

    func handleRequest(_ request: HTTPRequest) async -> HTTPResponse {
        guard let host = request.headers[.host]?.lowercased(), names.contains(host) else {
            return text(.init(421, phrase: "Misdirected Request"), "this dashboard has another name\n")
        }
        if let site = request.headers[HTTPHeader("Sec-Fetch-Site")], site == "cross-site", request.path != "/"
        {
            return text(.forbidden, "another site may not ask\n")
        }
        switch request.method {
        case .GET: return await get(request)
        case .POST:
            // A browser tells with every such request which page asks; another one, of whatever port, may not.
            guard names.isOwn(request.headers[HTTPHeader("Origin")], at: host) else {
                return refusal(.forbidden, "ORIGIN", "a page of this dashboard alone may ask for that")
            }
            return await post(request)
        default: return text(.methodNotAllowed, "GET or POST\n")
        }
    }

    private func get(_ request: HTTPRequest) async -> HTTPResponse {
        if let file = PageFiles.all[request.path] { return response(.ok, file.type, file.bytes) }
        switch Route("GET", request.path) {
        case .health: return health(.ok)
        case .readiness: return health(isReady ? .ok : .serviceUnavailable)
        case .metrics: return metrics()
        case .me: return me(request)
        case .events: return withSession(request) { events(request, $0) }
        case .labels: return withSession(request) { _ in labels(request) }
        case .strip: return withSession(request) { strip(request, $0) }
        case .trend: return withSession(request) { _ in trend(request) }
        case .login, .logout, .acknowledge, .pause, .set, nil:
            return text(.notFound, "there is no such page\n")
        }
    }

    /// What is shown to whoever is logged in, and to everybody where nobody can be.
    private func withSession(
        _ request: HTTPRequest,
        _ answer: (Sessions.Session?) -> HTTPResponse
    ) -> HTTPResponse {
        let session = session(of: request)
        guard door == nil || session != nil else { return refusal(.unauthorized, "LOGIN", "log in first") }
        return answer(session)
    }

    private func events(_ request: HTTPRequest, _ session: Sessions.Session?) -> HTTPResponse {
        let tile = request.query.first { $0.name == "tile" }.flatMap { Int($0.value) }
        guard let tab = TabStream.Tab(of: hub, tile: tile) else {
            return text(.serviceUnavailable, "\(Hub.tabsMax) tabs are open; close one\n")
        }
        if let session, let tile, let patient = hub.read({ $0.tiles[tile]?.patient }) {
            audit.note(session.user, "looks at patient", patient: patient)
        }
        let token = token(of: request)
        let stream = TabStream(hub: hub, tab: tab, tile: tile) { [hub, door] in
            door == nil || door?.session(token, at: hub.now) != nil
        }
        return HTTPResponse(
            statusCode: .ok,
            headers: headers("text/event-stream"),
            body: HTTPBodySequence(from: stream)
        )
    }

    private func metrics() -> HTTPResponse {
        let (tabs, now) = (hub.tabCount, hub.now)
        let metrics = hub.read { $0.metrics(tabs: tabs, at: now) }
        return response(.ok, PrometheusText.contentType, Array(PrometheusText.text(metrics).utf8))
    }

    private func labels(_ request: HTTPRequest) -> HTTPResponse {
        let source = request.query.first { $0.name == "source" }.flatMap { Int($0.value) } ?? 0
        let entries = hub.read { board in
            board.sources.indices.contains(source) ? board.sources[source].labels : []
        }
        return json(.ok, ["labels": .array(entries.map(JSONValue.object))])
    }

    /// The waveform around an alarm; who looks at it is noted.
    private func strip(_ request: HTTPRequest, _ session: Sessions.Session?) -> HTTPResponse {
        let source = request.query.first { $0.name == "source" }.flatMap { Int($0.value) } ?? 0
        let alarm = request.query.first { $0.name == "alarm" }?.value ?? ""
        let strip = hub.read { $0.strips[Strip.Name(source: source, alarm: alarm)] }
        if let session, let strip {
            audit.note(session.user, "looks at the strip of an alarm of patient", patient: strip.patient)
        }
        return json(.ok, ["strip": strip.map { .object($0.object) } ?? .null])
    }

    private func trend(_ request: HTTPRequest) -> HTTPResponse {
        let tile = request.query.first { $0.name == "tile" }.flatMap { Int($0.value) } ?? -1
        let now = hub.now
        let utc = Int64(Date().timeIntervalSince1970 * 1_000)
        let trend = hub.read { $0.tiles[tile]?.trend }
        return json(.ok, ["trend": trend.map { .object($0.object(at: now, utc: utc)) } ?? .null])
    }

    private var isReady: Bool { hub.read { $0.sources.allSatisfy { $0.heardAt != nil && !$0.isLost } } }

    private func health(_ status: HTTPStatusCode) -> HTTPResponse {
        let (daemons, tiles) = hub.read { board in
            (
                board.sources.map { source -> JSONObject in
                    let state = source.heardAt == nil ? "sought" : source.isLost ? "lost" : "heard"
                    return [
                        "events": .string(source.events), "state": .string(state),
                        "missed": .integer(Int64(clamping: source.missed)),
                    ]
                }, board.tiles.count
            )
        }
        return json(
            status,
            [
                "notice": .string(ServiceFacts.notice), "tabs": .integer(Int64(hub.tabCount)),
                "tiles": .integer(Int64(tiles)), "daemons": .array(daemons.map(JSONValue.object)),
            ]
        )
    }
}

// MARK: responses

extension Answers {
    /// One JSON object; `cookie` is what the browser is to hold from now on.
    func json(_ status: HTTPStatusCode, _ object: JSONObject, cookie: String? = nil) -> HTTPResponse {
        var answer = response(status, "application/json", JSONValue.object(object).canonical)
        if let cookie { answer.headers[.setCookie] = cookie }
        return answer
    }

    /// Why something was not done: a word for programs, a sentence for people.
    func refusal(_ status: HTTPStatusCode, _ code: String, _ detail: String) -> HTTPResponse {
        json(status, ["code": .string(code), "detail": .string(detail)])
    }

    private func text(_ status: HTTPStatusCode, _ words: String) -> HTTPResponse {
        response(status, "text/plain; charset=utf-8", Array(words.utf8))
    }

    private func response(_ status: HTTPStatusCode, _ type: String, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(statusCode: status, headers: headers(type), body: Data(bytes))
    }

    private func headers(_ type: String) -> HTTPHeaders {
        [
            .contentType: type, .cacheControl: "no-store",
            HTTPHeader("Content-Security-Policy"): Answers.policy,
            HTTPHeader("X-Content-Type-Options"): "nosniff",
            HTTPHeader("Referrer-Policy"): "no-referrer",
            HTTPHeader("Cross-Origin-Opener-Policy"): "same-origin",
            HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
        ]
    }

    /// The page runs its own files and asks its own host; nothing else is loaded, framed or sent anywhere.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
