import ECGSignal
import Findings
import Foundation
import Rhythm
import TestSupport
import Testing

@Suite struct RhythmLaws {
    private func output(_ leads: [Lead: [Float]]) -> RhythmLane.Output {
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        lane.take(rows(leads), into: &output)
        lane.close(at: GridIndex(leads.values.map(\.count).max() ?? 0), into: &output)
        return output
    }

    private func seconds(_ place: GridIndex) -> Double { Double(place) / 500 }

    private func onset(
        _ finding: RhythmFinding,
        in output: RhythmLane.Output,
        from start: Double = 0
    ) -> Double? {
        output.changes.first { $0.finding == finding && $0.isOn && seconds($0.at) >= start }.map {
            seconds($0.at)
        }
    }

    /// Those of `times` near which no beat, or more than one, was found; `others` are found beats without one.
    private func faults(
        _ output: RhythmLane.Output,
        _ times: [Double],
        after start: Double = 5
    ) -> (Int, others: Int) {
        let found = output.found.map { seconds($0.place) }.filter { $0 >= start - 0.1 }
        let wanted = times.filter { $0 >= start }
        let wrong = wanted.count { time in found.count { abs($0 - time) < 0.06 } != 1 }
        return (wrong, found.count { time in !times.contains { abs($0 - time) < 0.06 } })
    }

