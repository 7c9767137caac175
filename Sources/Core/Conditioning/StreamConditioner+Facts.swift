public import ECGSignal
internal import Mathematics

/// Why samples are missing, where the device said so: facts that travelled with the chunks, kept for the windows.
extension StreamConditioner {
    /// What the device said of one lead within a window of the grid.
    public struct WindowFacts: Sendable, Equatable {
        /// A lead that was sent.
        public let lead: Lead
        /// Samples of the window, 0 to 5,000, during which the electrode was off.
        public let contactOff: Int
        /// Samples of the window, 0 to 5,000, at which the converter stood at its rail.
        public let saturated: Int
    }

    /// What was said of each lead that was ever sent, in lead order, within the window from `start`.
    public func facts(ofWindowAt start: GridIndex) -> [WindowFacts] {
        let range = start..<start + Int64(Grid.windowSamples)
        return states.map { state in
            WindowFacts(
                lead: state.lead,
                contactOff: state.contactOff.count(in: range),
                saturated: state.saturated.count(in: range)
            )
        }
    }

    /// How many stretches of the grid are kept for these facts: what they take of memory.
    package var factRangeCount: Int {
        states.reduce(0) { $0 + $1.contactOff.ranges.count + $1.saturated.ranges.count }
    }

    /// What the chunk with the newest sample of `lead` said of the electrode; unknown where none was sent.
    public func contact(of lead: Lead) -> Contact { place(of: lead).map { states[$0].contact } ?? .unknown }

    /// Keeps what `chunk` says of the samples `fresh`, which it is the first to bring.
    mutating func note(
        _ facts: LeadFacts,
        of chunk: LeadChunk,
        at fresh: RangeList,
        in index: Int
    ) {
        if fresh.end == front.line(of: states[index].lead)?.newest {
            states[index].contact = facts.contact
        }
        for part in fresh where facts.contact == .off {
            states[index].contactOff.insert(grid(part, chunk.rate))
        }
        for offsets in facts.saturated {
            let first = chunk.firstSample + SampleIndex(offsets.lowerBound)
            let stretch = first..<first + SampleIndex(offsets.count)
            for part in fresh where part.overlaps(stretch) {
                states[index].saturated.insert(grid(part.clamped(to: stretch), chunk.rate))
            }
        }
    }

    /// The grid samples whose native sample lies in `part`.
    private func grid(_ part: Range<SampleIndex>, _ rate: SampleRate) -> Range<GridIndex> {
        rate.gridIndex(notBefore: part.lowerBound)..<rate.gridIndex(notBefore: part.upperBound)
    }
}
