import ECGSignal
import Glibc
import Recordings
import TestSupport
import Testing
import Wire

@testable import Gateway

/// The limit of one call, lengthened by this machine's pace.
var limit: Duration { Patience.limit() }

/// A rate that names itself in a failed test.
struct Rate: CustomTestStringConvertible {
    let value: SampleRate
    var testDescription: String { "\(value.numerator)/\(value.denominator) Hz" }

    init?(_ numerator: Int64, _ denominator: Int64 = 1) {
        guard let value = SampleRate(numerator, over: denominator) else { return nil }
        self.value = value
    }
}

/// What devices send; 65,615/128 Hz is a watch's.
let deviceRates: [Rate] = [
    Rate(100), Rate(125), Rate(128), Rate(130), Rate(250), Rate(256), Rate(360), Rate(512), Rate(1_000),
    Rate(2_000), Rate(65_615, 128),
].compactMap { $0 }

extension RecordedStream {
    /// A recording of those leads; each sample differs from its neighbours.
    static func of(
        _ leads: [Lead] = [.i, .ii],
        rate: SampleRate = .grid,
        count: Int,
        gains: [Double] = [1_000],
        missing: [Range<Int>] = [],
        scale: Int32 = 1
    ) -> RecordedStream {
        RecordedStream(
            identity: StreamIdentity(patient: "record", device: "file", epoch: 1),
            start: 0,
            leads: leads.enumerated().map { place, lead in
                RecordedLead(
                    lead: lead,
                    rate: rate,
                    samples: RecordedSamples(
                        values: .integers(
                            (0..<Int32(count)).map {
                                (($0 &* 7_919 &+ Int32(place) * 131) % 20_011 - 10_000) * scale
                            }
                        ),
                        missing: missing
                    ),
                    nanovoltsPerUnit: gains[place % gains.count]
                )
            }
        )
    }

    /// One to six leads of one to three gains, up to 3 s at a device's rate, some samples missing.
    static func random(using generator: inout SeededGenerator) -> RecordedStream {
        let leads = Array(
            Lead.allCases.shuffled(using: &generator).prefix(.random(in: 1...6, using: &generator))
        )
        let rate = deviceRates.randomElement(using: &generator)?.value ?? .grid
        let count = Int.random(in: 1...max(1, Int(rate.hertz * 3)), using: &generator)
        let from = Int.random(in: 0..<count, using: &generator)
        let missing =
            Bool.random(using: &generator) ? [from..<Int.random(in: from + 1...count, using: &generator)] : []
        let gains = Array([1_000, 2_441.4, 5_000].prefix(.random(in: 1...3, using: &generator)))
        return .of(leads.sorted(), rate: rate, count: count, gains: gains, missing: missing)
    }
}

extension ReplayOptions {
    /// Any encoding, chunk length and up to two gaps.
    static func random(for leads: [Lead], using generator: inout SeededGenerator) throws -> ReplayOptions {
        var options = ReplayOptions()
        options.chunkMilliseconds = .random(in: 1...1_000, using: &generator)
        options.encoding = SampleEncoding.allCases.randomElement(using: &generator) ?? .int16
        options.isAligned = .random(using: &generator)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let start = Int.random(in: 0...2_999, using: &generator)
            let length = Int.random(in: 1...999, using: &generator)
            let lead = Bool.random(using: &generator) ? leads.randomElement(using: &generator) : nil
            let seconds = "\(start / 1_000).\(String("00\(start % 1_000)".suffix(3)))"
            let text = "\(seconds):0.\(String("00\(length)".suffix(3)))"
            options.gaps.append(try ReplayGap(text + (lead.map { ":\($0.name)" } ?? "")))
        }
        return options
    }
}

/// Every step of a plan, at most so many.
func steps(of plan: ReplayPlan, atMost count: Int = .max) throws -> [ReplayPlan.Step] {
    var plan = plan
    var steps: [ReplayPlan.Step] = []
    while steps.count < count, let step = try plan.next() { steps.append(step) }
    return steps
}
