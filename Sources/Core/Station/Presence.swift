internal import ECGSignal
public import Findings

/// Which patients have an open stream, from the events that open and close them.
public struct Presence: Sendable {
    /// A patient who came or has gone.
    public struct Change: Sendable, Equatable {
        /// The patient's id.
        public let patient: String
        /// Whether the patient has an open stream now.
        public let isThere: Bool
    }

    private var openStreams: [String: Int] = [:]

    /// Nobody is there.
    public init() {}

    /// A stream of that patient was open before and goes on.
    public mutating func goOn(_ patient: String) { openStreams[patient, default: 0] += 1 }

    /// Takes the next event in the order of publishing; the change that it makes, if it makes one.
    public mutating func take(_ event: Event) -> Change? {
        guard case .technical(let fact) = event.content, case .stream(let stream) = fact.subject else {
            return nil
        }
        let before = openStreams[stream.patient] ?? 0
        let now: Int
        switch fact.code {
        case .streamOpened: now = before + 1
        case .streamClosed: now = max(0, before - 1)
        default: return nil
        }
        openStreams[stream.patient] = now > 0 ? now : nil
        guard (now > 0) != (before > 0) else { return nil }
        return Change(patient: stream.patient, isThere: now > 0)
    }
}
