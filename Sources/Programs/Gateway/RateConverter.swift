public import ECGSignal
internal import Mathematics
public import Recordings
internal import Wire

/// A recording as another device would have sent it: every lead at another rate.
///
/// A windowed sinc that ends at half the lower of the two rates (its -6 dB point), cut to 64 samples of the lower
/// rate on either side by a Kaiser window of beta 10 (100 dB); Oppenheim and Schafer, 3rd edition, section 7.5. Its
/// transition reaches from 0.475 to 0.525 of the lower rate, narrower than a device's own and than the daemon's,
/// so that what a test sees of a rate is the daemon's doing. Each row of weights is divided by its sum, so that a
/// constant passes as it is. Only basic operations and our own sin are used: the same samples on every machine.
///
/// Output sample n stands at n / r'; N samples at r give ceil(N r' / r). Ends are extended by the edge sample, a
/// stretch of missing samples is bridged by a straight line before filtering, and an output sample is missing where
/// the source sample that covers its instant is. The results are whole microvolts: what converters of 16 bits or more
/// give (a step of 1 uV adds 0.3 uV of noise, far below any amplifier's), it fits INT16 up to 32 mV, and leads of
/// different gains come out with one.
public struct RateConverter: Sendable {
    /// How many nanovolts one unit of the output is.
    public static let nanovoltsPerUnit = 1_000.0

    /// How many samples of the lower rate are weighed on either side of an output sample.
    private static let halfLength: Int64 = 64
    private static let beta = 10.0
    /// How many rows of weights are kept for use again; a rate with more phases computes each row anew.
    private static let rowsMax: Int64 = 4_096

    private let target: SampleRate
    /// Source samples from one output sample to the next: `step / phaseCount`, in lowest terms.
    private let step: Int64
    private let phaseCount: Int64
    /// How many source samples are looked ahead; a row has twice as many weights.
    private let halfTaps: Int

    /// Makes the converter from one rate to the other.
    public init(from source: SampleRate, to target: SampleRate) {
        self.target = target
        let step = source.numerator * target.denominator
        let phaseCount = source.denominator * target.numerator
        let divisor = SampleRate.greatestCommonDivisor(step, phaseCount)
        self.step = step / divisor
        self.phaseCount = phaseCount / divisor
        let lowerPeriod = max(self.step, self.phaseCount)
        halfTaps = Int(
            (RateConverter.halfLength * lowerPeriod + self.phaseCount - 1) / self.phaseCount
        )
    }

    /// The recording at `rate`; leads that have the rate stay as they are, the others are held in memory.
    public static func convert(
        _ stream: RecordedStream,
        to rate: SampleRate
    ) throws(RecordingError) -> RecordedStream {
        var leads: [RecordedStream.RecordedLead] = []
        for lead in stream.leads { leads.append(try convert(lead, to: rate)) }
        return RecordedStream(identity: stream.identity, start: stream.start, leads: leads)
    }

    private static func convert(
        _ lead: RecordedStream.RecordedLead,
        to rate: SampleRate
    ) throws(RecordingError) -> RecordedStream.RecordedLead {
        guard rate != lead.rate else { return lead }
        let converter = RateConverter(from: lead.rate, to: rate)
        let samples = try lead.samples(0..<lead.sampleCount)
        let nanovolts = converter.values(of: [samples.bridged(nanovoltsPerUnit: lead.nanovoltsPerUnit)])[0]
        return RecordedStream.RecordedLead(
            lead: lead.lead,
            rate: rate,
            samples: RecordedSamples(
                values: .integers(nanovolts.map { wholeUnits($0) }),
                missing: converter.missing(samples.missing, of: samples.count)
            ),
            nanovoltsPerUnit: nanovoltsPerUnit
        )
    }

    private static func wholeUnits(_ nanovolts: Double) -> Int32 {
        let units = (nanovolts / nanovoltsPerUnit).rounded(.toNearestOrEven)
        return Int32(min(max(units, Double(Int32.min)), Double(Int32.max)))
    }

