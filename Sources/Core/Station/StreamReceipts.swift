internal import ECGSignal

/// What is received of one stream, what of it is durable, and what its gateway is to be told.
struct StreamReceipts: Sendable {
    /// An acknowledgement goes out after so many chunks, or after this time.
    static let chunksUntold = 64
    static let untold: MonotonicNanoseconds = 100_000_000
    /// Ranges of skipped chunks that one acknowledgement names at most.
    static let skippedMax = 64

    let stream: StreamIdentity
    /// Taken, refused for good or given up.
    private(set) var received: ReceivedNumbers
    /// Of these, what the log holds, and what was given up once the log held all that came before.
    private(set) var durable: ReceivedNumbers
    /// The check of what came with each number, of those at most a window below `received.through` or above it.
    private var checks: ChunkChecks
    /// Where the gateway is that greeted last.
    var connection: [UInt8]?
    var lastHeard: MonotonicNanoseconds
    /// The gateway's clock in the newest chunk, and when that came.
    var echo: (gateway: MonotonicNanoseconds, arrival: MonotonicNanoseconds)?

    private var oldestHeld: UInt64 = 1
    private var skipped: [ClosedRange<UInt64>] = []
    /// Numbers that the gateway no longer has, each with the position that the log must reach before they are durable.
    ///
    /// At most two: the one that is waited for, and the newest.
    private var floors: [(position: Int, through: UInt64)] = []

    /// Whether a chunk was taken since it greeted first.
    private(set) var hasTaken = false
    var hasNews = false
    var isAsked = false
    var chunksSinceTold = 0
    private var lastTold: MonotonicNanoseconds?

    init(
        _ stream: StreamIdentity,
        _ numbers: ReceivedNumbers = ReceivedNumbers(),
        checks: ChunkChecks = ChunkChecks(),
        heard: MonotonicNanoseconds
    ) {
        self.stream = stream
        self.checks = checks
        received = numbers
        durable = numbers
        lastHeard = heard
    }

    var checkCount: Int { checks.count }
    var hasFloors: Bool { !floors.isEmpty }

    /// The check of what came with that number; nil where it is not remembered.
    func check(of number: UInt64) -> UInt32? { checks[number] }

    /// The gateway has nothing below `oldest`: what never came of it is given up.
    mutating func hear(_ oldest: UInt64, at now: MonotonicNanoseconds, after position: Int) {
        lastHeard = now
        guard oldest > oldestHeld else { return }
        oldestHeld = oldest
        skipped = Array((skipped + received.giveUp(through: oldest - 1)).suffix(StreamReceipts.skippedMax))
        checks.forget(receivedThrough: received.through)
        if floors.count == 2 { floors.removeLast() }
        floors.append((position, oldest - 1))
    }

    mutating func take(_ number: UInt64, check: UInt32) {
        hasTaken = true
        received.insert(number)
        checks.remember(check, of: number, receivedThrough: received.through)
        chunksSinceTold += 1
    }

    /// The log holds that chunk; whether more is durable than before.
    mutating func settle(_ number: UInt64) -> Bool {
        let before = durable.through
        durable.insert(number)
        return durable.through > before
    }

    /// The log has come to that position: what was given up before is durable.
    mutating func settleFloors(through position: Int) {
        while let floor = floors.first, floor.position <= position {
            _ = durable.giveUp(through: floor.through)
            floors.removeFirst()
        }
    }

    /// What the gateway is told now; nil where that waits.
    mutating func acknowledgement(at now: MonotonicNanoseconds) -> ChunkAcknowledgement? {
        let isDue = lastTold.map { now - $0 >= StreamReceipts.untold } ?? true
        guard isAsked || isDue || chunksSinceTold >= StreamReceipts.chunksUntold else { return nil }
        (isAsked, hasNews, chunksSinceTold, lastTold) = (false, false, 0, now)
        defer { skipped = [] }
        return ChunkAcknowledgement(
            epoch: stream.epoch,
            receivedThrough: received.through,
            durableThrough: durable.through,
            oldestHeld: oldestHeld,
            skipped: skipped,
            echo: echo?.gateway,
            hold: echo.map { now - $0.arrival } ?? 0
        )
    }
}
