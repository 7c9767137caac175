import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

@Suite struct NeighbourLaws {
    /// What a bad neighbour may do, each by its word.
    enum Trouble: String, CaseIterable, Sendable {
        case unreadable, patientTaken, rateChanged, twoTracks, oddRate, unknownLeads, conflicts, backwards,
            late
        case leaps, extremes, missing, newEpochs, manyStreams, lastAtOnce, noLeads, sameTopicRefused
    }

    private let good = StreamIdentity(patient: "good", device: "g1", epoch: 5)

    /// 13 s at 360 Hz, three leads, with a lost second and a frame out of order.
    private func goodChunks() -> [LeadChunk] {
        var chunks = (0..<26).map { (half: Int) -> LeadChunk in
            chunk(
                "good",
                "g1",
                epoch: 5,
                sequence: UInt64(half + 1),
                from: SampleIndex(half * 180),
                count: 180,
                hertz: 360,
                leads: [.i, .ii, .v2],
                isLast: half == 25
            )
        }
        chunks.remove(at: 9)
        chunks.swapAt(14, 15)
        return chunks
    }

    private func alone() -> [Event] {
        var run = StationRun(streamsMax: 8)
        for chunk in goodChunks() {
            run.send(chunk, after: 0.5)
            run.pass(seconds: 0)
        }
        run.pass(seconds: 3)
        return run.events(of: good)
    }

    /// One thing that a neighbour of that kind does next.
    private func disturb(
        _ run: inout StationRun,
        _ trouble: Trouble,
        _ step: Int,
        _ generator: inout SeededGenerator
    ) {
        let sequence = UInt64(step + 1)
        let at = SampleIndex(step * 125)
        switch trouble {
        case .unreadable: run.send(Refusal(.decode, "truncated"))
        case .patientTaken: run.send(chunk("thief", "g1", epoch: 5, sequence: sequence, from: at))
        case .rateChanged:
            run.send(chunk("bad", "b1", sequence: sequence, from: at, hertz: step % 2 == 0 ? 250 : 500))
        case .twoTracks: run.send(chunk("bad", "b2", sequence: sequence, track: step % 2, from: at))
        case .oddRate:
            run.send(
                LeadChunk(
                    stream: StreamIdentity(patient: "bad", device: "b3", epoch: 1),
                    sequence: sequence,
                    firstSample: 0,
                    sampleCount: 1,
                    rate: SampleRate(512_617, over: 1_000) ?? .grid,
                    leads: [LeadSamples(lead: .i, millivolts: [1])]
                )
            )
        case .unknownLeads: run.send(chunk("bad", "b4", sequence: sequence, from: at, unknown: 3))
        case .conflicts: run.send(chunk("bad", "b5", sequence: sequence, from: 0, value: Float(step)))
        case .backwards: run.send(chunk("bad", "b6", sequence: sequence, from: max(0, 100_000 - at)))
        case .late: run.send(chunk("bad", "b7", sequence: sequence, from: step % 2 == 0 ? 10_000 + at : 0))
        case .leaps: run.send(chunk("bad", "b8", sequence: sequence, from: SampleIndex(step % 64) << 42))
        case .extremes:
            run.send(chunk("bad", "b9", sequence: sequence, from: at, value: step % 2 == 0 ? 1e4 : -1e4))
        case .missing: run.send(chunk("bad", "b10", sequence: sequence, from: at, value: .nan))
        case .newEpochs: run.send(chunk("bad", "b11", epoch: UInt64(step / 3 + 1), sequence: 1, from: at))
        case .manyStreams: run.send(chunk("bad", "c\(step)", sequence: 1, from: at))
        case .lastAtOnce: run.send(chunk("bad", "b12", sequence: sequence, from: at, isLast: true))
        case .noLeads: run.send(chunk("bad", "b13", sequence: sequence, from: at, leads: [], unknown: 1))
        case .sameTopicRefused:
            run.send(
                Refusal(
                    .length,
                    "data too short",
                    stream: StreamIdentity(patient: "bad", device: "b1", epoch: 1),
                    firstSample: 0,
                    leads: [.ii],
                    sampleCount: .random(in: 1...2_000, using: &generator)
                )
            )
        }
    }

    private func beside(_ troubles: [Trouble], seed: UInt64) -> StationRun {
        var generator = SeededGenerator(seed: seed)
        var run = StationRun(streamsMax: 8, shards: 2)
        run.isEager = seed.isMultiple(of: 2)
        var step = 0
        for (index, chunk) in goodChunks().enumerated() {
            run.send(chunk, after: 0.5)
            // The good one is there first, as a full table refuses newcomers.
            for _ in 0..<Int.random(in: 0...2, using: &generator) where index >= 0 {
                for trouble in troubles {
                    disturb(&run, trouble, step, &generator)
                    step += 1
                }
            }
        }
        run.pass(seconds: 3)
        return run
    }

    @Test(arguments: Trouble.allCases)
    func `P02 a bad stream never hurts a good one`(trouble: Trouble) {
        let expected = alone()
        #expect(expected.diagnoses.count == 3 && expected.facts(.streamClosed).count == 1)
        for seed in seeds(4) {
            let run = beside([trouble], seed: seed)
            #expect(run.events(of: good) == expected, "\(trouble), seed \(seed)")
            expectBalanced(run, "\(trouble), seed \(seed)")
        }
    }

    @Test func `P02 all bad streams at once never hurt a good one`() {
        let expected = alone()
        for seed in seeds(200) {
            var generator = SeededGenerator(seed: seed)
            let mix =
                seed % 10 == 0
                ? Trouble.allCases : Array(Trouble.allCases.shuffled(using: &generator).prefix(3))
            let run = beside(mix.shuffled(using: &generator), seed: seed)
            let isSame = run.events(of: good) == expected
            #expect(isSame, "\(mix), seed \(seed)")
            expectBalanced(run, "\(mix), seed \(seed)")
            #expect(run.admission.openCount <= 8)
            #expect(run.statuses.count <= 16)
        }
    }

    private func expectBalanced(_ run: StationRun, _ place: String) {
        for status in run.statuses {
            for (lead, _, _, _, ledger) in status.leads {
                #expect(ledger.isBalanced, "\(status.identity.name) \(lead.name), \(place)")
            }
        }
    }
}
