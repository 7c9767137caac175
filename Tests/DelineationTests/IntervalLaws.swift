import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

@testable import Delineation

/// What is measured on the beats of made hearts, whose waves stand where they were put.
@Suite struct IntervalLaws {
    /// The intervals of each second of some leads, read in pieces of `cut` rows.
    private func intervals(of leads: [Lead: [Float]], cut: Int = 128) -> [WaveIntervals] {
        var run = WatchRun()
        let count = leads.values.map(\.count).max() ?? 0
        for from in stride(from: 0, to: count, by: cut) {
            run.take(rows(leads, from..<min(from + cut, count)))
        }
        return run.told
    }

    private func heart(
        rate: Double = 70,
        p: Double = 0.15,
        pBefore: Double = 0.16,
        qrs: Double = 0.011,
        tAfter: Double = 0.28,
        t: Double = 0.3,
        noise: Float = 0.01
    ) -> [Float] {
        var ecg = MadeECG(seconds: 20, noiseMillivolts: noise, seed: 3)
        var time = 0.4
        while time < 20 {
            if p != 0 { ecg.addBell(at: time - pBefore, height: p, deviation: 0.02) }
            ecg.addBell(at: time, height: 1, deviation: qrs)
            if t != 0 { ecg.addBell(at: time + tAfter, height: t, deviation: 0.04) }
            time += 60 / rate
        }
        return ecg.values
    }

    @Test(arguments: [50.0, 70, 90])
    func `a heart of known waves has its intervals, at every rate that keeps them apart`(
        rate: Double
    ) throws {
        for told in intervals(of: [.ii: heart(rate: rate)]).dropFirst(12) {
            let pr = try #require(told.pr.value, "\(told)")
            let qrs = try #require(told.qrs.value, "\(told)")
            let qt = try #require(told.qt.value, "\(told)")
            // Bells end where 5 % of their height is left: 2.4 deviations from their middle; QRS is a little longer, as
            // its samples are means of 20 ms.
            #expect(abs(pr - (160 + 48 - 27)) < 25, "\(told)")
            #expect(abs(qrs - 2 * 27 - 20) < 16, "\(told)")
            #expect(abs(qt - (280 + 98 + 27)) < 30, "\(told)")
            #expect((4...8).contains(told.beats))
        }
    }

    @Test func `an interval grows by what the wave is moved or broadened by`() throws {
        func last(_ values: [Float]) throws -> WaveIntervals {
            try #require(intervals(of: [.ii: values]).last)
        }
        let usual = try last(heart())
        let laterP = try last(heart(pBefore: 0.22))
        #expect(abs(try #require(laterP.pr.value) - (try #require(usual.pr.value)) - 60) < 10)
        let broadQRS = try last(heart(pBefore: 0.2, qrs: 0.022, tAfter: 0.32))
        let broader = try #require(broadQRS.qrs.value) - (try #require(usual.qrs.value))
        #expect((35...70).contains(broader), "\(broadQRS)")
        let lateT = try last(heart(tAfter: 0.36))
        #expect(abs(try #require(lateT.qt.value) - (try #require(usual.qt.value)) - 80) < 12)
    }

    @Test(arguments: [-0.3, 0, 0.2]) func `ST is the level after QRS beside the one before it, lead by lead`(
        level: Double
    ) throws {
        var values = heart()
        var time = 0.4
        while time < 20 {
            for index in Int(500 * (time + 0.04))..<min(Int(500 * (time + 0.2)), values.count) {
                values[index] += Float(level)
            }
            time += 60.0 / 70
        }
        // The foot of T, whose middle is 280 ms after R, lies 0.01 mV high where ST is taken.
        let told = try #require(intervals(of: [.ii: values, .v5: heart()]).last)
        let raised = try #require(told.st[1])
        #expect(abs(raised - level) < 0.04, "\(told.st)")
        #expect(abs(try #require(told.st[10])) < 0.04 && told.st[0] == nil)
        #expect(told.st.leads == LeadSet([.ii, .v5]) && told.st.reason == nil)
    }

    @Test func `a wide QRS has no ST`() throws {
        let told = try #require(intervals(of: [.ii: heart(pBefore: 0.22, qrs: 0.03, tAfter: 0.36)]).last)
        #expect(try #require(told.qrs.value) >= 120)
        #expect(told.st == STLevels(unknown: .wideQRS))
    }

    @Test func `no P wave, no PR; no T wave, no QT; and QRS is measured all the same`() throws {
        let withoutP = try #require(intervals(of: [.ii: heart(p: 0)]).last)
        #expect(withoutP.pr == .unknown(.unclear) && withoutP.qrs.value != nil && withoutP.qt.value != nil)
        let withoutT = try #require(intervals(of: [.ii: heart(t: 0)]).last)
        #expect(withoutT.qt == .unknown(.unclear) && withoutT.qrs.value != nil)
    }

    @Test(arguments: [Float(0), 0.0005, 0.002])
    func `where there is next to no noise, no wave is measured that is not there`(
        noise: Float
    ) throws {
        for told in intervals(of: [.ii: heart(p: 0, t: 0, noise: noise)]).dropFirst(8) {
            #expect(told.pr == .unknown(.unclear) && told.qt == .unknown(.unclear), "\(told)")
            #expect(told.qrs.value != nil)
        }
        let small = try #require(intervals(of: [.ii: heart(p: 0.04, t: 0.06, noise: noise)]).last)
        #expect(small.pr.value != nil && small.qt.value != nil, "\(small)")
    }