    @Test func `every finding of the lane is a statement that a rule may make`() throws {
        let catalogue = Catalogue.shipped
        for finding in RhythmFinding.allCases {
            let statement = try #require(
                catalogue.statements.first { $0.id == finding.rawValue },
                "\(finding)"
            )
            #expect(statement.evidence != .model, "\(finding)")
        }
    }

    @Test(arguments: seeds(8)) func `where rows are cut changes nothing`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 40, noiseMillivolts: 0.02, seed: seed)
        ecg.addRhythm(from: 0, to: 25, rate: .random(in: 50...150, using: &generator))
        var other = ecg
        other.scale(by: -0.4)
        var missing = other.values
        for index in 6_000..<6_000 + Int.random(in: 1...2_000, using: &generator) { missing[index] = .nan }
        let leads: [Lead: [Float]] = [.ii: ecg.values, .v1: missing]
        let whole = output(leads)
        #expect(!whole.found.isEmpty)
        #expect(!whole.changes.isEmpty)
        var lane = RhythmLane()
        var parts = RhythmLane.Output()
        var from = 0
        while from < ecg.values.count {
            let end = min(ecg.values.count, from + Int.random(in: 1...700, using: &generator))
            lane.take(rows(leads, from..<end), into: &parts)
            from = end
        }
        lane.close(at: GridIndex(from), into: &parts)
        #expect(parts == whole)
    }

    @Test(arguments: seeds(8)) func `a copy and the rest equal the whole`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 30, seed: seed)
        ecg.addRhythm(from: 0, to: 30, rate: .random(in: 50...150, using: &generator))
        let cut = Int.random(in: 1..<15_000, using: &generator)
        var lane = RhythmLane()
        var first = RhythmLane.Output()
        lane.take(rows([.ii: ecg.values], 0..<cut), into: &first)
        var copy = lane
        var mine = first
        lane.take(rows([.ii: ecg.values], cut..<15_000), into: &first)
        copy.take(rows([.ii: ecg.values], cut..<15_000), into: &mine)
        #expect(mine == first)
        #expect(copy == lane)
        #expect(
            first
                == {
                    var all = RhythmLane.Output()
                    var one = RhythmLane()
                    one.take(rows([.ii: ecg.values]), into: &all)
                    return all
                }()
        )
    }

    @Test(arguments: seeds(20)) func `a tall T is no beat, and an upside-down lead loses none`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 60, seed: seed)
        let times = ecg.addRhythm(
            from: 0,
            to: 59,
            rate: .random(in: 45...110, using: &generator),
            t: .random(in: 0.9...1.3, using: &generator)
        )
        for sign in [1, -1] as [Float] {
            var lead = ecg
            lead.scale(by: sign)
            let (wrong, others) = faults(output([.ii: lead.values]), times)
            #expect(wrong == 0)
            #expect(others == 0)
        }
    }

    @Test(arguments: seeds(20)) func `standstill with P waves is asystole within 6 s of the last QRS`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let qrs = Double.random(in: 0.5...2, using: &generator)
        let p = Double.random(in: 0.1...0.3, using: &generator)
        var ecg = MadeECG(seconds: 45, seed: seed)
        let rate = Double.random(in: 60...120, using: &generator)
        let last = try #require(ecg.addRhythm(from: 0, to: 30, rate: rate, qrs: qrs, p: p).last)
        for beat in stride(from: last + 60 / rate, to: 44, by: 60 / rate) {
            ecg.addBell(at: beat - 0.16, height: p, deviation: 0.022)
        }
        let result = output([.ii: ecg.values])
        let alarm = try #require(onset(.asystole, in: result), "QRS \(qrs) mV, P \(p) mV at \(rate)/min")
        #expect(alarm >= last + 4)
        #expect(alarm <= last + 6)
    }

    @Test(arguments: seeds(10)) func `a QRS of 0.3 mV throughout is no asystole`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 60, seed: seed)
        let times = ecg.addRhythm(
            from: 0,
            to: 59,
            rate: .random(in: 40...120, using: &generator),
            qrs: 0.3,
            p: 0.03,
            t: 0.06
        )
        let result = output([.ii: ecg.values])
        #expect(onset(.asystole, in: result) == nil)
        #expect(faults(result, times).0 == 0)
    }

    @Test func `a signal without a beat from the start is asystole after 4 s, without time to learn`() throws
    {
        let alarm = try #require(onset(.asystole, in: output([.ii: MadeECG(seconds: 10).values])))
        #expect((4...6).contains(alarm))
    }

    @Test func `25 beats a minute alarm as extreme bradycardia, not as asystole`() throws {
        var ecg = MadeECG(seconds: 60)
        ecg.addRhythm(from: 0, to: 60, rate: 25)
        let result = output([.ii: ecg.values])
        #expect(onset(.extremeBradycardia, in: result) != nil)
        #expect(onset(.asystole, in: result) == nil)
    }

    @Test(arguments: seeds(30)) func `P23 a gap, or a lead that stands still among others, is no asystole`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 60, seed: seed)
        let times = ecg.addRhythm(from: 0, to: 59, rate: .random(in: 50...120, using: &generator))
        var gap = ecg.values
        let from = Int.random(in: 5_000...15_000, using: &generator)
        for index in from..<from + Int.random(in: 100...10_000, using: &generator) { gap[index] = .nan }
        let alone = output([.ii: gap])
        #expect(onset(.asystole, in: alone) == nil)
        #expect(onset(.ventricularFibrillation, in: alone) == nil)
        var still = ecg.values
        for index in from..<still.count { still[index] = 0.1 }
        let both = output([.ii: still, .v2: ecg.values])
        #expect(onset(.asystole, in: both) == nil)
        #expect(faults(both, times).0 <= 2)
    }

    @Test(arguments: seeds(30)) func `P17 fibrillation of any height is fibrillation or asystole within 10 s`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let height = pow(10, Double.random(in: -1.3...0.3, using: &generator)) / 2
        let hertz = Double.random(in: 3...8, using: &generator)
        let phase = Double.random(in: 0...6, using: &generator)
        var ecg = MadeECG(seconds: 45, seed: seed)
        let last = ecg.addRhythm(from: 0, to: 30, rate: .random(in: 60...110, using: &generator)).last ?? 30
        ecg.add(from: last + 0.5) { time in
            height * (1 + 0.2 * sin(1.3 * time)) * sin(2 * .pi * hertz * time + phase + 0.4 * sin(2.1 * time))
        }
        let result = output([.ii: ecg.values])
        let alarms = [RhythmFinding.asystole, .ventricularFibrillation].compactMap {
            onset($0, in: result, from: last)
        }
        let first = try #require(alarms.min(), "\(2 * height) mV at \(hertz) Hz")
        #expect(first <= last + 10.5)
    }

    @Test func `after warm-up the lane takes no memory`() {
        var ecg = MadeECG(seconds: 60)
        ecg.addRhythm(from: 0, to: 60, rate: 80)
        let leads = Dictionary(uniqueKeysWithValues: Lead.standard.map { ($0, ecg.values) })
        let pieces = stride(from: 0, to: 30_000, by: 100).map { rows(leads, $0..<$0 + 100) }
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        for piece in pieces[..<150] { lane.take(piece, into: &output) }
        output.removeAll()
        let used = Allocations.of {
            for piece in pieces[150...] {
                output.removeAll()
                lane.take(piece, into: &output)
            }
        }
        #expect(used.count == 0)
    }
}
