public import ECGSignal

/// What the encoder and the events read: rows of the grid, and which of their samples are there.
extension StreamConditioner {
    /// The first grid sample that the stream has, fixed once it releases; nil before.
    public var joinedAt: GridIndex? { timeline.isReleasing ? timeline.firstGridSample : nil }

    /// Rows below it are final.
    public var ready: GridIndex {
        guard timeline.isReleasing else { return 0 }
        return min(tracks.lazy.compactMap(\.conditioner).map(\.ready).min() ?? 0, timeline.gridEnd)
    }

    /// The first grid sample at or after `start` that any lead has among what was released; nil where there is none.
    public func firstPresent(from start: GridIndex) -> GridIndex? {
        tracks.lazy.compactMap { $0.conditioner?.present.firstMember(from: start) }.min()
    }

    /// The first grid sample at or after `start`, which is present, that no lead has.
    public func presentEnd(from start: GridIndex) -> GridIndex {
        var end = start
        while true {
            let next =
                tracks.lazy.compactMap { $0.conditioner?.present.contiguousEnd(from: end) }.max() ?? end
            if next == end { return end }
            end = next
        }
    }

    /// Whether any standard lead was sent before grid sample `end`; settled once rows up to there are final.
    public func hasStandardLead(before end: GridIndex) -> Bool {
        tracks.contains { $0.lead.channel != nil && isSent($0, at: end - 1) }
    }

    /// Writes rows `range` as `[time][12]` millivolts to `rows` from row `first` on; 0 where a lead has no sample.
    ///
    /// Rows at or after `ready` are 0. Derived limb leads are computed here, after the filters, which are linear.
    public func copyRows(_ range: Range<GridIndex>, into rows: inout [Float], at first: Int) {
        let start = first * Lead.channelCount
        for position in start..<start + range.count * Lead.channelCount { rows[position] = 0 }
        for track in tracks {
            guard let channel = track.lead.channel, let conditioner = track.conditioner else { continue }
            conditioner.copy(range, into: &rows, at: start, channel: channel)
        }
        forEachDerivation(in: range) { target, p, q, part in
            let weights = Derivation.weights(of: target, from: p, q)
            var position = start + Int(part.lowerBound - range.lowerBound) * Lead.channelCount
            for _ in part {
                let sum =
                    weights.first * Double(rows[position + p]) + weights.second * Double(rows[position + q])
                rows[position + target] = Float(sum)
                position += Lead.channelCount
            }
        }
    }

    /// The share of the window from `start` that each of the twelve standard leads has.
    public func coverage(ofWindowAt start: GridIndex) -> [LeadCoverage] {
        let range = start..<start + Int64(Grid.windowSamples)
        var counts = [Int](repeating: 0, count: Lead.channelCount)
        for track in tracks {
            guard let channel = track.lead.channel, let conditioner = track.conditioner else { continue }
            counts[channel] = conditioner.present.count(in: range)
        }
        forEachDerivation(in: range) { target, _, _, part in counts[target] += part.count }
        let sent = sentLimbLeads(at: range.upperBound - 1)
        return Lead.standard.enumerated().map { channel, lead in
            let source: LeadCoverage.Source
            if let track = tracks.first(where: { $0.lead == lead }), isSent(track, at: range.upperBound - 1) {
                source = track.isDerivedByGateway ? .derived : .measured
            } else {
                source = channel < Lead.limb.count && Derivation.pair(of: sent) != nil ? .derived : .absent
            }
            return LeadCoverage(lead: lead, samplesPresent: counts[channel], source: source)
        }
    }

    /// Forgets rows below `emitted`, and presence and facts below `windowStart`.
    public mutating func forget(rowsBelow emitted: GridIndex, presenceBelow windowStart: GridIndex) {
        for index in tracks.indices {
            tracks[index].conditioner?.forget(valuesBelow: emitted, presenceBelow: windowStart)
            tracks[index].contactOff.removeAll(below: windowStart)
            tracks[index].saturated.removeAll(below: windowStart)
        }
    }

    /// Calls `body` with each derived lead, its pair and each stretch in which the pair gives it.
    private func forEachDerivation(
        in range: Range<GridIndex>,
        _ body: (_ target: Int, _ p: Int, _ q: Int, Range<GridIndex>) -> Void
    ) {
        let starts = timeline.lines.filter { $0.lead < .v1 }.map {
            $0.rate.gridIndex(notBefore: $0.firstTaken)
        }
        let cuts = [range.lowerBound] + starts.filter { range.contains($0) && $0 > range.lowerBound }.sorted()
        for (index, from) in cuts.enumerated() {
            let part = from..<(index + 1 < cuts.count ? cuts[index + 1] : range.upperBound)
            let sent = sentLimbLeads(at: from)
            guard !part.isEmpty, let (p, q) = Derivation.pair(of: sent), let first = presence(of: p),
                let second = presence(of: q)
            else { continue }
            for overlap in first.intersection(part).flatMap({ second.intersection($0) }) {
                for target in 0..<Lead.limb.count where !sent.contains(channel: target) {
                    body(target, p, q, overlap)
                }
            }
        }
    }

    private func presence(of channel: Int) -> IntervalSet? {
        tracks.first { $0.lead.channel == channel }?.conditioner?.present
    }

    private func sentLimbLeads(at index: GridIndex) -> LeadSet {
        LeadSet(tracks.filter { $0.lead < .v1 && isSent($0, at: index) }.map(\.lead))
    }

    private func isSent(_ track: Track, at index: GridIndex) -> Bool {
        guard let line = timeline.line(of: track.lead) else { return false }
        return line.rate.gridIndex(notBefore: line.firstTaken) <= index
    }
}
