internal import ECGSignal
internal import Findings
internal import Machine
internal import Pipeline

/// Sees that the daemon holds more memory than what it does can account for.
///
/// A peer that never ends a message of many parts makes libzmq 4.3.4 hold all of it: its limit of bytes is one of each
/// part, and neither a queue's limit nor a poll sees the message. libzmq's own sender never does so; a hostile peer
/// does. What is held comes back when the endpoint is closed.
struct MemoryGuard: Sendable {
    /// Bytes beyond the account that are not asked about: allocators keep some of what was given back.
    static let marginBytes = 64_000_000

    private var counter = TechnicalCounter(.endpoint("memory"))
    /// What was held when the endpoints were opened anew last: they are again only where more is.
    private var heldBefore = 0
    private var looksUntilGivenBack = 0
    /// The most streams that were open at once: a stream's memory is used again, not given back.
    private var streamsMax = 0

    /// Looks at how much is held; the event to publish where the endpoints are to be opened anew.
    mutating func look(
        resident: Int?,
        openStreams: Int,
        readers: Int,
        published: Int,
        keys: [String],
        _ configuration: MemoryGuard.Account,
        at now: Arrival
    ) -> Event? {
        giveBack()
        streamsMax = max(streamsMax, openStreams)
        let due = configuration.bytes(streams: streamsMax, readers: readers, published: published)
        guard let resident, resident > max(due, heldBefore) + MemoryGuard.marginBytes else { return nil }
        heldBefore = resident
        looksUntilGivenBack = 2
        let who =
            keys.isEmpty
            ? "no keys are asked for" : "connected were \(keys.prefix(8).joined(separator: ", "))"
        return counter.report(
            .memoryBeyondBound,
            .timePoint,
            priority: .medium,
            firstSample: nil,
            detail:
                "\(resident / 1_000_000) MB are held where \(due / 1_000_000) MB are accounted for: a peer may send a "
                + "message without end; every endpoint was closed and opened again; \(who)",
            at: now
        )
    }

    /// What the closed endpoints held is the system's again, once libzmq has let go of it.
    private mutating func giveBack() {
        guard looksUntilGivenBack > 0 else { return }
        looksUntilGivenBack -= 1
        Memory.giveBack()
    }

    /// What a daemon of a configuration accounts for.
    struct Account: Sendable {
        /// Readers that are accounted for as stopped: links of strangers must not widen the account without end.
        static let readersMax = 20

        private let configuration: Configuration

        init(_ configuration: Configuration) { self.configuration = configuration }

        /// Bytes with so many streams and so many readers that may be stopped, of all of whose events so many are published.
        func bytes(streams: Int, readers: Int, published: Int) -> Int {
            var now = configuration
            now.streamsMax = max(1, min(streams, configuration.streamsMax))
            let waiting = min(MemoryBound(configuration).eventsAReader, published)
            return MemoryBound(now).worstMegabytes * 1_000_000 + min(readers, Account.readersMax) * waiting
                * MemoryBound.eventBytes
        }
    }
}
