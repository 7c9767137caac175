import ECGSignal
import Findings
import Mathematics
import TestSupport

@testable import Conditioning

/// Tables, one a rate, built once.
enum Tables {
    private static let shared: [SampleRate: PolyphaseTable] = {
        var tables: [SampleRate: PolyphaseTable] = [:]
        for rate in SentStream.rates where rate != .grid { tables[rate] = try? PolyphaseTable(rate: rate) }
        return tables
    }()

    static func of(_ rate: SampleRate) -> PolyphaseTable? { shared[rate] }
}

/// A conditioned stream that is read as the encoder's lane reads it: rows in pieces, as soon as they are final.
struct StreamReading {
    private var stream = ConditionedStream()
    private var timeline = StreamTimeline()
    /// Nil where nothing is forgotten.
    private let reader: ConditionedStream.Reader?
    /// First row read.
    private(set) var start: GridIndex?
    /// `[time][12]`, millivolts, from `start` on.
    private(set) var rows: [Float] = []

    /// - Parameter forgets: whether values that were read are dropped.
    init(forgets: Bool = true) { reader = forgets ? stream.addReader() : nil }

    var conditioner: StreamConditioner { stream.conditioner }

    mutating func take(_ chunk: LeadChunk) -> StreamConditioner.Outcome {
        let outcome = stream.take(timeline.place(chunk), table: Tables.of(chunk.rate))
        read()
        return outcome
    }

    mutating func tick() {
        timeline.tick()
        stream.tick(at: timeline.front)
        read()
    }

    mutating func close() {
        timeline.tick()
        stream.close(.last, at: timeline.front)
        read()
    }

    /// One past the last row read.
    var end: GridIndex { (start ?? 0) + GridIndex(rows.count / Lead.channelCount) }

    private mutating func read() {
        guard let joined = stream.joinedAt else { return }
        if start == nil { start = joined }
        let count = Int(stream.ready - end)
        guard count > 0 else { return }
        let place = rows.count / Lead.channelCount
        let range = end..<stream.ready
        rows.append(contentsOf: repeatElement(.nan, count: count * Lead.channelCount))
        stream.copyRows(range, into: &rows, at: place)
        // The first window, which is not passed, keeps presence for the test's questions.
        _ = stream.nextWindow()
        if let reader { stream.release(rowsBelow: range.upperBound, by: reader) }
    }

    /// The rows as bits.
    var bits: [UInt32] { rows.map(\.bitPattern) }

    /// Grid samples present, by lead, from the first window on.
    var presence: [Lead: IntervalSet] {
        var found: [Lead: IntervalSet] = [:]
        let first = start.map { Hop.standard.firstStart(notBefore: $0) } ?? 0
        for lead in conditioner.states {
            found[lead.lead] = lead.conditioner?.present
            found[lead.lead]?.removeAll(below: first)
        }
        return found
    }
}
