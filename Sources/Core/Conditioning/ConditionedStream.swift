public import ECGSignal
public import Findings

/// One stream as its readers see it: chunks, ticks and the close go in; rows of the 500 Hz grid and windows come out.
///
/// It knows no model. The encoder's lane, a trainer and the tests read the same rows in the same way; a lane that is
/// added later becomes one more reader. Each reader says up to where it has read, and what the slowest of them still
/// needs is kept. What comes out is a function of the chunks, ticks and the close that went in.
///
/// Windows are [m hop, m hop + 5000) on the grid. The first one starts at or after the first sample that the stream
/// has; a window in which no lead has a sample is skipped. A stream that ends before its first window is whole, but
/// has at least `shortestSamples` of it, has that one window; what is missing there is 0 and counts as missing.
public struct ConditionedStream: Sendable, Codable {
    /// The fewest grid samples that a stream without a whole window is still judged by.
    public static let shortestSamples = 4_500

    /// One reader's name among all; it belongs to the stream that gave it.
    public struct Reader: Sendable, Codable {
        fileprivate let index: Int
    }

    /// How far apart windows start.
    public let hop: Hop
    /// Whether chunks come, and why they do not.
    public private(set) var life = StreamLife.open
    var conditioner = StreamConditioner()
    /// For each reader the first row that it may still ask for.
    private var positions: [GridIndex] = []
    /// The reader of the wide band; nil where there is none.
    private var wideReader: Int?
    /// The first row that a person who looks at the stream has not been shown; nil while nobody looks.
    public internal(set) var tracedTo: GridIndex?
    /// The start of the window that comes next; nil until the stream's first sample is settled.
    var window: GridIndex?
    private var hasPassedWindow = false
    /// Where the search for gaps stands: the end of the last sample that any lead has.
    private var gapFrom: GridIndex?
    private var reportedGap: GridIndex?

    /// A stream that nothing has come of yet, with windows `hop` apart.
    public init(hop: Hop = .standard) { self.hop = hop }

    /// Adds a reader, which may ask for every row from the stream's first one on.
    ///
    /// Without a reader nothing is ever forgotten.
    public mutating func addReader() -> Reader {
        positions.append(0)
        return Reader(index: positions.count - 1)
    }

    /// Adds the one reader of the wide band, which may ask for every row from the stream's first one on.
    ///
    /// It must come before the first chunk; values of the wide band are kept for it alone.
    public mutating func addWideReader() -> Reader {
        precondition(wideReader == nil && front.firstTaken == nil, "a second or a late reader")
        conditioner.hasWideBand = true
        wideReader = positions.count
        return addReader()
    }

    // MARK: what comes in

    /// Takes a placed chunk; `table` belongs to its rate and is nil at 500 Hz.
    public mutating func take(_ placed: PlacedChunk, table: PolyphaseTable?) -> StreamConditioner.Outcome {
        conditioner.take(placed, table: table)
    }

    /// Counts samples of a refused chunk that names this stream.
    public mutating func refuse(_ count: Int, of leads: [Lead]) { conditioner.refuse(count, of: leads) }

    /// Nothing has come for a while: what is missing now will not be waited for.
    ///
    /// `front` is that of the stream's time line after its tick.
    public mutating func tick(at front: StreamFront) {
        conditioner.tick(at: front)
        life = .silent
    }

    /// Chunks come again after a silence.
    public mutating func resume() { life = .open }

    /// The stream is over: every sample held is conditioned, and the last windows can be read.
    ///
    /// `front` is that of the stream's time line after its tick.
    public mutating func close(_ reason: CloseReason, at front: StreamFront) {
        conditioner.close(at: front)
        life = .closed(reason)
    }

    /// Frees all samples of a closed stream; time line and ledgers stay.
    public mutating func freeSamples() { conditioner.freeSamples() }

    /// The same epoch goes on with a new time line; ledgers and readers stay, windows begin anew.
    public mutating func reopen() {
        conditioner.reopen()
        life = .open
        for index in positions.indices { positions[index] = 0 }
        tracedTo = nil
        window = nil
        hasPassedWindow = false
        gapFrom = nil
        reportedGap = nil
    }

    // MARK: what is known of it

    /// Where the samples of each lead begin and end.
    public var front: StreamFront { conditioner.front }

