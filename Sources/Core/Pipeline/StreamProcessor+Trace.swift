internal import Conditioning
internal import ECGSignal
public import Findings

/// What a person who looks at the stream is shown: copies of final rows, and nothing that analysis rests on.
extension StreamProcessor {
    /// Blocks that one call gives at most: what is older than 2 s is left out.
    static let blocksMax: Int64 = 10

    /// The blocks that have become final since the last call, in each of `bands`, in the order of time.
    ///
    /// Called after `take`, `tick` and `close`, and once when somebody begins to look: what the readers have let go of by
    /// then is gone, so the first block is the next that is whole from there on. Without a band nobody looks, and nothing
    /// is kept for it. A block in which no lead has a sample is left out: its absence is the gap.
    public mutating func trace(_ bands: [TraceBlock.Band]) -> [TraceBlock] {
        guard !bands.isEmpty else {
            if stream.tracedTo != nil { stream.trace(to: nil) }
            return []
        }
        let length = Int64(TraceBlock.gridSamples)
        let ready = stream.ready
        let end = ready / length * length
        guard let shown = stream.tracedTo else {
            stream.trace(to: end < ready ? end + length : end)
            return []
        }
        var start = max(shown, end - StreamProcessor.blocksMax * length)
        var blocks: [TraceBlock] = []
        var rows = WideRows()
        while start < end {
            for band in bands { if let block = block(band, at: start, &rows) { blocks.append(block) } }
            start += length
        }
        stream.trace(to: max(shown, end))
        return blocks
    }

    private mutating func block(
        _ band: TraceBlock.Band,
        at start: GridIndex,
        _ rows: inout WideRows
    ) -> TraceBlock? {
        let range = start..<start + Int64(TraceBlock.gridSamples)
        let (derived, isPatch) = stream.copyTrace(range, isWide: band == .diagnostic, into: &rows)
        var leads = LeadSet()
        for index in 0..<rows.count { leads.formUnion(rows.present[index]) }
        guard !leads.isEmpty else { return nil }
        if band == .monitor { leads = LeadSet([monitorLead.choose(among: leads)]) }
        var values: [Int16] = []
        values.reserveCapacity(leads.leads.count * band.sampleCount)
        for lead in leads.leads {
            guard let channel = lead.channel else { continue }
            for row in stride(from: 0, to: rows.count, by: band.step) {
                let isThere = rows.present[row].contains(channel: channel)
                let value = isThere ? rows.value(row, channel: channel) : .nan
                values.append(TraceBlock.unit(ofMillivolts: value))
            }
        }
        return TraceBlock(
            stream: identity,
            band: band,
            start: start,
            time: clock.utc(of: start),
            leads: leads,
            derived: derived.intersection(leads),
            isPatch: isPatch,
            values: values
        )
    }
}

/// The one lead that a small picture shows: II, or the best there is, without changing at every gap.
struct MonitorLead: Sendable, Codable {
    /// The leads in the order in which they are wanted: II as on bedside monitors, then those that show P and QRS well.
    private static let order: [Lead] = [.ii, .i, .v5, .v2, .aVF, .v1, .v3, .v4, .v6, .iii, .aVL, .aVR]
    /// Blocks in a row after which a lead is taken for lost, or a better one for there: 2 s.
    private static let patience = 10

    private var current: Lead?
    private var blocksWithout = 0
    private var blocksWithBetter = 0

    /// The lead to show of those that have samples in the next block, which are not none.
    mutating func choose(among leads: LeadSet) -> Lead {
        let best = MonitorLead.order.first { $0.channel.map(leads.contains(channel:)) ?? false } ?? .ii
        guard let shown = current, shown != best else {
            current = best
            blocksWithout = 0
            blocksWithBetter = 0
            return best
        }
        let isThere = shown.channel.map(leads.contains(channel:)) ?? false
        let isBetter = MonitorLead.rank(best) < MonitorLead.rank(shown)
        blocksWithout = isThere ? 0 : blocksWithout + 1
        blocksWithBetter = isBetter ? blocksWithBetter + 1 : 0
        guard max(blocksWithout, blocksWithBetter) >= MonitorLead.patience else { return shown }
        current = best
        blocksWithout = 0
        blocksWithBetter = 0
        return best
    }

    private static func rank(_ lead: Lead) -> Int { order.firstIndex(of: lead) ?? order.count }
}
