import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

@testable import Pipeline

/// Pacing spikes are no beats, marked by the device or not, with and without a tail, of one chamber and of two.
@Suite struct SpikeLaws {
    private static let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
    private static let seconds = 24.0

    /// A lead of 500 Hz or of a multiple of it, and where its spikes are.
    private struct Paced {
        var values: [Float]
        let rate: SampleRate
        var spikes: [Int] = []

        /// Adds a spike of a lead: `height` millivolts, one or two samples wide, and a tail of the other sign.
        mutating func addSpike(at seconds: Double, height: Float, width: Int, tail: Float, decay: Double) {
            let place = Int(seconds * rate.hertz)
            guard values.indices.contains(place + width) else { return }
            spikes.append(place)
            for index in place..<place + width { values[index] += height }
            var left = -tail
            let share = Float(1 - 1 / (decay * rate.hertz))
            for index in place + width..<values.count where abs(left) > 1e-4 {
                values[index] += left
                left *= share
            }
        }
    }

    /// What spikes look like in one case.
    private struct Shape {
        let height: Float
        let width: Int
        let tail: Float
        let decay: Double
        let rate: Double
        /// Seconds from the spike of the atrium to that of the ventricle; nil where one chamber is paced.
        let second: Double?

        init(_ generator: inout SeededGenerator) {
            let sizes: [Float] = [0.2, 0.5, 1, 2, 5]
            let size = sizes.randomElement(using: &generator) ?? 1
            height = Bool.random(using: &generator) ? size : -size
            width = Int.random(in: 1...2, using: &generator)
            let shares: [Float] = [0, 0.025, 0.1, 0.25]
            let share = shares.randomElement(using: &generator) ?? 0
            tail = min(2, share * abs(height)) * (height > 0 ? 1 : -1)
            let decays = [0.004, 0.02, 0.05, 0.1]
            decay = decays.randomElement(using: &generator) ?? 0.1
            rate = .random(in: 60...100, using: &generator)
            second = Bool.random(using: &generator) ? .random(in: 0.12...0.2, using: &generator) : nil
        }

        func add(to lead: inout Paced, at seconds: Double) {
            for time in [seconds] + (second.map { [seconds + $0] } ?? []) {
                lead.addSpike(at: time, height: height, width: width, tail: tail, decay: decay)
            }
        }
    }

    /// The same signal at so many samples for each one.
    private func finer(_ values: [Float], by times: Int) -> [Float] {
        values.indices.flatMap { index -> [Float] in
            let next = values[min(index + 1, values.count - 1)]
            return (0..<times).map { values[index] + (next - values[index]) * Float($0) / Float(times) }
        }
    }

    /// What was observed of a lead that comes in pieces of random length.
    private func observations(
        _ lead: Paced,
        isMarked: Bool,
        _ generator: inout SeededGenerator
    ) throws -> [Observation] {
        var timeline = StreamTimeline()
        var stream: RhythmStream?
        var seen: [Observation] = []
        var from = 0
        var number: UInt64 = 0
        while from < lead.values.count {
            let to = min(
                from + Int.random(in: 1...Int(lead.rate.hertz / 2), using: &generator),
                lead.values.count
            )
            let marks = lead.spikes.filter { (from..<to).contains($0) }.map { $0 - from }
            number += 1
            let chunk = LeadChunk(
                stream: Self.stream,
                sequence: number,
                firstSample: SampleIndex(from),
                sampleCount: to - from,
                rate: lead.rate,
                leads: [
                    LeadSamples(
                        lead: .ii,
                        millivolts: Array(lead.values[from..<to]),
                        facts: LeadFacts(pacerSpikes: isMarked ? marks : [])
                    )
                ]
            )
            if stream == nil { stream = RhythmStream(first: chunk, at: Arrival(utc: 0, monotonic: 0)) }
            stream?.take(timeline.place(chunk), table: try Tables.of(lead.rate))
            seen += stream?.observations ?? []
            from = to
        }
        timeline.tick()
        stream?.close(timeline.front)
        return seen + (stream?.observations ?? [])
    }

    private func beats(_ seen: [Observation], after seconds: Double) -> Int {
        seen.count { $0.content == .beat && Double($0.at.sample) / 500 > seconds }
    }

    private func asystole(_ seen: [Observation]) -> Double? {
        let first = seen.first { observation in
            guard case .finding(let finding) = observation.content else { return false }
            return finding.statement == "asystole" && finding.holds
        }
        return first.map { Double($0.at.sample) / 500 }
    }

    @Test(arguments: seeds(120)) func `P23 spikes that nothing follows, over standstill, are asystole`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let shape = Shape(&generator)
        var ecg = MadeECG(seconds: Self.seconds, noiseMillivolts: 0.005, seed: seed)
        let size = Double.random(in: 0.5...2, using: &generator)
        let times = ecg.addRhythm(from: 0, to: 10, rate: 75, qrs: size, p: 0.1 * size, t: 0.25 * size)
        let times500 = Bool.random(using: &generator) ? 1 : 2
        var lead = Paced(
            values: finer(ecg.values, by: times500),
            rate: try #require(SampleRate(Int64(500 * times500)))
        )
        var time = 10.5
        while time < Self.seconds {
            shape.add(to: &lead, at: time)
            time += 60 / shape.rate
        }
        let seen = try observations(lead, isMarked: .random(using: &generator), &generator)
        let last = try #require(times.last)
        #expect(beats(seen, after: last + 0.5) == 0, "\(shape)")
        let alarm = try #require(asystole(seen), "\(shape)")
        #expect(alarm - last <= 6, "\(shape)")
    }

    @Test(arguments: seeds(60)) func `spikes before each beat leave all beats and add none`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let shape = Shape(&generator)
        var ecg = MadeECG(seconds: Self.seconds, noiseMillivolts: 0.005, seed: seed)
        var times: [Double] = []
        var time = 0.6
        while time < Self.seconds - 0.6 {
            times.append(time)
            ecg.addBell(at: time, height: 1.2, deviation: 0.022)
            ecg.addBell(at: time + 0.3, height: -0.3, deviation: 0.04)
            time += 60 / shape.rate
        }
        var lead = Paced(values: ecg.values, rate: .grid)
        let delay = Double.random(in: 0.06...0.09, using: &generator)
        for time in times { shape.add(to: &lead, at: time - delay - (shape.second ?? 0)) }
        let seen = try observations(lead, isMarked: .random(using: &generator), &generator)
        #expect(asystole(seen) == nil)
        // The first second is for learning.
        let wanted = times.count { $0 > 2 }
        #expect(abs(beats(seen, after: 2.3) - wanted) <= 1, "\(shape) \(wanted)")
    }

    @Test(arguments: seeds(40)) func `where chunks are cut changes nothing, spikes or not`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let shape = Shape(&generator)
        var ecg = MadeECG(seconds: Self.seconds, noiseMillivolts: 0.02, seed: seed)
        ecg.addRhythm(from: 0, to: Self.seconds, rate: .random(in: 50...150, using: &generator))
        var lead = Paced(values: ecg.values, rate: .grid)
        var time = Double.random(in: 0...2, using: &generator)
        while time < Self.seconds {
            shape.add(to: &lead, at: time)
            time += .random(in: 0.05...2, using: &generator)
        }
        let isMarked = Bool.random(using: &generator)
        let one = try observations(lead, isMarked: isMarked, &generator)
        let other = try observations(lead, isMarked: isMarked, &generator)
        // The UTC of a sample depends on how long the first chunk is.
        #expect(one.map(\.content) == other.map(\.content))
        #expect(one.map(\.at.sample) == other.map(\.at.sample))
    }
}
