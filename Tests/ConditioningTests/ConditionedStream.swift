import ECGSignal
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

/// A stream conditioner that is read as the processor reads it: rows in pieces, as soon as they are final.
struct ConditionedStream {
    private(set) var conditioner = StreamConditioner()
    /// First row read.
    private(set) var start: GridIndex?
    /// `[time][12]`, millivolts, from `start` on.
    private(set) var rows: [Float] = []
    private var forgets: Bool

    /// - Parameter forgets: whether values that were read are dropped, presence is kept for the test's questions.
    init(forgets: Bool = true) { self.forgets = forgets }

    mutating func take(_ chunk: LeadChunk) -> StreamConditioner.Outcome {
        let outcome = conditioner.take(chunk, table: Tables.of(chunk.rate))
        read()
        return outcome
    }

    mutating func tick() {
        conditioner.tick()
        read()
    }

    mutating func close() {
        conditioner.close()
        read()
    }

    /// One past the last row read.
    var end: GridIndex { (start ?? 0) + GridIndex(rows.count / Lead.channelCount) }

    private mutating func read() {
        guard let joined = conditioner.joinedAt else { return }
        if start == nil { start = joined }
        let count = Int(conditioner.ready - end)
        guard count > 0 else { return }
        let place = rows.count / Lead.channelCount
        let range = end..<conditioner.ready
        rows.append(contentsOf: repeatElement(.nan, count: count * Lead.channelCount))
        conditioner.copyRows(range, into: &rows, at: place)
        if forgets { conditioner.forget(rowsBelow: range.upperBound, presenceBelow: 0) }
    }

    /// The rows as bits.
    var bits: [UInt32] { rows.map(\.bitPattern) }

    /// Grid samples present, by lead.
    var presence: [Lead: IntervalSet] {
        var found: [Lead: IntervalSet] = [:]
        for track in conditioner.tracks { found[track.lead] = track.conditioner?.present }
        return found
    }
}
