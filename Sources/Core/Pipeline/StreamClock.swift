internal import ECGSignal

/// Which UTC a grid sample has: the wall clock when the stream's first frame came, and from there the device's own pace.
///
/// The pace is nominal until the device's clock has been measured, by the gateway's clock where chunks have its time and
/// else by their arrival. From each fit on, every ten seconds of stream time, labels move towards the fitted line by at
/// most 5 ms a second, never backwards. A fit changes the labels of later samples only: those that were there when it was
/// made have theirs, so no label depends on when a worker came to write it. A step of the wall clock changes nothing.
struct StreamClock: Sendable, Codable {
    /// Something that somebody should know.
    enum News: Sendable, Equatable {
        /// The gateway's clock is more than a minute off the index; the chunk's arrival is used instead.
        case clockIgnored
        /// The device's pace and its nominal rate have begun to differ by more than 2 %, or do no longer.
        case rateMismatch(Bool)
    }

    /// From `time` on the label is ahead of the nominal pace by `lead` and `rate` a second more, all in seconds.
    private struct Piece: Sendable, Codable {
        let time: Double
        let lead: Double
        let rate: Double
    }

    /// Seconds of stream time from one fit to the next.
    private static let fitSeconds = 10.0
    /// The most that labels move towards the line, seconds a second.
    private static let pullMax = 0.005
    /// A drift beyond this is a wrong rate, parts in a million; labels do not follow it.
    private static let mismatchPartsPerMillion = 20_000.0
    /// Seconds by which a gateway's clock may differ from the index.
    private static let gatewaySecondsMax = 60.0
    /// A gateway's clock whose pace differs from the index by more counts in other units.
    private static let slopeMax = 0.2
    /// Nanoseconds by which samples may be early, besides a wrong pace, before the gateway's pace is known.
    private static let earlyMax: Int128 = 1_000_000_000
    /// Pieces that are kept: those of five minutes, far longer than a worker may lag behind.
    private static let piecesMax = 64

    /// UTC of grid sample 0 by the nominal rate; a stream may be joined at any index, so it may lie far before 1970.
    private let origin: Int128
    /// Nanoseconds of stream time of the first frame's last sample, from which `time` counts everywhere here.
    private let start: Int128
    private let firstArrival: MonotonicNanoseconds
    /// What the gateway's clock would have shown at the first arrival; nil while no chunk had its time.
    private var gatewayStart: Int128?
    /// When the newest chunk's last sample was there by the gateway's clock, or else by the fitted line; its arrival where
    /// that was earlier, or where neither can tell.
    private(set) var newestDue: MonotonicNanoseconds = 0
    /// The grid sample at or after the end of the newest sample noted, seconds: no window ends later.
    private var newest = 0.0
    private var nextFit = 0.0
    private var fit = ClockFit()
    private var line: ClockFit.Line?
    private var pieces: [Piece] = []
    /// Since when fits say the contrary of `isMismatched`; nil where they do not.
    private var contrarySince: Double?
    private var isMismatched = false

    /// The last sample of the first frame stood at `time` when it arrived.
    init(time: StreamTime, at arrival: Arrival) {
        start = time.nanoseconds
        origin = Int128(arrival.utc) - start
        firstArrival = arrival.monotonic
        pieces.reserveCapacity(StreamClock.piecesMax + 2)
    }

    /// UTC of a grid sample, clamped to what 64 bits of nanoseconds hold.
    func utc(of index: GridIndex) -> UTCNanoseconds {
        let lead = lead(at: seconds(of: index))
        return UTCNanoseconds(
            clamping: origin + StreamClock.nanoseconds(of: index) + Int128((lead * 1e9).rounded())
        )
    }

    /// Seconds of a grid sample, from the first frame's last sample on.
    private func seconds(of index: GridIndex) -> Double {
        Double(StreamClock.nanoseconds(of: index) - start) * 1e-9
    }

    private static func nanoseconds(of index: GridIndex) -> Int128 {
        Int128(index) * Int128(1_000_000_000 / Grid.rate)
    }

    /// Leaves out the labels of more than a minute ago, which nobody asks for any more.
    mutating func leaveOutPast() { pieces.removeFirst(max(0, pieces.count - StreamClock.piecesKept)) }

    /// Pieces of a minute.
    private static let piecesKept = 14

    /// What is known of the device's clock.
    var facts: ClockFacts {
        guard let line else { return ClockFacts() }
        let distance = abs(lead(at: newest) - line.delay(at: newest))
        return ClockFacts(
            driftPartsPerMillion: line.partsPerMillion,
            offsetUncertaintyMilliseconds: isTrusted(line)
                ? (distance + 3 * line.meanHeight + 0.001) * 1_000 : nil,
            isRateMismatched: isMismatched
        )
    }

    /// How far labels are ahead of the nominal pace, seconds.
    private func lead(at time: Double) -> Double {
        guard let piece = pieces.last(where: { $0.time <= time }) else { return 0 }
        return piece.lead + piece.rate * (time - piece.time)
    }

    private func isTrusted(_ line: ClockFit.Line) -> Bool {
        abs(line.partsPerMillion) <= StreamClock.mismatchPartsPerMillion
    }

