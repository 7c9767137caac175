/// What programs and pages ask the dashboard for, beside the files of the pages; Protocols/dashboard.openapi.json describes each.
enum Route: CaseIterable {
    case health
    case readiness
    case metrics
    case me
    case events
    case labels
    case strip
    case trend
    case login
    case logout
    case acknowledge
    case pause
    case set

    /// The method by which it is asked for.
    var method: String {
        switch self {
        case .health, .readiness, .metrics, .me, .events, .labels, .strip, .trend: "GET"
        case .login, .logout, .acknowledge, .pause, .set: "POST"
        }
    }

    /// The path by which a browser asks for it.
    var path: String {
        switch self {
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        case .me: "/api/me"
        case .events: "/events"
        case .labels: "/api/labels"
        case .strip: "/api/strip"
        case .trend: "/api/trend"
        case .login: "/api/login"
        case .logout: "/api/logout"
        case .acknowledge: "/api/ack"
        case .pause: "/api/pause"
        case .set: "/api/set"
        }
    }

    /// The route of a request; nil where there is none.
    init?(_ method: String, _ path: String) {
        guard let route = Route.allCases.first(where: { $0.method == method && $0.path == path }) else {
            return nil
        }
        self = route
    }
}
