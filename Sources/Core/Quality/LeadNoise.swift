internal import ECGSignal

/// The noise of all leads, second by second.
struct LeadNoise: Sendable, Equatable {
    private var measures = [LeadMeasure](repeating: LeadMeasure(), count: Lead.channelCount)

    /// One lead's samples at hand, whole microvolts, after room for those of before.
    private var samples = [Int32](repeating: 0, count: LeadMeasure.room + LeadMeasure.piece)

    /// Takes `count` rows from `first` on, at most a piece and within one; the first stands at `place` of its second.
    mutating func take(_ rows: WideRows, _ first: Int, _ count: Int, at place: Int) {
        let values = rows.values.span
        for channel in 0..<Lead.channelCount {
            let from = first * Lead.channelCount + channel
            var isWhole = true
            for index in 0..<count where isWhole {
                let millivolts = values[from + index * Lead.channelCount]
                isWhole = !millivolts.isNaN
                samples[LeadMeasure.room + index] = isWhole ? LeadNoise.microvolts(millivolts) : 0
            }
            if isWhole {
                measures[channel].take(&samples, count, at: place)
            } else {
                measures[channel].interrupt()
            }
        }
    }

    /// `millivolts` in whole microvolts, halves away from zero, at most 100 mV.
    private static func microvolts(_ millivolts: Float) -> Int32 {
        let value = max(-100_000, min(100_000, millivolts * 1_000))
        return Int32(value < 0 ? value - 0.5 : value + 0.5)
    }

    /// A second is over: notes what was wrong with each lead that had all of it.
    mutating func endSecond(into quality: inout SignalQuality) {
        for channel in measures.indices {
            guard let faults = measures[channel].endSecond() else { continue }
            let lead = LeadSet(rawValue: 1 << UInt16(channel))
            if faults.wanders { quality.note(.baselineWander, of: lead) }
            if faults.trembles { quality.note(.muscle, of: lead) }
            if faults.hums { quality.note(.powerline, of: lead) }
            if faults.isBeyondReach { quality.note(.noise, of: lead) }
        }
    }
}
