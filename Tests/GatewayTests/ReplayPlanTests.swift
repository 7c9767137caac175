import ECGSignal
import Recordings
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What a reader of one stream has put together.
private struct Collected {
    var samples: [Lead: [SampleIndex: Float]] = [:]
    var repeated = 0
    var sequence: [UInt64] = []
    var lastFlags: [Bool] = []

    mutating func take(_ chunk: LeadChunk) {
        sequence.append(chunk.sequence)
        lastFlags.append(chunk.isLast)
        for lead in chunk.leads {
            for (offset, value) in lead.millivolts.enumerated() {
                let index = chunk.firstSample + SampleIndex(offset)
                if samples[lead.lead, default: [:]].updateValue(value, forKey: index) != nil { repeated += 1 }
            }
        }
    }
}

@Suite struct ReplayPlanTests {
    private func decoded(_ steps: [ReplayPlan.Step]) throws -> [LeadChunk] {
        try steps.map { try ChunkDecoder.decode(parts: ChunkEncoder.frames($0.chunk)) }
    }

    @Test(arguments: seeds(300))
    func `a daemon gets every sample outside the gaps exactly once, in order, with the file's bits`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let stream = RecordedStream.random(using: &generator)
        let leads = stream.leads.map(\.lead)
        let options = try ReplayOptions.random(for: leads, using: &generator)
        let plan: ReplayPlan
        do throws(ReplayError) {
            plan = try ReplayPlan([stream], patients: ["a", "b"], epochs: [1, 2], options: options)
        } catch {
            // Gaps may cover all of a short recording.
            #expect(error.kind == .usage && !options.gaps.isEmpty, "seed \(seed)")
            return
        }
        let steps = try steps(of: plan)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.due <= $1.due }, "seed \(seed)")
        var collected: [String: Collected] = [:]
        for chunk in try decoded(steps) { collected[chunk.stream.patient, default: .init()].take(chunk) }
        #expect(collected.count == 2, "seed \(seed)")
        for (patient, stream2) in collected {
            let count = stream2.sequence.count
            #expect(stream2.repeated == 0, "seed \(seed), \(patient)")
            #expect(stream2.sequence == Array(1...UInt64(count)), "seed \(seed), \(patient)")
            #expect(stream2.lastFlags == Array(repeating: false, count: count - 1) + [true], "seed \(seed)")
            for lead in stream.leads {
                let values = try lead.millivolts(0..<stream.sampleCount)
                let wanted = values.indices.filter { index in
                    !options.gaps.contains { gap in
                        let time = stream.rate.time(of: SampleIndex(index))
                        return time >= gap.start && time < gap.end && gap.leads?.contains(lead.lead) ?? true
                    }
                }
                let found = stream2.samples[lead.lead] ?? [:]
                #expect(Set(found.keys) == Set(wanted.map { SampleIndex($0) }), "seed \(seed), \(lead.lead)")
                let areEqual = wanted.allSatisfy { index in
                    found[SampleIndex(index)]?.bitPattern == values[index].bitPattern
                        || (found[SampleIndex(index)]?.isNaN ?? false) && values[index].isNaN
                }
                #expect(areEqual, "seed \(seed), \(lead.lead)")
            }
        }
    }

    @Test(arguments: deviceRates) func `the gateway's clock runs with the samples`(rate: Rate) throws {
        let plan = try ReplayPlan(
            [.of(rate: rate.value, count: Int(3 * rate.value.hertz))],
            patients: ReplayPlan.patientNames(4),
            epochs: [1, 2, 3, 4]
        )
        for step in try steps(of: plan) {
            let place = try #require(plan.streams.firstIndex(of: step.chunk.stream))
            let offset = MonotonicNanoseconds(place) * 256_000_000
            let end = step.chunk.firstSample + SampleIndex(step.chunk.leads[0].samples.count)
            let elapsed = Int64(rate.value.time(of: end - 1).nanoseconds)
            #expect(step.due == offset + elapsed)
            #expect(step.chunk.gatewayTime == ReplayPlan.clockStart + offset + elapsed)
        }
    }

    @Test func `starts are spread over a hop of 1,024 ms, or all at once`() throws {
        for isAligned in [false, true] {
            var options = ReplayOptions()
            options.isAligned = isAligned
            let plan = try ReplayPlan(
                [.of(count: 1_000)],
                patients: ReplayPlan.patientNames(8),
                epochs: Array(1...8),
                options: options
            )
            let first = try steps(of: plan).filter { $0.chunk.sequence == 1 }.map(\.due)
            let wanted = (0..<8).map { 198_000_000 + (isAligned ? 0 : Int64($0) * 128_000_000) }
            #expect(first == wanted)
        }
    }

    @Test func `patients share the recordings in turn, each with a device and an epoch of its own`() throws {
        let names = ["x", String(repeating: "p", count: 64), "y", "z", "w"]
        let plan = try ReplayPlan(
            [.of([.i], count: 600), .of([.v1], count: 700)],
            patients: names,
            epochs: [10, 11, 12, 13, 14]
        )
        #expect(plan.streams.map(\.patient) == names)
        #expect(plan.streams.map(\.epoch) == [10, 11, 12, 13, 14])
        #expect(Set(plan.streams.map(\.device)).count == 5)
        #expect(plan.streams.allSatisfy { StreamIdentity.isValidID($0.device) })
        var samples = Array(repeating: 0, count: names.count)
        for step in try steps(of: plan) {
            let place = try #require(names.firstIndex(of: step.chunk.stream.patient))
            #expect(step.chunk.leads.map(\.lead) == [place.isMultiple(of: 2) ? .i : .v1])
            samples[place] += step.chunk.leads[0].samples.count
        }
        #expect(samples == [600, 700, 600, 700, 600], "every patient sends a whole recording")
    }

    @Test(arguments: seeds(50)) func `a loop goes on with growing indices`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let stream = RecordedStream.random(using: &generator)
        var options = ReplayOptions()
        options.isLooping = true
        options.chunkMilliseconds = .random(in: 1...1_000, using: &generator)
        let plan = try ReplayPlan([stream], patients: ["a"], epochs: [1], options: options)
        #expect(plan.duration == nil)
        var next: [Int: SampleIndex] = [:]
        let steps = try steps(of: plan, atMost: 50)
        for (step, chunk) in zip(steps, try decoded(steps)) {
            #expect(chunk.firstSample == next[chunk.track, default: 0] && !chunk.isLast, "seed \(seed)")
            next[chunk.track] = chunk.endSample
            for lead in chunk.leads {
                let recorded = try #require(stream.leads.first { $0.lead == lead.lead })
                let all = try recorded.millivolts(0..<stream.sampleCount)
                let areEqual = lead.millivolts.indices.allSatisfy { offset in
                    let wanted = all[(Int(chunk.firstSample) + offset) % all.count]
                    return lead.millivolts[offset].bitPattern == wanted.bitPattern
                        || lead.millivolts[offset].isNaN && wanted.isNaN
                }
                #expect(areEqual, "seed \(seed), \(lead.lead), due \(step.due)")
            }
        }
    }

    @Test func `leads of one gain share a track, more than eight gains are sent in millivolts`() throws {
        let twelve = RecordedStream.of(Lead.standard, count: 500, gains: [1_000, 2_441.4, 5_000])
        let plan = try ReplayPlan([twelve], patients: ["a"], epochs: [1])
        #expect(plan.remarks == [])
        let tracks = Dictionary(grouping: try steps(of: plan).map(\.chunk), by: \.track)
        #expect(tracks.keys.sorted() == [0, 1, 2])
        for (track, gain) in zip(0..<3, [1_000, 2_441.4, 5_000]) {
            #expect(tracks[track]?.allSatisfy { $0.nanovoltsPerUnit == gain && $0.leads.count == 4 } == true)
        }
        let gains = (1...9).map { 1_000 + Double($0) / 3 }
        let nine = RecordedStream.of(Array(Lead.allCases.prefix(18)), count: 500, gains: gains)
        let inMillivolts = try ReplayPlan([nine], patients: ["a"], epochs: [1])
        #expect(inMillivolts.remarks.count == 1)
        let steps = try steps(of: inMillivolts)
        #expect(steps.allSatisfy { $0.chunk.encoding == .float32 && $0.chunk.nanovoltsPerUnit == 1e6 })
        #expect(Set(steps.map(\.chunk.track)) == [0, 1])
        for chunk in try decoded(steps) {
            for lead in chunk.leads {
                let recorded = try #require(nine.leads.first { $0.lead == lead.lead })
                let range = Int(chunk.firstSample)..<Int(chunk.endSample)
                #expect(try lead.millivolts == recorded.millivolts(range))
            }
        }
    }

    @Test(arguments: [SampleEncoding.int16, .float32])
    func `values that do not fit are sent as int32 with a remark`(encoding: SampleEncoding) throws {
        var options = ReplayOptions()
        options.encoding = encoding
        let stream = RecordedStream.of([.i], count: 500, gains: [1], scale: encoding == .int16 ? 4 : 10_001)
        let plan = try ReplayPlan([stream], patients: ["a"], epochs: [1], options: options)
        #expect(plan.remarks.count == 1 && plan.remarks[0].contains("int32"))
        let chunks = try decoded(steps(of: plan))
        #expect(try chunks.flatMap { $0.leads[0].millivolts } == stream.leads[0].millivolts(0..<500))
    }

    @Test func `the same options give the same bytes`() throws {
        let all = try (0..<2).map { _ in
            let plan = try ReplayPlan([.of(count: 700)], patients: ["a", "b"], epochs: [7, 8])
            return try steps(of: plan).map { try ChunkEncoder.frames($0.chunk) }
        }
        #expect(all[0] == all[1])
    }

    @Test func `epochs count on from the one given, else they are drawn, never 0`() {
        var generator = SeededGenerator(seed: 1)
        #expect(ReplayPlan.epochs(3, from: 0xff, using: &generator) == [0xff, 0x100, 0x101])
        #expect(ReplayPlan.epochs(2, from: .max, using: &generator) == [.max, 1])
        #expect(Set(ReplayPlan.epochs(100, using: &generator)).count == 100)
    }
}
