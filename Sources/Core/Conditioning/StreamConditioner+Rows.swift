public import ECGSignal
internal import Findings
internal import Mathematics

/// What the encoder and the events read: rows of the grid, and which of their samples are there.
extension StreamConditioner {
    /// The first grid sample that the stream has, fixed once it releases; nil before.
    public var joinedAt: GridIndex? { front.isReleasing ? front.firstGridSample : nil }

    /// Rows below it are final.
    public var ready: GridIndex {
        guard front.isReleasing else { return 0 }
        var least: GridIndex?
        for index in states.indices {
            if let ready = states[index].conditioner?.ready { least = min(least ?? .max, ready) }
        }
        return min(least ?? 0, front.gridEnd)
    }

    /// The first grid sample at or after `start` that any lead has among what was released; nil where there is none.
    public func firstPresent(from start: GridIndex) -> GridIndex? {
        var first: GridIndex?
        for index in states.indices {
            if let member = states[index].conditioner?.present.firstMember(from: start) {
                first = min(first ?? .max, member)
            }
        }
        return first
    }

    /// The first grid sample at or after `start`, which is present, that no lead has.
    public func presentEnd(from start: GridIndex) -> GridIndex {
        var end = start
        while true {
            var next = end
            for index in states.indices {
                if let contiguous = states[index].conditioner?.present.contiguousEnd(from: end) {
                    next = max(next, contiguous)
                }
            }
            if next == end { return end }
            end = next
        }
    }

