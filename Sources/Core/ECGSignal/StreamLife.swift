/// Where a stream stands in its life.
///
/// Admission decides; everyone else is told of each turn.
public enum StreamLife: Sendable, Equatable, Codable {
    /// Chunks come.
    case open
    /// Nothing has come for 2 s while nothing waited; what is missing is not awaited any longer.
    case silent
    /// The stream is over, and why.
    case closed(CloseReason)

    /// Why it is over; nil where it is not.
    public var closeReason: CloseReason? { if case .closed(let reason) = self { reason } else { nil } }

    /// Whether it is over.
    public var isClosed: Bool { closeReason != nil }
}

/// Why a stream ended.
public enum CloseReason: String, Sendable, Codable {
    /// The gateway said so.
    case last
    /// A newer epoch of the device for the same patient.
    case superseded
    /// A newer epoch of the device for another patient.
    case moved
    /// No frame for as long as `--idle-seconds` says.
    case idle
    /// The daemon stops.
    case shutdown
}
