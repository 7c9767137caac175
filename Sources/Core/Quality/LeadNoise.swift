internal import ECGSignal

/// The noise of all leads, second by second.
struct LeadNoise: Sendable, Equatable, Codable {
    private var measures = [LeadMeasure](repeating: LeadMeasure(), count: FourLeads.count)

    /// The samples at hand of four leads, whole microvolts, after room for those of before.
    private var samples = [SIMD4<Int32>](repeating: .zero, count: LeadMeasure.room + LeadMeasure.piece)

    /// Takes `count` rows from `first` on, at most a piece and within one; the first stands at `place` of its second.
    mutating func take(_ rows: WideRows, _ first: Int, _ count: Int, at place: Int) {
        let values = rows.fours.span
        for four in 0..<FourLeads.count {
            var whole = SIMDMask<SIMD4<Int32>>(repeating: true)
            var room = samples.mutableSpan
            for index in 0..<count {
                let millivolts = values[(first + index) * FourLeads.count + four]
                whole .&= FourLeads.known(millivolts)
                room[LeadMeasure.room + index] = FourLeads.microvolts(millivolts)
            }
            measures[four].take(&samples, count, whole: whole, at: place)
        }
    }

    /// A second is over: notes what was wrong with each lead that had all of it.
    mutating func endSecond(into quality: inout SignalQuality) {
        for four in measures.indices { measures[four].endSecond(of: four, into: &quality) }
    }
}
