internal import ECGSignal

/// The shape of one beat in up to three leads: 40 values of each, 8 ms apart, with what is measured on them.
struct BeatShape: Sendable, Equatable {
    static let leadsMax = 3
    static let points = 40
    /// Grid samples between two values.
    static let step = 4
    /// Values before the beat's place: 120 ms; the last one stands 192 ms after it.
    static let pointsBefore = 15
    /// Shifts by which a shape may be laid on another, in values: 24 ms to either side.
    static let shifts = -3...3
    /// Samples after the beat's place that the shape and its measures need, with the delay of smoothing.
    static let samplesAfter = 120
    static let valueCount = leadsMax * points

    /// `[shift][lead][point]`, sums of ten microvolts less their mean; 0 for a lead that is not seen.
    private(set) var values = [Float](repeating: 0, count: shifts.count * valueCount)
    /// For each shift the sum of the squares of its values.
    private(set) var energies = [Float](repeating: 0, count: shifts.count)
    /// Twice the deviation of the squared slope in time, in grid samples: small for narrow complexes.
    private(set) var spread = 0.0
    /// From the first to the last slope above a fifth of the steepest, milliseconds.
    private(set) var width = 0.0
    private var slopes = [Float](repeating: 0, count: 181)
    /// The squared slopes that are looked at, summed over the leads.
    private var powers = [Double](repeating: 0, count: 181)

    /// Measures the beat at `place` while row `n` is the newest; false where it is no longer or not yet held.
    mutating func measure(_ fours: [QRSFour], _ chosen: [Int], at place: Int, newest n: Int) -> Bool {
        let reach = BeatShape.step * (BeatShape.pointsBefore + BeatShape.shifts.upperBound)
        guard n - (place - reach) < QRSFilter.smoothMemory - 16, place + BeatShape.samplesAfter <= n else {
            return false
        }
        for index in values.indices { values[index] = 0 }
        for (position, channel) in chosen.enumerated() where BeatShape.isUsable(channel, fours) {
            for shift in BeatShape.shifts {
                take(fours[channel >> 2].filter, channel & 3, at: place, shift: shift, position: position)
            }
        }
        measureEnergies()
        measureSpread(fours, chosen, at: place)
        measureWidth(fours, chosen, at: place)
        return true
    }

    private static func isUsable(_ channel: Int, _ fours: [QRSFour]) -> Bool {
        fours[channel >> 2].usable[channel & 3]
    }

    private mutating func take(
        _ filter: borrowing QRSFilter,
        _ lane: Int,
        at place: Int,
        shift: Int,
        position: Int
    ) {
        let first =
            (shift - BeatShape.shifts.lowerBound) * BeatShape.valueCount + position * BeatShape.points
        let start = place + (shift - BeatShape.pointsBefore) * BeatShape.step + QRSFilter.smoothDelay
        var sum: Float = 0
        for point in 0..<BeatShape.points {
            let value = Float(filter.smooth(at: start + point * BeatShape.step)[lane])
            values[first + point] = value
            sum += value
        }
        let mean = sum / Float(BeatShape.points)
        for point in 0..<BeatShape.points { values[first + point] -= mean }
    }

    private mutating func measureEnergies() {
        for shift in energies.indices {
            var energy: Float = 0
            for index in shift * BeatShape.valueCount..<(shift + 1) * BeatShape.valueCount {
                energy += values[index] * values[index]
            }
            energies[shift] = energy
        }
    }

    private mutating func measureSpread(_ fours: [QRSFour], _ chosen: [Int], at place: Int) {
        var sum = 0.0
        var first = 0.0
        var second = 0.0
        measurePowers(fours, chosen, from: place - 60, count: 136, reach: 4)
        for offset in -60...75 {
            let power = powers[offset + 60]
            let time = Double(offset)
            sum += power
            first += power * time
            second += power * time * time
        }
        guard sum > 0 else {
            spread = 0
            return
        }
        let mean = first / sum
        spread = 2 * max(0, second / sum - mean * mean).squareRoot()
    }

    private mutating func measureWidth(_ fours: [QRSFour], _ chosen: [Int], at place: Int) {
        var most: Float = 0
        measurePowers(fours, chosen, from: place - 80, count: 181, reach: 3)
        for offset in -80...100 {
            let power = Float(powers[offset + 80])
            slopes[offset + 80] = power
            if abs(offset) < 40 { most = max(most, power) }
        }
        let threshold = 0.04 * most
        let start = edge(from: 80, by: -1, to: 0, threshold)
        let end = edge(from: 80, by: 1, to: 180, threshold)
        width = 2 * Double(end - start)
    }

    /// The last place above the threshold before twelve in a row are below.
    private func edge(from middle: Int, by direction: Int, to limit: Int, _ threshold: Float) -> Int {
        var edge = middle
        var quiet = 0
        var place = middle
        while place != limit, quiet < 12 {
            if slopes[place] >= threshold {
                edge = place
                quiet = 0
            } else {
                quiet += 1
            }
            place += direction
        }
        return edge
    }

    /// Puts the squared slopes at `count` samples from `first` on into `powers`, summed over the leads.
    private mutating func measurePowers(
        _ fours: [QRSFour],
        _ chosen: [Int],
        from first: Int,
        count: Int,
        reach: Int
    ) {
        for index in 0..<count { powers[index] = 0 }
        let middle = first + QRSFilter.smoothDelay
        for channel in chosen where BeatShape.isUsable(channel, fours) {
            let (four, lane) = (channel >> 2, channel & 3)
            for index in 0..<count {
                let after = fours[four].filter.smooth(at: middle + index + reach)[lane]
                let rise = Double(after &- fours[four].filter.smooth(at: middle + index - reach)[lane])
                powers[index] += rise * rise
            }
        }
    }
}
