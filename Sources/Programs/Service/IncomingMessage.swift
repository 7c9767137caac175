internal import ECGSignal
internal import Mathematics
internal import Messaging

/// What the ingest thread hands on: one message, or an ended transport.
struct IncomingMessage: Sendable {
    let arrived: FrameReceiver.Arrived
    let arrival: Arrival
    /// Bytes of all parts.
    var weight: Int {
        if case .message(let parts) = arrived.received { parts.reduce(0) { $0 + $1.count } } else { 0 }
    }
}
