internal import ECGSignal
private import Synchronization
internal import ZeroMQ

/// The table of links between the threads that know of them: monitors and the receiver tell, admission asks.
final class LinkWatch: Sendable {
    private struct State {
        var table = LinkTable()
        var notices: [LinkTable.Notice] = []
    }

    /// Notices that wait for the next second at most; more are left out, and the counts go on.
    private static let noticesMax = 1_000

    private let state = Mutex(State())
    private let clocks: Clocks

    /// A watch on that clock.
    init(clocks: Clocks) { self.clocks = clocks }

    /// Takes what the monitor of the socket at `endpoint` saw; called on the monitor's thread.
    func see(_ event: MonitorEvent, of endpoint: String) {
        let now = clocks.monotonic
        state.withLock { state in
            if let notice = state.table.see(event, of: endpoint, at: now) { keep(notice, in: &state) }
        }
    }

    /// A message with this topic came by a link; called on the receiving thread.
    func hear(_ link: UInt32, topic: [UInt8], at endpoint: String, now: MonotonicNanoseconds) {
        state.withLock { state in
            if let notice = state.table.hear(link, topic: topic, at: endpoint, now: now) {
                keep(notice, in: &state)
            }
        }
    }

    /// What somebody should know since the last call, in its order.
    func takeNotices(at now: MonotonicNanoseconds) -> [LinkTable.Notice] {
        state.withLock { state in
            let notices = state.notices + state.table.tick(at: now)
            state.notices = []
            return notices
        }
    }

    /// Peers that are connected now, and links that were lost and whose sender came back.
    var counts: (peers: Int, dropped: Int) { state.withLock { ($0.table.peerCount, $0.table.droppedCount) } }

    private func keep(_ notice: LinkTable.Notice, in state: inout sending State) {
        if state.notices.count < LinkWatch.noticesMax { state.notices.append(notice) }
    }
}
