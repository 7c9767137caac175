import ECGSignal
import Rhythm
import TestSupport
import Testing

/// Noise makes no tachycardia, and a true one is not taken for noise.
@Suite struct TrustLaws {
    private func output(_ values: [Float]) -> RhythmLane.Output {
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        lane.take(rows([.ii: values]), into: &output)
        return output
    }

    private func add(_ noise: [Float], to values: [Float], from start: Int) -> [Float] {
        var sum = values
        for index in noise.indices { sum[start + index] += noise[index] }
        return sum
    }

    private static let fast: Set<RhythmFinding> = [
        .ventricularTachycardia, .ventricularShortRun, .extremeTachycardia, .tachycardia, .atrialFibrillation,
    ]

    @Test
    func `noise of a moving electrode rarely raises what is made of beats, and ends what can be judged`() {
        var raised = 0
        var lost = 0
        let cases = seeds(40)
        for seed in cases {
            var generator = SeededGenerator(seed: seed)
            var ecg = MadeECG(seconds: 60, seed: seed)
            ecg.addRhythm(from: 0, to: 60, rate: .random(in: 50...100, using: &generator))
            let noise = electrodeMotion(15_000, &generator)
            let result = output(add(noise, to: ecg.values, from: 10_000))
            if result.changes.contains(where: { $0.isOn && Self.fast.contains($0.finding) }) { raised += 1 }
            // Rhythm cannot be judged by the tenth second of it, and can be again once it is over.
            let isLost = result.analysis.contains { !$0.isPossible && (10_000...15_000).contains($0.at) }
            let isBack = result.analysis.last.map { $0.isPossible && $0.at >= 25_000 } ?? false
            if isLost && isBack { lost += 1 }
        }
        // Without trust it raises it in every case.
        #expect(raised * 5 <= 2 * cases.count, "\(raised) of \(cases.count)")
        #expect(lost * 10 >= cases.count * 9, "\(lost) of \(cases.count)")
    }

    @Test(arguments: seeds(40)) func `P17 a ventricular tachycardia alarms within 4 s of its sixth beat`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let noise = Float.random(in: 0...0.08, using: &generator)
        var ecg = MadeECG(seconds: 50, noiseMillivolts: noise, seed: seed)
        ecg.addRhythm(from: 0, to: 25, rate: .random(in: 55...95, using: &generator))
        let rate = Double.random(in: 125...210, using: &generator)
        let height = Double.random(in: 1...2, using: &generator) * (Bool.random(using: &generator) ? 1 : -1)
        var times: [Double] = []
        var time = 25.4
        while time < 40 {
            let own = height * .random(in: 0.9...1.1, using: &generator)
            ecg.addBell(at: time, height: own, deviation: 0.035)
            ecg.addBell(at: time + 0.12, height: -0.5 * own, deviation: 0.04)
            times.append(time)
            time += 60 / rate * .random(in: 0.97...1.03, using: &generator)
        }
        let told = output(ecg.values).changes.first { $0.finding == .ventricularTachycardia && $0.isOn }
        let at = try #require(told.map { Double($0.at) / 500 }, "\(rate)/min, \(height) mV")
        #expect(at <= times[5] + 4 && at >= times[3], "\(at) after \(times[5])")
    }

    @Test(arguments: seeds(40)) func `P24 an artefact teaches no height beside which beats are silent`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let isAtStart = Bool.random(using: &generator)
        var ecg = MadeECG(seconds: 50, seed: seed)
        ecg.addRhythm(
            from: 0,
            to: 50,
            rate: .random(in: 55...120, using: &generator),
            qrs: .random(in: 0.5...1.2, using: &generator)
        )
        let start = isAtStart ? 0.1 : 25
        var time = start
        while time < start + (isAtStart ? 0.8 : 4) {
            let height =
                Double.random(in: 4...10, using: &generator) * (Bool.random(using: &generator) ? 1 : -1)
            ecg.addBell(at: time, height: height, deviation: .random(in: 0.01...0.03, using: &generator))
            time += .random(in: 0.1...0.6, using: &generator)
        }
        let told = output(ecg.values).changes.first { $0.finding == .asystole && $0.isOn }
        #expect(told == nil, "at the start: \(isAtStart)")
    }

    @Test(arguments: seeds(40))
    func `P24 a standstill after an artefact is asystole within 6 s of what was last`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 50, seed: seed)
        let qrs = Double.random(in: 0.5...2, using: &generator)
        let rate = Double.random(in: 55...120, using: &generator)
        ecg.addRhythm(from: 0, to: 25, rate: rate, qrs: qrs)
        for place in 0..<4 {
            ecg.addBell(
                at: 25.2 + 0.3 * Double(place),
                height: .random(in: 3...8, using: &generator),
                deviation: 0.02
            )
        }
        for beat in stride(from: 27, to: 49, by: 60 / rate) {
            ecg.addBell(at: beat, height: 0.2 * min(qrs, 1), deviation: 0.022)
        }
        let told = output(ecg.values).changes.first { $0.finding == .asystole && $0.isOn }
        let at = try #require(told.map { Double($0.at) / 500 }, "QRS \(qrs) mV")
        #expect(at <= 26.1 + 6, "\(at)")
    }

    @Test(arguments: seeds(20))
    func `P24 a tachycardia that noise covers is told again once it is seen again`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 80, seed: seed)
        ecg.addRhythm(from: 0, to: 80, rate: .random(in: 150...160, using: &generator))
        let noise = electrodeMotion(7_500, &generator)
        let result = output(add(noise, to: ecg.values, from: 15_000))
        let lost = try #require(result.analysis.first { !$0.isPossible })
        let back = try #require(result.analysis.first { $0.isPossible && $0.at > lost.at })
        let changes = result.changes.filter { $0.finding == .extremeTachycardia }
        let isStanding = changes.last { $0.at < lost.at }?.isOn ?? false
        let isOver = changes.contains { !$0.isOn && (lost.at...back.at).contains($0.at) }
        #expect(isStanding)
        #expect(isOver || changes.contains { $0.isOn && $0.at == back.at })
    }
}
