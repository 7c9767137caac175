internal import ECGSignal
internal import ZeroMQ

/// The links of the endpoints for frames, made of what libzmq's monitor tells and of the messages that came by them.
///
/// The monitor names a link by its file descriptor, but does not say whose handshake has succeeded, nor why a link
/// ended. What can be known from libzmq 4.3.4 (tried with peers of every kind):
/// - A peer of another socket type (PUSH, REQ, SUB) is taken in and cut off at once, mostly without a word about a
///   handshake; where the peer breaks off first, with a failed one.
/// - A peer that is no ZeroMQ peer, is too slow or wants encryption has a failed handshake just before its end.
/// - A frame above the limit costs its sender the link; that looks like any other leaving.
///
/// So a link that was cut counts as its sender's again only where the same topics come by a new link soon after.
struct LinkTable: Sendable {
    /// What somebody should know.
    enum Notice: Sendable, Equatable {
        /// A link of a peer that had been there ended; it may have left or been cut off.
        case lost(endpoint: String)
        /// The sender of a link that was lost goes on by a new one: something on its way may be lost with it.
        case returned(endpoint: String)
        /// A peer was cut off before it was one: its socket is no PUB or XPUB, or it does not speak ZeroMQ.
        case refused(endpoint: String)
        /// A peer has been there for 10 s and sent no message that is subscribed to.
        case unheard(endpoint: String)
        /// A peer was cut off because its key may not enter there.
        case keyRefused(endpoint: String, why: String)
        /// A key asked there for what it may not have.
        case rightRefused(endpoint: String, why: String)
        /// A key has as much of something there as one may have.
        case limitReached(endpoint: String, why: String)
    }

    /// A link that is lost and back within this time was dropped, nanoseconds: libzmq tries again every 0.1 to 5 s.
    static let returnLimit: MonotonicNanoseconds = 5_000_000_000
    /// A peer that has sent nothing for so long is told about, nanoseconds.
    static let unheardLimit: MonotonicNanoseconds = 10_000_000_000
    /// Topics that are remembered of one link, and links that are remembered after their end.
    static let topicsMax = 256
    private static let lostMax = 1_024

    private struct Link: Sendable {
        let endpoint: String
        let since: MonotonicNanoseconds
        var isEstablished = false
        var hasSpoken = false
        var isTold = false
        var topics: Set<[UInt8]> = []

        /// Whether it should be told now that nothing of it was taken.
        func isUnheard(at now: MonotonicNanoseconds) -> Bool {
            isEstablished && !hasSpoken && !isTold && now - since >= LinkTable.unheardLimit
        }
    }

    private struct Lost: Sendable {
        let at: MonotonicNanoseconds
        let topics: Set<[UInt8]>
    }

    private var links: [UInt32: Link] = [:]
    private var lost: [Lost] = []
    /// Descriptors of links that ended and have not been given to another one since: messages of theirs may still wait.
    private var ended: Set<UInt32> = []
    /// Endpoints whose next ended link has failed in its handshake.
    private var failing: Set<String> = []
    /// Endpoints whose next ended link was refused by its doorkeeper, who tells of it.
    private var judged: Set<String> = []
    /// Links that were lost and whose sender came back.
    private(set) var droppedCount = 0

    /// Peers that are connected now.
    var peerCount: Int { links.values.count { $0.isEstablished } }

    /// Takes what the monitor of the socket at `endpoint` saw.
    mutating func see(_ event: MonitorEvent, of endpoint: String, at now: MonotonicNanoseconds) -> Notice? {
        switch event.kind {
        case .accepted, .connected:
            links[event.value] = Link(endpoint: endpoint, since: now)
            ended.remove(event.value)
            return nil
        case .handshakeSucceeded:
            establishOldest(at: endpoint)
            return nil
        case .handshakeFailedNoDetail, .handshakeFailedProtocol:
            failing.insert(endpoint)
            return nil
        case .handshakeFailedAuthentication:
            judged.insert(endpoint)
            return nil
        case .disconnected: return end(event.value, endpoint, at: now)
        case .listening: return nil
        }
    }

    /// A message with this topic came to `endpoint` by the link of that descriptor.
    mutating func hear(
        _ descriptor: UInt32,
        topic: [UInt8],
        at endpoint: String,
        now: MonotonicNanoseconds
    ) -> Notice? {
        // What was read late of a link that is over is no sender that is back.
        if links[descriptor] == nil, ended.contains(descriptor) { return nil }
        // The monitor may be behind: then the link shows itself by its message.
        var link = links[descriptor] ?? Link(endpoint: endpoint, since: now)
        if link.hasSpoken, link.topics.contains(topic) || link.topics.count >= LinkTable.topicsMax {
            return nil
        }
        if !link.isEstablished {
            link.isEstablished = true
            takeBackAGuess(at: link.endpoint, sparing: descriptor)
        }
        link.hasSpoken = true
        link.topics.insert(topic)
        links[descriptor] = link
        lost.removeAll { now - $0.at > LinkTable.returnLimit }
        guard let index = lost.firstIndex(where: { $0.at <= link.since && $0.topics.contains(topic) }) else {
            return nil
        }
        lost.remove(at: index)
        droppedCount += 1
        return .returned(endpoint: link.endpoint)
    }

    /// Looks for peers that send nothing that is taken; once for each link.
    mutating func tick(at now: MonotonicNanoseconds) -> [Notice] {
        let silent = links.filter { $0.value.isUnheard(at: now) }.keys.sorted()
        for descriptor in silent { links[descriptor]?.isTold = true }
        return silent.compactMap { links[$0].map { .unheard(endpoint: $0.endpoint) } }
    }

    private mutating func end(
        _ descriptor: UInt32,
        _ endpoint: String,
        at now: MonotonicNanoseconds
    ) -> Notice? {
        let hasFailed = failing.remove(endpoint) != nil
        let wasJudged = judged.remove(endpoint) != nil
        guard let link = links.removeValue(forKey: descriptor) else { return nil }
        // The system gives each of its few numbers anew, so these are no more than files can be open.
        ended.insert(descriptor)
        if wasJudged {
            if link.isEstablished { establishOldest(at: endpoint) }
            return nil
        }
        if hasFailed {
            if link.isEstablished { establishOldest(at: endpoint) }
            return .refused(endpoint: endpoint)
        }
        guard link.isEstablished else { return .refused(endpoint: endpoint) }
        if !link.topics.isEmpty {
            lost.append(Lost(at: now, topics: link.topics))
            if lost.count > LinkTable.lostMax { lost.removeFirst() }
        }
        return .lost(endpoint: endpoint)
    }

    /// Whose handshake has succeeded is not told.
    ///
    /// Handshakes take about as long as each other, so it is taken for that
    /// of the link that has waited longest, until a message shows otherwise.
    private mutating func establishOldest(at endpoint: String) {
        let waiting = links.filter { !$0.value.isEstablished && $0.value.endpoint == endpoint }
        guard let oldest = waiting.min(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) }) else {
            return
        }
        links[oldest.key]?.isEstablished = true
    }

    /// A link has spoken that was not believed to be established: another one was, wrongly.
    private mutating func takeBackAGuess(at endpoint: String, sparing descriptor: UInt32) {
        let guessed = links.filter {
            $0.key != descriptor && $0.value.isEstablished && !$0.value.hasSpoken
                && $0.value.endpoint == endpoint
        }
        guard let newest = guessed.max(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) }) else {
            return
        }
        links[newest.key]?.isEstablished = false
    }
}
