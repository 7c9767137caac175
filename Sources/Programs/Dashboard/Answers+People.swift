internal import ECGSignal
internal import FlyingFox
private import Foundation
internal import Wire

/// What people do: they log in, acknowledge alarms and pause signals.
///
/// Each request is one JSON object of at most 4 KiB. What changes something at a daemon needs a session, and the session's key
/// in the header `X-Shinden-Key`, which no other page can read.
extension Answers {
    private static let keyHeader = HTTPHeader("X-Shinden-Key")
    private static let bodyMax = 4_096

    /// The token that the browser holds; nil where it holds none.
    func token(of request: HTTPRequest) -> String? {
        let wanted = names.cookie
        for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
                .map { String($0).trimmingCharacters(in: .whitespaces) }
            if parts.count == 2, parts[0] == wanted { return parts[1] }
        }
        return nil
    }

    /// Who asks; nil where nobody is logged in.
    func session(of request: HTTPRequest) -> Sessions.Session? {
        door?.session(token(of: request), at: hub.now)
    }

    /// Who is logged in, and what a page must know for that.
    func me(_ request: HTTPRequest) -> HTTPResponse { json(.ok, me(session(of: request))) }

    private func me(_ session: Sessions.Session?) -> JSONObject {
        [
            "users": .bool(door != nil), "user": .stringOrNull(session?.user),
            "key": .stringOrNull(session?.key),
            "seconds": .integerOrNull(session.map { ($0.endsAt - hub.now) / 1_000 }),
        ]
    }

    func post(_ request: HTTPRequest) async -> HTTPResponse {
        guard let door else {
            return refusal(.forbidden, "READ_ONLY", "this dashboard has no users: everything is read only")
        }
        guard let body = await body(of: request) else {
            return refusal(
                .badRequest,
                "BODY",
                "give one JSON object of at most \(Answers.bodyMax) bytes as application/json"
            )
        }
        let route = Route("POST", request.path)
        if route == .login { return await logIn(body, at: door) }
        guard let session = session(of: request), let token = token(of: request) else {
            return refusal(.unauthorized, "LOGIN", "log in first")
        }
        guard request.headers[Answers.keyHeader] == session.key else {
            return refusal(.forbidden, "KEY", "the key of the session is missing: load the page again")
        }
        switch route {
        case .logout:
            door.leave(token)
            audit.note(session.user, "logs out")
            return json(.ok, me(nil), cookie: cookie("", seconds: 0))
        case .acknowledge: return await acknowledge(body, session)
        case .pause: return await pause(body, session)
        case .health, .readiness, .metrics, .me, .events, .labels, .login, nil:
            return refusal(.notFound, "PATH", "there is no such request")
        }
    }

    private func body(of request: HTTPRequest) async -> JSONObject? {
        guard request.headers[.contentType]?.hasPrefix("application/json") == true,
            let count = request.bodySequence.count, count <= Answers.bodyMax,
            let data = try? await request.bodyData
        else { return nil }
        return try? JSONValue(parsing: Array(data), byteCountMax: Answers.bodyMax).object
    }

    private func cookie(_ token: String, seconds: Int64) -> String {
        "\(names.cookie)=\(token); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
    }

    private func logIn(_ body: JSONObject, at door: Door) async -> HTTPResponse {
        guard let name = body["name"]?.text, UserFile.isName(name),
            let password = body["password"]?.text.map({ Array($0.utf8) }),
            password.count <= UserFile.passwordBytes.upperBound
        else { return refusal(.unauthorized, "REFUSED", "name or password is wrong") }
        let hub = hub
        switch await door.enter(name, password, now: { hub.now }) {
        case .opened(let token, let session):
            audit.note(name, "logs in")
            return json(.ok, me(session), cookie: cookie(token, seconds: Sessions.life / 1_000))
        case .refused(let isKnown):
            // A name that nobody has may be a password that was typed in the wrong place.
            audit.note(isKnown ? name : "somebody", "is not let in: wrong name or password")
            return refusal(.unauthorized, "REFUSED", "name or password is wrong")
        case .wait(let seconds):
            return json(
                .tooManyRequests,
                [
                    "code": .string("WAIT"), "seconds": .integer(seconds),
                    "detail": .string("tried too often; try again in \(seconds) s"),
                ]
            )
        }
    }

    // MARK: what daemons are asked for

    private func acknowledge(_ body: JSONObject, _ session: Sessions.Session) async -> HTTPResponse {
        guard let alarm = body["alarm"]?.text, ControlOrder.isID(alarm),
            let seen = body["seen"]?.text, ControlOrder.isID(seen)
        else { return refusal(.badRequest, "BODY", "alarm and seen are ids of 32 hex digits") }
        return await perform(.acknowledge(alarmID: alarm, seen: seen), body, session) { outcome in
            audit.note(session.user, "acknowledges alarm \(alarm): \(outcome)")
        }
    }

    private func pause(_ body: JSONObject, _ session: Sessions.Session) async -> HTTPResponse {
        guard let patient = body["patient"]?.text, StreamIdentity.isValidID(patient),
            let kind = body["kind"]?.text.flatMap(OperatorCommand.PauseKind.init(rawValue:)),
            let seconds = body["seconds"]?.whole, (0...600).contains(seconds)
        else { return refusal(.badRequest, "BODY", "give patient, kind audio or alarm, seconds 0 to 600") }
        let order = OperatorCommand.Order.pause(kind, seconds: Int(seconds))
        return await perform(.order(order, .patient(patient)), body, session) { outcome in
            audit.note(session.user, "pauses \(kind) for \(seconds) s: \(outcome); patient", patient: patient)
        }
    }

    /// Asks the daemon whose number the body names; `note` is told in a word what came of it.
    private func perform(
        _ order: ControlOrder,
        _ body: JSONObject,
        _ session: Sessions.Session,
        note: (String) -> Void
    ) async -> HTTPResponse {
        let daemons = hub.read { $0.sources.map(\.isLost) }
        guard let source = body["source"]?.whole.flatMap({ Int(exactly: $0) }),
            daemons.indices.contains(source)
        else { return refusal(.badRequest, "BODY", "source is the number of a daemon") }
        guard !daemons[source] else {
            note("LOST")
            return refusal(.serviceUnavailable, "LOST", "the daemon is not heard; nothing was asked of it")
        }
        switch await desk.perform(order, by: session.user, at: source) {
        case .done(let reply):
            let outcome = reply.object["outcome"]?.text ?? "done"
            note(outcome)
            return json(
                .ok,
                [
                    "outcome": .string(outcome), "by": reply.object["by"] ?? .null,
                    "seconds": reply.object["seconds"] ?? .null,
                ]
            )
        case .refused(let problem):
            note(problem.code)
            return refusal(.conflict, problem.code, problem.detail)
        case .silent:
            note("SILENT")
            return refusal(
                .gatewayTimeout,
                "SILENT",
                "the daemon does not answer; whether it was done is not known"
            )
        case .busy:
            note("BUSY")
            return refusal(.serviceUnavailable, "BUSY", "too many requests wait; ask again")
        }
    }
}