    /// Takes in when an admitted chunk came; what it shows, at most one of each.
    mutating func note(_ chunk: LeadChunk, at arrival: Arrival) -> [News] {
        let stand = chunk.rate.time(of: chunk.endSample - 1).nanoseconds - start
        let time = Double(stand) * 1e-9
        let arrived = Int128(arrival.monotonic) - Int128(firstArrival)
        let (elapsed, isIgnored) = reference(chunk.gatewayTime, arrived, stand)
        newestDue = due(
            of: stand,
            elapsed,
            hasGatewayClock: chunk.gatewayTime != nil && !isIgnored && isPlausible(elapsed, stand),
            at: arrival
        )
        var news: [News] = isIgnored ? [.clockIgnored] : []
        if time >= nextFit { if let change = refit(at: time) { news.append(change) } }
        fit.note(time: time, delay: Double(elapsed - stand) * 1e-9)
        newest = max(newest, seconds(of: chunk.rate.gridIndex(notBefore: chunk.endSample)))
        return news
    }

    private func due(
        of stand: Int128,
        _ elapsed: Int128,
        hasGatewayClock: Bool,
        at arrival: Arrival
    ) -> MonotonicNanoseconds {
        let passed: Int128
        if hasGatewayClock {
            passed = elapsed
        } else if let line, isTrusted(line) {
            passed = stand + Int128((line.delay(at: Double(stand) * 1e-9) * 1e9).rounded())
        } else {
            return arrival.monotonic
        }
        return min(arrival.monotonic, MonotonicNanoseconds(clamping: Int128(firstArrival) + passed))
    }

    /// Whether the gateway's clock can tell when samples were there: it runs nearly as the index does, or its pace is not known
    /// yet and it has not fallen behind.
    ///
    /// One that counts in microseconds would otherwise make every sample a minute old when it comes.
    private func isPlausible(_ elapsed: Int128, _ stand: Int128) -> Bool {
        if let line { return abs(line.slope) <= StreamClock.slopeMax }
        return elapsed >= stand - stand / 50 - StreamClock.earlyMax
    }

    /// Nanoseconds since the first frame by the gateway's clock, or by arrival where that is missing or cannot be.
    private mutating func reference(
        _ gatewayTime: MonotonicNanoseconds?,
        _ arrived: Int128,
        _ stand: Int128
    ) -> (elapsed: Int128, isIgnored: Bool) {
        guard let gatewayTime else { return (arrived, false) }
        guard let gatewayStart else {
            self.gatewayStart = Int128(gatewayTime) - arrived
            return (arrived, false)
        }
        let elapsed = Int128(gatewayTime) - gatewayStart
        let due = line.map { $0.delay(at: Double(stand) * 1e-9) } ?? 0
        let isOff = abs(Double(elapsed - stand) * 1e-9 - due) > StreamClock.gatewaySecondsMax
        return (isOff ? arrived : elapsed, isOff)
    }

    /// Fits anew, by what came before, and bends the labels of all that is still to come.
    private mutating func refit(at time: Double) -> News? {
        nextFit = time + StreamClock.fitSeconds
        guard let line = fit.line() else { return nil }
        self.line = line
        if isTrusted(line) { bend(towards: line) }
        return mismatch(of: line, at: time)
    }

    private mutating func bend(towards line: ClockFit.Line) {
        let lead = lead(at: newest)
        let end = newest + StreamClock.fitSeconds
        let wanted = (line.delay(at: end) - lead) / StreamClock.fitSeconds
        let rate = min(max(wanted, line.slope - StreamClock.pullMax), line.slope + StreamClock.pullMax)
        let newest = newest
        while let last = pieces.last, last.time >= newest { pieces.removeLast() }
        pieces.append(Piece(time: newest, lead: lead, rate: rate))
        pieces.append(Piece(time: end, lead: lead + rate * StreamClock.fitSeconds, rate: line.slope))
        if pieces.count > StreamClock.piecesMax { pieces.removeFirst(2) }
    }

    /// Two fits in a row, ten seconds apart, must agree that something has changed.
    private mutating func mismatch(of line: ClockFit.Line, at time: Double) -> News? {
        guard isTrusted(line) == isMismatched else {
            contrarySince = nil
            return nil
        }
        guard let since = contrarySince else {
            contrarySince = time
            return nil
        }
        guard time - since >= StreamClock.fitSeconds else { return nil }
        contrarySince = nil
        isMismatched.toggle()
        return .rateMismatch(isMismatched)
    }
}

/// What is known of a device's clock.
public struct ClockFacts: Sendable, Equatable {
    /// How much faster than nominal it runs, parts in a million; nil until it has been measured.
    public var driftPartsPerMillion: Double?
    /// Milliseconds by which labels may be off, besides what every chunk needs on its way; nil where not known.
    public var offsetUncertaintyMilliseconds: Double?
    /// Whether it differs from the nominal rate by more than 2 %; nil until it has been measured.
    public var isRateMismatched: Bool?

    /// Nothing is known.
    public init(
        driftPartsPerMillion: Double? = nil,
        offsetUncertaintyMilliseconds: Double? = nil,
        isRateMismatched: Bool? = nil
    ) {
        self.driftPartsPerMillion = driftPartsPerMillion
        self.offsetUncertaintyMilliseconds = offsetUncertaintyMilliseconds
        self.isRateMismatched = isRateMismatched
    }
}