    @Test func `a P wave that comes at any time before QRS gives no PR`() throws {
        var generator = SeededGenerator(seed: 9)
        var ecg = MadeECG(seconds: 30, noiseMillivolts: 0.01, seed: 4)
        for beat in 0..<29 {
            ecg.addBeat(at: 0.5 + Double(beat), p: 0)
            for _ in 0..<2 {
                let time = Double(beat) + Double.random(in: 0...1, using: &generator)
                ecg.addBell(at: time, height: 0.15, deviation: 0.02)
            }
        }
        let told = intervals(of: [.ii: ecg.values]).dropFirst(12)
        #expect(told.count { $0.pr.value != nil } <= 2, "\(told.map(\.pr))")
        #expect(told.allSatisfy { $0.qrs.value != nil })
    }

    @Test func `nothing is told before four beats, nor of a line without any`() {
        let early = intervals(of: [.ii: heart()]).prefix(4)
        #expect(early.allSatisfy { $0 == WaveIntervals(unknown: .fewBeats) }, "\(early)")
        let still = intervals(of: [.ii: MadeECG(seconds: 20, seed: 5).values])
        #expect(still.count == 20 && still.allSatisfy { $0 == WaveIntervals(unknown: .fewBeats) })
    }

    @Test func `beats of before a gap of two seconds do not count, nor do those of ten seconds ago`() {
        var values = heart()
        for index in 5_000..<6_100 { values[index] = .nan }
        let told = intervals(of: [.ii: values])
        #expect(told[9].qrs.value != nil && told[12] == WaveIntervals(unknown: .fewBeats))
        #expect(told[19].qrs.value != nil)
        var stopped = heart()
        for index in 4_000..<stopped.count { stopped[index] = 0 }
        let after = intervals(of: [.ii: stopped])
        #expect(after[8].qrs.value != nil)
        #expect(after[18] == WaveIntervals(unknown: .fewBeats))
    }

    @Test func `a lead full of noise among good ones changes no interval by more than a few milliseconds`()
        throws
    {
        var generator = SeededGenerator(seed: 12)
        let good = heart()
        let noise = good.map { _ in Float.random(in: -1...1, using: &generator) }
        let alone = try #require(intervals(of: [.i: good, .ii: good.map { 1.4 * $0 }]).last)
        let beside = try #require(intervals(of: [.i: good, .ii: good.map { 1.4 * $0 }, .v3: noise]).last)
        for (one, other) in [(alone.pr, beside.pr), (alone.qrs, beside.qrs), (alone.qt, beside.qt)] {
            #expect(abs(try #require(one.value) - (try #require(other.value))) < 8, "\(alone) \(beside)")
        }
    }

    @Test(arguments: [1, 7, 500, 10_000])
    func `what is told does not depend on where the rows are cut`(cut: Int) {
        var values = heart()
        for index in 3_100..<3_150 { values[index] = .nan }
        let leads: [Lead: [Float]] = [.ii: values, .v2: values.map { -0.7 * $0 }]
        #expect(intervals(of: leads, cut: cut) == intervals(of: leads))
    }

    @Test func `a copy goes on as the original does`() {
        let leads: [Lead: [Float]] = [.ii: heart()]
        var run = WatchRun()
        run.take(rows(leads, 0..<4_321))
        var copy = run
        run.take(rows([.ii: heart(p: 0, t: 0.1)], 4_321..<10_000))
        copy.take(rows(leads, 4_321..<10_000))
        #expect(copy.told == intervals(of: leads))
    }

    @Test func `after warm-up it takes no memory`() {
        let leads: [Lead: [Float]] = [.ii: heart(), .v5: heart(t: 0.4)]
        var run = WatchRun()
        run.take(rows(leads, 0..<6_000))
        let later = rows(leads, 6_000..<10_000)
        let beats = run.beats(of: later)
        run.told.reserveCapacity(100)
        let taken = Allocations.of {
            for beat in beats {
                run.watch.note(
                    usualBeatAt: beat.place,
                    interval: beat.interval,
                    knownAt: beat.classifiedAt
                )
            }
            run.watch.take(later, into: &run.told)
        }
        #expect(beats.count >= 8 && run.told.last?.qrs.value != nil)
        #expect(taken == Allocations())
    }
}

/// A lane that finds the beats, and the watch that measures them.
private struct WatchRun {
    var watch = IntervalWatch()
    var told: [WaveIntervals] = []
    private var lane = RhythmLane()
    private var output = RhythmLane.Output()

    /// The usual beats that the lane finds with these rows.
    mutating func beats(of rows: WideRows) -> [Beat] {
        output.removeAll()
        lane.take(rows, into: &output)
        return output.beats.filter { $0.kind == .normal }
    }

    mutating func take(_ rows: WideRows) {
        for beat in beats(of: rows) {
            watch.note(usualBeatAt: beat.place, interval: beat.interval, knownAt: beat.classifiedAt)
        }
        watch.take(rows, into: &told)
    }
}
