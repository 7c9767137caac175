internal import ECGSignal
internal import FlyingFox
private import Foundation
internal import Wire

/// What people do: they log in, acknowledge alarms, pause signals and set what holds for a patient.
///
/// Each request is one JSON object of at most 4 KiB. What changes something at a daemon needs a session, the person's right to
/// it, and the session's key in the header `X-Shinden-Key`, which no other page can read.
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

    /// What a person may do.
    private func right(of session: Sessions.Session) -> UserFile.Right {
        door?.right(of: session.user) ?? .look
    }

    /// Who is logged in, and what a page must know for that.
    func me(_ request: HTTPRequest) -> HTTPResponse { json(.ok, me(session(of: request))) }

    private func me(_ session: Sessions.Session?) -> JSONObject {
        [
            "users": .bool(door != nil), "user": .stringOrNull(session?.user),
            "key": .stringOrNull(session?.key),
            "right": .stringOrNull(session.map { right(of: $0).rawValue }),
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
        if route == .login { return await logIn(body, at: door, isEncrypted: isEncrypted(request)) }
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
            return json(.ok, me(nil), cookie: cookie("", seconds: 0, isEncrypted: isEncrypted(request)))
        case .acknowledge, .pause, .set: return await change(route, body, session)
        case .health, .readiness, .metrics, .me, .events, .labels, .strip, .trend, .login, nil:
            return refusal(.notFound, "PATH", "there is no such request")
        }
    }

    private func isEncrypted(_ request: HTTPRequest) -> Bool {
        names.isEncrypted(at: request.headers[.host]?.lowercased() ?? "")
    }

    /// What changes something at a daemon, for who has the right to it.
    private func change(
        _ route: Route?,
        _ body: JSONObject,
        _ session: Sessions.Session
    ) async -> HTTPResponse {
        let needed: UserFile.Right = route == .set ? .manage : .answer
        guard right(of: session) >= needed else {
            audit.note(session.user, "is refused: has not the right \(needed.rawValue)")
            return refusal(.forbidden, "RIGHT", "\(session.user) has not the right \(needed.rawValue)")
        }
        switch route {
        case .acknowledge: return await acknowledge(body, session)
        case .pause: return await pause(body, session)
        default: return await set(body, session)
        }
    }

    private func body(of request: HTTPRequest) async -> JSONObject? {
        guard request.headers[.contentType]?.hasPrefix("application/json") == true,
            let count = request.bodySequence.count, count <= Answers.bodyMax,
            let data = try? await request.bodyData
        else { return nil }
        return try? JSONValue(parsing: Array(data), byteCountMax: Answers.bodyMax).object
    }

    /// A browser sends back over TLS alone what it was given over TLS.
    private func cookie(_ token: String, seconds: Int64, isEncrypted: Bool) -> String {
        "\(names.cookie)=\(token); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
            + (isEncrypted ? "; Secure" : "")
    }

    private func logIn(_ body: JSONObject, at door: Door, isEncrypted: Bool) async -> HTTPResponse {
        guard let name = body["name"]?.text, UserFile.isName(name),
            let password = body["password"]?.text.map({ Array($0.utf8) }),
            password.count <= UserFile.passwordBytes.upperBound
        else { return refusal(.unauthorized, "REFUSED", "name or password is wrong") }
        let hub = hub
        switch await door.enter(name, password, now: { hub.now }) {
        case .opened(let token, let session):
            audit.note(name, "logs in")
            let cookie = cookie(token, seconds: Sessions.life / 1_000, isEncrypted: isEncrypted)
            return json(.ok, me(session), cookie: cookie)
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

    /// Sets what holds for one patient: standby, a baseline, limits, discharge.
    ///
    /// The body is the daemon's own request, without `request` and `user`, and with `source`. It is read as the daemon reads it.
    private func set(_ body: JSONObject, _ session: Sessions.Session) async -> HTTPResponse {
        let settable = ["STANDBY", "BASELINE", "LIMITS", "DISCHARGE"]
        guard let operation = body["op"]?.text, settable.contains(operation) else {
            return refusal(.badRequest, "BODY", "op is one of \(settable.joined(separator: ", "))")
        }
        let asked = ControlRequest.parse(JSONValue.object(body).canonical).1
        guard case .success(let request) = asked,
            case .order(let order, .patient(let patient)) = request.order
        else {
            if case .failure(let problem) = asked { return refusal(.badRequest, "BODY", problem.detail) }
            return refusal(.badRequest, "BODY", "give patient")
        }
        // It stands in the log, so it may be nothing else than an id of the catalogue's form.
        if case .baseline(let statement, _) = order, statement.wholeMatch(of: /[a-z0-9_]{1,64}/) == nil {
            return refusal(.badRequest, "BODY", "statement is the id of a statement")
        }
        return await perform(.order(order, .patient(patient)), body, session) { outcome in
            audit.note(session.user, "sets \(order.words): \(outcome); patient", patient: patient)
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

extension OperatorCommand.Order {
    /// What is asked for, as the log says it.
    fileprivate var words: String {
        switch self {
        case .acknowledge: "an acknowledgement"
        case .pause(let kind, let seconds): "a pause of \(kind.rawValue) for \(seconds) s"
        case .standby(let isOn): isOn ? "standby" : "the end of standby"
        case .baseline(let statement, let isAccepted):
            isAccepted ? "\(statement) as usual" : "\(statement) as not usual"
        case .limits(nil): "the ward's limits"
        case .limits(let order?):
            order.rates.map { "limits " + $0.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }
                ?? "what ST is compared with"
        case .discharge: "discharge"
        }
    }
}