    /// Writes rows `range` as `[time][12]` millivolts to `rows` from row `first` on; 0 where a lead has no sample.
    ///
    /// Rows at or after `ready` are 0, and so is a lead in a second in which it is masked because it was beyond what
    /// an ECG reaches for long. Derived limb leads are computed here, after the filters, which are linear.
    public func copyRows(_ range: Range<GridIndex>, into rows: inout [Float], at first: Int) {
        let start = first * Lead.channelCount
        for position in start..<start + range.count * Lead.channelCount { rows[position] = 0 }
        for index in states.indices {
            guard let channel = states[index].lead.channel else { continue }
            states[index].conditioner?.copy(range, into: &rows, at: start, channel: channel)
        }
        if let standIn {
            // A lead without a position is no longer seen once a standard lead has been sent.
            let end = min(firstStandardSample ?? range.upperBound, range.upperBound)
            states[standIn].conditioner?.copy(
                range.lowerBound..<max(range.lowerBound, end),
                into: &rows,
                at: start,
                channel: StreamConditioner.standInChannel
            )
        }
        forEachDerivation(in: range, onlySeen: true) { target, p, q, part in
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

    /// Makes `rows` the wide band's rows `range` of the leads that were sent.
    ///
    /// Rows at or after `ready` have no value. It needs `hasWideBand`, set before the first chunk.
    func copyWideRows(_ range: Range<GridIndex>, into rows: inout WideRows) {
        rows.reset(to: range)
        for index in states.indices {
            guard let channel = states[index].lead.channel else { continue }
            states[index].conditioner?.copyWide(range, into: &rows, channel: channel)
            copyFacts(of: index, range, into: &rows, channel: channel)
        }
        guard let standIn else { return }
        let end = min(firstStandardSample ?? range.upperBound, range.upperBound)
        let seen = range.lowerBound..<max(range.lowerBound, end)
        states[standIn].conditioner?.copyWide(seen, into: &rows, channel: StreamConditioner.standInChannel)
        copyFacts(of: standIn, seen, into: &rows, channel: StreamConditioner.standInChannel)
    }

    /// Writes to `rows` where the device said that the electrode was off, or the converter at its rail.
    private func copyFacts(
        of index: Int,
        _ range: Range<GridIndex>,
        into rows: inout WideRows,
        channel: Int
    ) {
        var from = range.lowerBound
        while let part = states[index].contactOff.firstPart(of: from..<range.upperBound) {
            rows.noteOff(part, channel: channel)
            from = part.upperBound
        }
        from = range.lowerBound
        while let part = states[index].saturated.firstPart(of: from..<range.upperBound) {
            rows.noteSaturated(part, channel: channel)
            from = part.upperBound
        }
    }

    /// The first grid sample at or after `start` of which anything is known: a lead has it, or the device said why not.
    func firstKnown(from start: GridIndex) -> GridIndex? {
        var first = firstPresent(from: start)
        for index in states.indices {
            for place in [
                states[index].contactOff.firstMember(from: start),
                states[index].saturated.firstMember(from: start),
            ] {
                if let place { first = min(first ?? .max, place) }
            }
        }
        return first
    }

    /// Forgets rows below `emitted`, the wide band's below `wide`, and presence and facts below `windowStart`.
    mutating func forget(
        rowsBelow emitted: GridIndex,
        wideRowsBelow wide: GridIndex,
        presenceBelow windowStart: GridIndex
    ) {
        for index in states.indices {
            states[index].conditioner?.forget(
                valuesBelow: emitted,
                wideBelow: wide,
                presenceBelow: windowStart
            )
            states[index].contactOff.removeAll(below: windowStart)
            states[index].saturated.removeAll(below: windowStart)
        }
    }

    /// Calls `body` with each derived lead, its pair and each stretch in which the pair gives it.
    ///
    /// `onlySeen` leaves out what the encoder may not see of the pair.
    func forEachDerivation(
        in range: Range<GridIndex>,
        onlySeen: Bool,
        _ body: (_ target: Int, _ p: Int, _ q: Int, Range<GridIndex>) -> Void
    ) {
        var from = range.lowerBound
        while from < range.upperBound {
            let sent = sentLimbLeads(at: from)
            let end = min(nextLimbStart(after: from) ?? range.upperBound, range.upperBound)
            if sent != .limb, let (p, q) = Derivation.pair(of: sent),
                let first = conditioner(of: p),
                let second = conditioner(of: q)
            {
                var place = from
                while let one = first.firstPart(of: place..<end, onlySeen: onlySeen) {
                    place = one.lowerBound
                    while let both = second.firstPart(of: place..<one.upperBound, onlySeen: onlySeen) {
                        for target in 0..<Lead.limb.count where !sent.contains(channel: target) {
                            body(target, p, q, both)
                        }
                        place = both.upperBound
                    }
                    place = one.upperBound
                }
            }
            from = end
        }
    }

    func conditioner(of channel: Int) -> LeadConditioner? {
        place(of: Lead.standard[channel]).flatMap { states[$0].conditioner }
    }

    // MARK: which leads were sent

    /// The limb leads that were sent before or at grid sample `index`.
    func sentLimbLeads(at index: GridIndex) -> LeadSet {
        var sent = LeadSet()
        for line in front.lines where line.lead < .v1 && line.firstGridSample <= index {
            sent.insert(line.lead)
        }
        return sent
    }

    private func nextLimbStart(after index: GridIndex) -> GridIndex? {
        var next: GridIndex?
        for line in front.lines.indices where front.lines[line].lead < .v1 {
            let start = front.lines[line].firstGridSample
            if start > index { next = min(next ?? .max, start) }
        }
        return next
    }

    /// The first grid sample of any standard lead; nil where none was sent.
    var firstStandardSample: GridIndex? {
        var first: GridIndex?
        for line in front.lines.indices where front.lines[line].lead.channel != nil {
            first = min(first ?? .max, front.lines[line].firstGridSample)
        }
        return first
    }

    /// The encoder's channel of a lead without a position: that of lead I.
    static let standInChannel = 0

    /// The lead that stands in channel I while no standard lead was sent: of PATCH and CHEST_STRAP the one that was
    /// sent first.
    var standIn: Int? {
        var found: (lead: Lead, start: GridIndex)?
        for line in front.lines.indices where front.lines[line].lead.standsInForAnother {
            let start = front.lines[line].firstGridSample
            if found.map({ start < $0.start }) ?? true { found = (front.lines[line].lead, start) }
        }
        return found.flatMap { place(of: $0.lead) }
    }
}
