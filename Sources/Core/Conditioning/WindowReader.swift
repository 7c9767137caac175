public import ECGSignal
public import Findings

/// One window of a stream, whole: what an encoder, a trainer or a test is given.
public struct ConditionedWindow: Sendable, Equatable {
    /// The window's first grid sample.
    public let start: GridIndex
    /// What each of the twelve standard leads has of it.
    public let leads: [LeadCoverage]
    /// Whether the encoder sees in it what no statement may rest on; the daemon withholds such a window.
    public let isDisturbed: Bool
    /// `[5000][12]`, millivolts at 500 Hz in the encoder's band; 0 where a lead has no sample.
    public let rows: [Float]

    /// `[12][5000]`: the same values lead by lead.
    public var byLead: [Float] {
        var values = [Float](repeating: 0, count: rows.count)
        for (index, value) in rows.enumerated() {
            let (time, channel) = index.quotientAndRemainder(dividingBy: Lead.channelCount)
            values[channel * Grid.windowSamples + time] = value
        }
        return values
    }
}

/// Reads whole windows of recordings: the simple way from chunks to what the encoder would be given.
///
/// Windows are those that the daemon cuts, with the same bits. Memory does not grow with the recording: rows are
/// forgotten once the windows that hold them have been read. Resampling tables are kept by rate, so one reader serves
/// many recordings.
public struct WindowReader: Sendable {
    private var tables: [SampleRate: PolyphaseTable] = [:]

    /// A reader that has no table yet.
    public init() {}

    /// Calls `body` with each window of a stream, in order; `nextChunk` gives its chunks, and nil at its end.
    ///
    /// - Throws: `PolyphaseTable.TooManyPhases` where a chunk's rate cannot be resampled, and what the two throw.
    public mutating func forEachWindow(
        hop: Hop = .standard,
        from nextChunk: () throws -> LeadChunk?,
        _ body: (ConditionedWindow) throws -> Void
    ) throws {
        var stream = ConditionedStream(hop: hop)
        let reader = stream.addReader()
        var timeline = StreamTimeline()
        while let chunk = try nextChunk() {
            _ = stream.take(timeline.place(chunk), table: try table(of: chunk.rate))
            try WindowReader.read(&stream, reader, body)
        }
        timeline.tick()
        stream.close(.last, at: timeline.front)
        try WindowReader.read(&stream, reader, body)
    }

    /// All windows of the stream that `chunks` are.
    public mutating func windows(
        of chunks: some Sequence<LeadChunk>,
        hop: Hop = .standard
    ) throws -> [ConditionedWindow] {
        var windows: [ConditionedWindow] = []
        var iterator = chunks.makeIterator()
        try forEachWindow(hop: hop, from: { iterator.next() }, { windows.append($0) })
        return windows
    }

    /// The first window of the stream that `chunks` are; nil where it has none.
    public mutating func firstWindow(of chunks: some Sequence<LeadChunk>) throws -> ConditionedWindow? {
        try windows(of: chunks).first
    }

    private mutating func table(of rate: SampleRate) throws(PolyphaseTable.TooManyPhases) -> PolyphaseTable? {
        guard rate != .grid else { return nil }
        if let table = tables[rate] { return table }
        let table = try PolyphaseTable(rate: rate)
        tables[rate] = table
        return table
    }

    private static func read(
        _ stream: inout ConditionedStream,
        _ reader: ConditionedStream.Reader,
        _ body: (ConditionedWindow) throws -> Void
    ) throws {
        while let start = stream.nextWindow(), stream.isReadable(windowAt: start) {
            var rows = [Float](repeating: 0, count: Grid.windowSamples * Lead.channelCount)
            stream.copyRows(start..<start + Int64(Grid.windowSamples), into: &rows)
            try body(
                ConditionedWindow(
                    start: start,
                    leads: stream.leads(ofWindowAt: start),
                    isDisturbed: stream.isDisturbed(windowAt: start),
                    rows: rows
                )
            )
            stream.pass(windowAt: start)
            stream.release(rowsBelow: start + Int64(stream.hop.samples), by: reader)
        }
    }
}