    /// The leads that were ever named, with their ledgers, in lead order.
    public var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] { conditioner.ledgers }

    /// What the newest chunk with samples of `lead` said of its electrode.
    public func contact(of lead: Lead) -> Contact { conditioner.contact(of: lead) }

    /// How many stretches of the grid are kept for what the devices said: what they take of memory.
    package var factRangeCount: Int { conditioner.factRangeCount }

    /// The first grid sample that the stream has, fixed once frontiers are in force; nil before.
    public var joinedAt: GridIndex? { conditioner.joinedAt }

    /// Rows below it are final.
    public var ready: GridIndex { conditioner.ready }

    /// Whether any lead that the encoder has a place for was sent before grid sample `end`.
    public func hasUsableLead(before end: GridIndex) -> Bool { conditioner.hasUsableLead(before: end) }

    // MARK: rows

    /// Writes rows `range` as `[time][12]` millivolts to `rows` from row `first` on; 0 where a lead has no sample.
    ///
    /// Rows at or after `ready` are 0. The range begins at or after what its reader has released.
    public func copyRows(_ range: Range<GridIndex>, into rows: inout [Float], at first: Int = 0) {
        conditioner.copyRows(range, into: &rows, at: first)
    }

    /// Makes `rows` the rows `range` of the wide band, for its reader.
    ///
    /// Rows at or after `ready` have no value. The range begins at or after what the reader has released.
    public func copyWideRows(_ range: Range<GridIndex>, into rows: inout WideRows) {
        conditioner.copyWideRows(range, into: &rows)
    }

    /// Makes `rows` the rows `range` as a person may look at them, with the leads that were computed and whether a lead
    /// without a position stands in channel I.
    ///
    /// `isWide` chooses the wide band, which needs its reader, instead of the encoder's. Rows at or after `ready` have no
    /// value.
    public func copyTrace(
        _ range: Range<GridIndex>,
        isWide: Bool,
        into rows: inout WideRows
    ) -> (derived: LeadSet, isPatch: Bool) {
        (
            conditioner.copyTrace(range, isWide: isWide, into: &rows),
            conditioner.patchRange(of: range) != nil
        )
    }

    /// Somebody looks, and has been shown all rows below `end`; nil once nobody looks.
    ///
    /// Rows from there on are kept, beside those that readers and windows need.
    public mutating func trace(to end: GridIndex?) { tracedTo = end }

    /// The first grid sample at or after `start` that any lead has, or of which the device said why none has it.
    public func firstKnown(from start: GridIndex) -> GridIndex? { conditioner.firstKnown(from: start) }

    /// `reader` will ask for no row below `end` any more: what no reader and no window needs is forgotten.
    public mutating func release(rowsBelow end: GridIndex, by reader: Reader) {
        positions[reader.index] = max(positions[reader.index], end)
        forget()
    }

    /// Sets where a reader stands.
    mutating func setPosition(_ place: GridIndex, of reader: Reader) { positions[reader.index] = place }

    private mutating func forget() {
        guard let window, let slowest = positions.min() else { return }
        // Presence is asked for by windows, by the search for gaps and by the rows of the slowest reader; where no lead
        // has a sample there is none to keep, so an electrode that is off for hours takes no memory.
        let asked = min(slowest, gapFrom ?? slowest)
        let bound = min(window, conditioner.firstPresent(from: asked) ?? window)
        // Rows of the wide band are read as soon as they are final, rows of the encoder's a hop later, and what a person
        // who looks has not been shown is kept for them.
        let shown = tracedTo ?? .max
        conditioner.forget(
            rowsBelow: min(slowest, shown),
            wideRowsBelow: min(wideReader.map { positions[$0] } ?? 0, shown),
            presenceBelow: min(bound, shown)
        )
    }

    // MARK: windows

    /// The start of the window that comes next; nil while it is not known that a lead has a sample in it.
    public mutating func nextWindow() -> GridIndex? {
        guard let joined = joinedAt else { return nil }
        var start = window ?? hop.firstStart(notBefore: joined)
        var present = conditioner.firstPresent(from: start)
        let end = start + Int64(Grid.windowSamples)
        if present.map({ $0 >= end }) ?? true, ready >= end {
            // The first window that ends after the next sample: those before have none.
            let bound = min(present ?? ready, ready)
            start += ((bound - end) / Int64(hop.samples) + 1) * Int64(hop.samples)
            present = conditioner.firstPresent(from: start)
            window = start
            // What is known of windows that are never cut is forgotten too, however long the stream says nothing.
            forget()
        }
        window = start
        guard let present, present < start + Int64(Grid.windowSamples) else { return nil }
        return start
    }

    /// Whether the window from `start` on can be read: all its rows are final, or it is the one of a short stream.
    public func isReadable(windowAt start: GridIndex) -> Bool {
        ready >= start + Int64(Grid.windowSamples) || isShort(windowAt: start)
    }

    /// Whether the window is the only one of a stream that closed too soon for a whole one.
    public func isShort(windowAt start: GridIndex) -> Bool {
        life.isClosed && !hasPassedWindow
            && front.gridEnd - start >= Int64(ConditionedStream.shortestSamples)
    }

    /// What each of the twelve standard leads has of the window from `start` on.
    public func leads(ofWindowAt start: GridIndex) -> [LeadCoverage] {
        conditioner.coverage(ofWindowAt: start)
    }

    /// Whether the encoder has seen in the window what no statement may rest on, so that the window is withheld.
    public func isDisturbed(windowAt start: GridIndex) -> Bool { conditioner.isDisturbed(windowAt: start) }

    /// The window from `start` on has been read; the one a hop later comes next.
    public mutating func pass(windowAt start: GridIndex) {
        hasPassedWindow = true
        window = start + Int64(hop.samples)
    }

    // MARK: gaps

    /// The start of the next stretch of 10 s or more in which no lead has a sample; each is given once.
    public mutating func nextGap() -> GridIndex? {
        guard let joined = joinedAt else { return nil }
        var from = gapFrom ?? joined
        defer { gapFrom = from }
        while from <= ready {
            let next = min(conditioner.firstPresent(from: from) ?? ready, ready)
            if next - from >= Int64(Grid.windowSamples), reportedGap != from {
                reportedGap = from
                return from
            }
            guard next < ready else { return nil }
            from = min(conditioner.presentEnd(from: next), ready)
        }
        return nil
    }
}
