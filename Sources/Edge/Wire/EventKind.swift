/// The kinds of event, as topics and `type` name them.
public enum EventKind: String, Sendable, CaseIterable {
    /// A window's finding.
    case diagnosis
    /// A physiological or technical alarm.
    case alarm
    /// Vital signs, once a second.
    case vitals
    /// A grade of the signal.
    case quality
    /// A technical fact.
    case tech
    /// The service's own state.
    case status
    /// Run and topic heads, once a second.
    case heartbeat

    /// Whether this version's daemon publishes events of the kind; the others are names kept for later ones.
    public var isPublished: Bool {
        switch self {
        case .diagnosis, .alarm, .vitals, .tech, .status, .heartbeat: true
        case .quality: false
        }
    }

    /// CloudEvents' `type`: `shinden.KIND.v1`.
    public var type: String { "shinden.\(rawValue).v1" }
}
