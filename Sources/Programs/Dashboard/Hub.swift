internal import ECGSignal
internal import Findings
private import Foundation
private import Synchronization
internal import Wire
internal import ZeroMQ

/// The board and the tabs that look at it, shared by the threads that read the daemons and the tasks that serve browsers.
final class Hub: Sendable {
    /// Tabs that are served at once.
    static let tabsMax = 64
    /// Milliseconds that a tab may take with one message; one that takes longer begins anew.
    static let patience: Int64 = 10_000

    private struct State: Sendable {
        var board: Board
        /// Each tab's tile, and when it asked last.
        var tabs: [Int: (tile: Int?, askedAt: Int64)] = [:]
        var nextTab = 0
        var isStopping = false
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    /// Signalled when other waveforms are wanted than before, one a daemon.
    let wakeUps: [WakeUp]

    /// A hub of daemons of which nothing is known yet.
    init(sources: [(events: String, control: String)]) throws(ZeroMQError) {
        state = Mutex(State(board: Board(sources: sources)))
        var wakeUps: [WakeUp] = []
        for _ in sources { wakeUps.append(try WakeUp()) }
        self.wakeUps = wakeUps
    }

    /// Milliseconds since the dashboard began.
    var now: Int64 {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// Changes the board.
    func change(_ body: (inout Board, Int64) -> Void) {
        let now = now
        state.withLock { body(&$0.board, now) }
    }

    /// Reads the board.
    func read<Answer: Sendable>(_ body: (Board) -> Answer) -> Answer {
        state.withLock { body($0.board) }
    }

    // MARK: tabs

    /// A tab comes; nil where there are as many as there may be.
    func open(tile: Int?) -> Int? {
        let now = now
        let tab: Int? = state.withLock { state in
            let lively = state.tabs.values.count { now - $0.askedAt <= Hub.patience }
            guard !state.isStopping, lively < Hub.tabsMax else { return nil }
            state.nextTab += 1
            state.tabs[state.nextTab] = (tile, now)
            return state.nextTab
        }
        wake()
        return tab
    }

    /// A tab of a browser has gone.
    func close(_ tab: Int) {
        state.withLock { $0.tabs[tab] = nil }
        wake()
    }

    /// The next message of a tab, nil where nothing is new; `isOver` where the tab is cut off or the dashboard ends.
    func next(_ tab: Int, _ cursor: inout TabCursor) -> (message: [UInt8]?, isOver: Bool) {
        let now = now
        let utc = Int64(Date().timeIntervalSince1970 * 1_000)
        return state.withLock { state in
            guard !state.isStopping, let known = state.tabs[tab], now - known.askedAt <= Hub.patience else {
                return (nil, true)
            }
            state.tabs[tab]?.askedAt = now
            return (cursor.message(of: state.board, at: now, utc: utc), false)
        }
    }

    /// How many tabs are served now.
    var tabCount: Int {
        let now = now
        return state.withLock { $0.tabs.values.count { now - $0.askedAt <= Hub.patience } }
    }

    /// The topics of waveforms that are wanted of one daemon.
    ///
    /// The monitor's lead of every patient always is, since what came before an alarm must be there when it begins; all leads
    /// of a patient are while somebody looks at that patient. Where `asksKeys`, nothing is wanted before somebody is known: a
    /// key of one ward may not read those of patients in none.
    func wantedWaves(of source: Int, asksKeys: Bool) -> Set<String> {
        let now = now
        return state.withLock { state in
            let wards = Set(state.board.tiles.values.filter { $0.source == source }.map(\.ward))
            // The strips around alarms hold the monitor's lead of every patient, whoever looks.
            var wanted = Set(wards.map { Topic.allWaves(ward: $0, in: .monitor) })
            // Nobody is known yet: where nobody is in a ward, who comes is seen from the first sample on.
            if wards.isEmpty, !asksKeys { wanted.insert(Topic.allWaves(in: .monitor)) }
            for tab in state.tabs.values where now - tab.askedAt <= Hub.patience {
                guard let tile = tab.tile, let shown = state.board.tiles[tile], shown.source == source else {
                    continue
                }
                wanted.insert(Topic.wave(ward: shown.ward, band: .diagnostic, patient: shown.patient))
            }
            // A patient's ward is not known before an event names it, and what the key may not read is not asked for.
            guard let rights = state.board.sources[source].waveRights else { return wanted }
            return wanted.filter { topic in rights.contains { topic.hasPrefix($0) } }
        }
    }

    private func wake() { for wakeUp in wakeUps { wakeUp.signal() } }

    // MARK: the end

    /// Whether the dashboard ends.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Ends the threads and what browsers are sent.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }
}