    /// How many output samples `count` source samples give: ceil(count r' / r).
    public func count(of count: Int) -> Int {
        Int((Int128(count) * Int128(phaseCount) + Int128(step) - 1) / Int128(step))
    }

    /// `[lead, time]` at the other rate, of leads that are all of one length and without a hole.
    public func values(of leads: [[Double]]) -> [[Double]] {
        guard let length = leads.first?.count, length > 0 else { return leads }
        let padded = leads.map { lead in
            Array(repeating: lead[0], count: halfTaps) + lead
                + Array(repeating: lead[length - 1], count: halfTaps)
        }
        var outputs = leads.map { _ in [Double]() }
        var rows: [[Double]] = Array(
            repeating: [],
            count: phaseCount <= RateConverter.rowsMax ? Int(phaseCount) : 0
        )
        for index in 0..<count(of: length) {
            let position = Int128(index) * Int128(step)
            let whole = Int(position / Int128(phaseCount))
            let phase = Int64(position % Int128(phaseCount))
            let row: [Double]
            if rows.isEmpty {
                row = weights(phase)
            } else {
                if rows[Int(phase)].isEmpty { rows[Int(phase)] = weights(phase) }
                row = rows[Int(phase)]
            }
            // The padding moves source sample whole - (halfTaps - 1) to whole + 1.
            for lead in padded.indices { outputs[lead].append(product(row, padded[lead], from: whole + 1)) }
        }
        return outputs
    }

    /// Where the output has no sample: wherever the source sample that covers the instant is missing.
    public func missing(_ ranges: [Range<Int>], of length: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for range in ranges {
            // Output n lies in source sample floor(n step / phaseCount).
            let mapped = count(of: range.lowerBound)..<min(count(of: range.upperBound), count(of: length))
            if let last = found.last, last.upperBound >= mapped.lowerBound {
                found[found.count - 1] = last.lowerBound..<mapped.upperBound
            } else if !mapped.isEmpty {
                found.append(mapped)
            }
        }
        return found
    }

    /// `[2 halfTaps]`: weights of source samples whole - (halfTaps - 1) to whole + halfTaps.
    private func weights(_ phase: Int64) -> [Double] {
        let lowerPeriod = Double(max(step, phaseCount))
        var row = (1 - halfTaps...halfTaps).map { tap in
            // In samples of the lower rate; the integers are exact, the quotient rounds once.
            let distance = Double(Int64(tap) * phaseCount - phase) / lowerPeriod
            return WindowedSinc.sinc(distance)
                * WindowedSinc.kaiser(
                    distance / Double(RateConverter.halfLength),
                    beta: RateConverter.beta
                )
        }
        let sum = row.reduce(0, +)
        for index in row.indices { row[index] /= sum }
        return row
    }
}

/// The sum of `row` times as many samples from `first` on, in order.
private func product(_ row: [Double], _ samples: [Double], from first: Int) -> Double {
    let weights = row.span
    let values = samples.span
    var sum = 0.0
    for index in weights.indices { sum += weights[index] * values[first + index] }
    return sum
}

extension RecordedSamples {
    /// `[time]`, nanovolts; missing stretches bridged by a straight line, at the ends by the nearest sample.
    fileprivate func bridged(nanovoltsPerUnit: Double) -> [Double] {
        var bridged: [Double]
        switch values {
        case .integers(let all): bridged = all.map { Double($0) * nanovoltsPerUnit }
        case .reals(let all): bridged = all.map { Double($0) * nanovoltsPerUnit }
        }
        for range in missing {
            let before = range.lowerBound > 0 ? bridged[range.lowerBound - 1] : nil
            let after = range.upperBound < bridged.count ? bridged[range.upperBound] : nil
            let from = before ?? after ?? 0
            let to = after ?? before ?? 0
            for index in range {
                let share = Double(index - range.lowerBound + 1) / Double(range.count + 1)
                bridged[index] = from + (to - from) * share
            }
        }
        return bridged
    }
}
