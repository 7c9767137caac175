internal import ECGSignal
private import Synchronization
internal import ZeroMQ

/// Counts peers, and links that broke and came back at once: what an oversized frame looks like from outside.
///
/// libzmq drops the link of a peer that sends a frame above the limit and does not say why, so the count cannot
/// know the cause. It runs on the monitor's thread and only counts.
final class LinkWatch: Sendable {
    private struct State {
        var peers = 0
        var dropped = 0
        var lastDisconnect: MonotonicNanoseconds?
    }

    private let state = Mutex(State())
    private let clocks: Clocks

    /// A watch on that clock.
    init(clocks: Clocks) { self.clocks = clocks }

    /// Takes what the monitor saw.
    func see(_ event: MonitorEvent) {
        let now = clocks.monotonic
        state.withLock { state in
            switch event.kind {
            case .handshakeSucceeded:
                state.peers += 1
                if let last = state.lastDisconnect, now - last < 5_000_000_000 {
                    state.dropped += 1
                    state.lastDisconnect = nil
                }
            case .disconnected:
                state.peers = max(0, state.peers - 1)
                state.lastDisconnect = now
            default: break
            }
        }
    }

    /// Peers now, and links dropped so far.
    var counts: (peers: Int, dropped: Int) { state.withLock { ($0.peers, $0.dropped) } }
}
