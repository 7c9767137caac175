internal import ECGSignal
internal import Mathematics

/// Rows as a person may look at them: what was received and what follows from it, with every gap left a gap.
extension StreamConditioner {
    /// Makes `rows` the rows `range`, all of them below `ready`, of every lead that was sent or follows from two others.
    ///
    /// `isWide` chooses the wide band instead of the encoder's. A sample counts as present where it was received, or
    /// where both samples that it is computed from were; a lead that the encoder may not see because it is beyond what
    /// an ECG reaches is copied all the same. Returns the leads that were computed somewhere in the range.
    func copyTrace(_ range: Range<GridIndex>, isWide: Bool, into rows: inout WideRows) -> LeadSet {
        rows.reset(to: range)
        for index in states.indices {
            guard let channel = states[index].lead.channel else { continue }
            states[index].conditioner?.copyTrace(range, isWide: isWide, into: &rows, channel: channel)
        }
        if let patch = patchRange(of: range), let standIn {
            states[standIn].conditioner?.copyTrace(
                patch,
                isWide: isWide,
                into: &rows,
                channel: StreamConditioner.standInChannel
            )
        }
        var derived = LeadSet()
        forEachDerivation(in: range, onlySeen: false) { target, p, q, part in
            let weights = Derivation.weights(of: target, from: p, q)
            for index in part {
                let row = Int(index - range.lowerBound)
                let sum =
                    weights.first * Double(rows.value(row, channel: p)) + weights.second
                    * Double(rows.value(row, channel: q))
                rows.set(Float(sum), at: index, channel: target)
            }
            rows.notePresent(part, channel: target)
            derived.insert(Lead.standard[target])
        }
        return derived
    }

    /// The part of `range` in which a lead without a position stands in channel I; nil where none does.
    func patchRange(of range: Range<GridIndex>) -> Range<GridIndex>? {
        guard standIn != nil else { return nil }
        let end = min(firstStandardSample ?? range.upperBound, range.upperBound)
        return end > range.lowerBound ? range.lowerBound..<end : nil
    }
}
