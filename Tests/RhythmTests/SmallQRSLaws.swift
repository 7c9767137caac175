import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

/// QRS that are suddenly small, behind a gap or at once, and P waves over a standstill, which are as small.
@Suite struct SmallQRSLaws {
    /// A rhythm whose samples from `start` on are multiplied, with a gap before that.
    private func shrunk(
        by factor: Float,
        from start: Double,
        gap: Double,
        seconds: Double,
        rate: Double,
        seed: UInt64
    ) -> (values: [Float], beats: [Double]) {
        var ecg = MadeECG(seconds: seconds, seed: seed)
        let beats = ecg.addRhythm(from: 0, to: seconds - 1, rate: rate)
        var values = ecg.values
        for index in Int(start * 500)..<values.count { values[index] *= factor }
        for index in Int((start - gap) * 500)..<Int(start * 500) { values[index] = .nan }
        return (values, beats)
    }

    @Test(arguments: seeds(30)) func `P23 an electrode put on anew, with QRS of a third, is no slow heart`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let gap = Double.random(in: 3...60, using: &generator)
        let start = 30 + gap
        let (values, beats) = shrunk(
            by: .random(in: 0.2...0.4, using: &generator),
            from: start,
            gap: gap,
            seconds: start + 30,
            rate: .random(in: 50...120, using: &generator),
            seed: seed
        )
        let result = output([.ii: values])
        for finding in [RhythmFinding.asystole, .pause, .bradycardia, .extremeBradycardia] {
            #expect(times(result, finding).isEmpty, "\(finding)")
        }
        let found = result.found.map { Double($0.place) / 500 }
        let missed = beats.filter { time in
            time >= start + 3 && !found.contains { abs($0 - time) < 0.06 }
        }
        #expect(missed.isEmpty)
    }

    @Test(arguments: seeds(30)) func `P24 a standstill behind a gap is asystole within 6 s, P waves or none`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let gap = Double.random(in: 3...60, using: &generator)
        let start = 30 + gap
        var ecg = MadeECG(seconds: start + 40, seed: seed)
        ecg.addRhythm(from: 0, to: 30, rate: 80)
        let height = Double.random(in: 0.1...0.3, using: &generator)
        if seed.isMultiple(of: 2) {
            let step = 60 / Double.random(in: 60...120, using: &generator)
            for time in stride(from: start + 0.2, to: start + 39, by: step) {
                ecg.addBell(at: time, height: height, deviation: 0.022)
            }
        }
        var values = ecg.values
        for index in 15_000..<Int(start * 500) { values[index] = .nan }
        let result = output([.ii: values])
        let told = try #require(times(result, .asystole, from: start).first, "P of \(height) mV")
        #expect(told - start >= 4 && told - start <= 6)
        #expect(times(result, .asystole, false, from: start).isEmpty)
    }

    @Test(arguments: seeds(30))
    func `QRS of a quarter at once is an asystole that is soon over, and no slow rate`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let (values, _) = shrunk(
            by: 0.25,
            from: 30,
            gap: 0,
            seconds: 70,
            rate: .random(in: 60...110, using: &generator),
            seed: seed
        )
        let result = output([.ii: values])
        let begin = try #require(times(result, .asystole).first)
        let end = try #require(times(result, .asystole, false).first)
        #expect(end - begin <= 5, "\(end - begin) s")
        #expect(times(result, .asystole).count == 1)
        #expect(times(result, .extremeBradycardia).isEmpty && times(result, .bradycardia).isEmpty)
    }

    @Test(arguments: seeds(30)) func `P24 P waves over a standstill of minutes never become beats`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let qrs = Double.random(in: 0.5...2, using: &generator)
        let height = Double.random(in: 0.15...0.3, using: &generator)
        var ecg = MadeECG(seconds: 200, seed: seed)
        let last = try #require(ecg.addRhythm(from: 0, to: 20, rate: 80, qrs: qrs).last)
        let step = 60 / Double.random(in: 60...120, using: &generator)
        let deviation = Double.random(in: 0.018...0.026, using: &generator)
        for time in stride(from: last + step - 0.16, to: 199, by: step) {
            ecg.addBell(at: time, height: height, deviation: deviation)
        }
        let result = output([.ii: ecg.values])
        let told = try #require(times(result, .asystole).first)
        #expect(told - last <= 6)
        #expect(times(result, .asystole, false).isEmpty)
        #expect(!result.found.contains { Double($0.place) / 500 > last + 0.5 })
    }

    @Test(arguments: seeds(20)) func `beats as high as before end an asystole with the first of them`(
        seed: UInt64
    ) throws {
        var ecg = MadeECG(seconds: 70, seed: seed)
        ecg.addRhythm(from: 0, to: 30, rate: 80)
        let first = try #require(ecg.addRhythm(from: 50, to: 69, rate: 40).first)
        let end = try #require(times(output([.ii: ecg.values]), .asystole, false).first)
        #expect(end - first <= 0.4)
    }

    /// A wide complex is far less active than a narrow one as high, and yet no P wave.
    @Test(arguments: seeds(20)) func `wide beats after a standstill end its asystole`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 90, seed: seed)
        let last = try #require(ecg.addRhythm(from: 0, to: 30, rate: 75).last)
        let step = 60 / Double.random(in: 35...90, using: &generator)
        for time in stride(from: last + 8, to: 88, by: step) {
            ecg.addBell(at: time, height: 1, deviation: 0.035)
            ecg.addBell(at: time + 0.28, height: -0.3, deviation: 0.06)
        }
        let result = output([.ii: ecg.values])
        #expect(times(result, .asystole).count == 1)
        let end = try #require(times(result, .asystole, false).first)
        #expect(end - (last + 8) <= 4 * step + 1, "\(end - last)")
        let found = result.found.count { Double($0.place) / 500 > last + 20 }
        #expect(Double(found) >= 0.9 * (88 - last - 20) / step, "\(found)")
    }

    @Test(arguments: [false, true])
    func `P24 motion of an electrode hides no standstill in the lead beside it`(isConstant: Bool) throws {
        var told = 0
        let cases = seeds(40)
        for seed in cases {
            var generator = SeededGenerator(seed: seed)
            var ecg = MadeECG(seconds: 80, seed: seed)
            let last = try #require(ecg.addRhythm(from: 0, to: 30, rate: 80).last)
            let noise = electrodeMotion(ecg.values.count, &generator)
            var still = ecg.values
            if isConstant {
                let from = Int((last + 0.5) * 500)
                for index in from..<still.count { still[index] = still[from] }
            }
            let result = output([.ii: still, .v2: zip(ecg.values, noise).map { $0 + $1 }])
            let alarm = times(result, .asystole, from: last).first
            // Where the lead stands still to the last count its electrode may be off: then nobody knows.
            let newest = result.analysis.last { Double($0.at) / 500 <= last + 12 }
            let isJudged = newest?.isPossible ?? false
            // The lead counts as silent after 3 s, and asystole takes 4 s more.
            if alarm.map({ $0 - last <= 8 }) ?? false || isConstant && !isJudged { told += 1 }
        }
        // Tops of this noise repeat a shape now and then, and are then beats. Before, it was told in none.
        #expect(told * 4 >= cases.count * 3, "\(told) of \(cases.count)")
    }

    @Test(arguments: seeds(20)) func `P23 a lead with QRS of 0.13 mV goes on where the better one has died`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 80, noiseMillivolts: 0.003, seed: seed)
        ecg.addRhythm(from: 0, to: 80, rate: .random(in: 50...110, using: &generator))
        var low = ecg
        low.scale(by: 0.13 / 1.25)
        var dead = ecg.values
        // It drifts and hums on: of a constant one nobody would say that it is a standstill.
        for index in 20_000..<dead.count {
            let drift = abs((Float(index) / 1_250).truncatingRemainder(dividingBy: 2) - 1)
            dead[index] = 0.05 + 0.1 * drift + .random(in: -0.006...0.006, using: &generator)
        }
        let result = output([.ii: dead, .v1: low.values])
        #expect(times(result, .asystole).isEmpty)
    }
}
