import ECGSignal
import Foundation
import Quality
import TestSupport
import Testing

/// What is said once a second of a lead whose fault is known, because it was made.
@Suite struct GradeLaws {
    /// The reasons that were given for lead II in the seconds from 6 to 20, and how often.
    private func reasons(_ rows: WideRows) -> [SignalQuality.Reason: Int] {
        var told: [SignalQuality.Reason: Int] = [:]
        for second in grades(rows).dropFirst(6) {
            for reason in second.reasons(of: 1) { told[reason, default: 0] += 1 }
        }
        return told
    }

    /// The grade of each whole second, whatever the pieces.
    private func grades(_ rows: WideRows, pieces: [Int] = []) -> [SignalQuality] {
        var watch = SignalWatch()
        var changes: [SignalChange] = []
        var found: [SignalQuality] = []
        var from = 0
        while from < rows.count {
            let toSecond = 500 - (Int(rows.start) + from) % 500
            let length = pieces.isEmpty ? toSecond : min(toSecond, pieces[from % pieces.count])
            let end = min(from + length, rows.count)
            watch.take(part(rows, from..<end), into: &changes)
            if (Int(rows.start) + end) % 500 == 0, let quality = watch.quality { found.append(quality) }
            from = end
        }
        return found
    }

    private func part(_ rows: WideRows, _ range: Range<Int>) -> WideRows {
        var one = WideRows()
        one.reset(to: rows.start + GridIndex(range.lowerBound)..<rows.start + GridIndex(range.upperBound))
        for row in range {
            let index = rows.start + GridIndex(row)
            for channel in 0..<Lead.channelCount {
                let value = rows.value(row, channel: channel)
                if !value.isNaN { one.set(value, at: index, channel: channel) }
                if rows.present[row].contains(channel: channel) {
                    one.notePresent(index..<index + 1, channel: channel)
                }
                if rows.off[row].contains(channel: channel) {
                    one.noteOff(index..<index + 1, channel: channel)
                }
                if rows.saturated[row].contains(channel: channel) {
                    one.noteSaturated(index..<index + 1, channel: channel)
                }
            }
        }
        return one
    }

    /// A beating heart of 20 s, on which a wave is laid.
    private func heart(_ seed: UInt64, _ wave: ((Double) -> Double)? = nil) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 20, seed: seed)
        ecg.addRhythm(
            from: 0,
            to: 20,
            rate: .random(in: 45...180, using: &generator),
            qrs: .random(in: 0.4...2, using: &generator)
        )
        if let wave { ecg.add(from: 0, wave) }
        return ecg.values
    }

    @Test(arguments: seeds(20)) func `a heart without a fault is good`(seed: UInt64) {
        let all = grades(rows([.ii: heart(seed)]))
        #expect(all.count == 20)
        #expect(
            all.allSatisfy { $0.grade == .good && $0.reasons(of: 1).isEmpty && $0.sent == [.init([.ii])] }
        )
    }

    @Test(arguments: seeds(20)) func `hum of 50 or 60 Hz is powerline alone, whatever its phase`(seed: UInt64)
    {
        var generator = SeededGenerator(seed: seed)
        let hertz = Bool.random(using: &generator) ? 50.0 : 60
        let height = Double.random(in: 0.08...1, using: &generator)
        let phase = Double.random(in: 0...6, using: &generator)
        let told = reasons(rows([.ii: heart(seed) { height * sin(2 * .pi * hertz * $0 + phase) }]))
        #expect(told == [.powerline: 14], "\(height) mV at \(hertz) Hz")
    }

    @Test(arguments: seeds(20)) func `a slow wave of 1 mV and more is baseline wander alone`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let hertz = Double.random(in: 0.15...0.35, using: &generator)
        let height = Double.random(in: 0.6...2, using: &generator)
        let told = reasons(rows([.ii: heart(seed) { height * sin(2 * .pi * hertz * $0) }]))
        #expect(told == [.baselineWander: 14], "\(height) mV at \(hertz) Hz")
    }

    @Test(arguments: seeds(20)) func `white noise of 0.1 mV deviation and more is muscle alone`(seed: UInt64)
    {
        var generator = SeededGenerator(seed: seed)
        let height = Float.random(in: 0.2...0.6, using: &generator)
        let values = heart(seed).map { $0 + Float.random(in: -height...height, using: &generator) }
        #expect(reasons(rows([.ii: values])) == [.muscle: 14], "\(height) mV")
    }

    @Test func `what an ECG does not reach is noise, and no lead is left`() {
        let values = heart(1) { 9 * sin(2 * .pi * 3 * $0) }
        let all = grades(rows([.ii: values]))
        #expect(all.dropFirst(2).allSatisfy { $0[.noise] == LeadSet([.ii]) && $0.grade == .unanalysable })
    }

    /// What changed in the signal of some rows.
    private func changes(_ rows: WideRows) -> [SignalChange] {
        var watch = SignalWatch()
        var changes: [SignalChange] = []
        watch.take(rows, into: &changes)
        return changes
    }

    @Test func `leads of noise alone cannot be analysed, and can be again`() {
        let values = heart(1) { $0 < 12 ? 9 * sin(2 * .pi * 3 * $0) : 0 }
        let told = changes(rows([.ii: values])).filter { $0.finding == .unanalysable }
        #expect(told.map(\.isOn) == [true, false])
        #expect(told.first.map { $0.at <= 1_000 } == true && told.last.map { $0.at >= 6_000 } == true)
        // With another lead that shows a heart nothing is lost.
        let other = changes(rows([.ii: values, .v1: heart(2)]))
        #expect(!other.contains { $0.finding == .unanalysable })
    }

    @Test(arguments: seeds(20)) func `a gain a thousand times too small is constant and not analysable`(
        seed: UInt64
    ) {
        let faint = heart(seed).map { $0 / 1_000 }
        let all = grades(rows([.ii: faint, .v1: faint]))
        #expect(all.dropFirst(3).allSatisfy { $0.grade == .unanalysable && $0.reasons(of: 1) == [.constant] })
        #expect(changes(rows([.ii: faint])).contains { $0.finding == .unanalysable && $0.isOn })
        let beside = grades(rows([.ii: faint, .v1: heart(seed)]))
        #expect(beside.dropFirst(3).allSatisfy { $0.grade == .limited && $0[.constant] == LeadSet([.ii]) })
    }

    @Test func `a lead that is off, stands still or is at its rail is named, and the other is left`() throws {
        let beats = heart(3)
        var off = beats
        var still = beats
        for index in 3_000..<beats.count {
            off[index] = .nan
            still[index] = 0
        }
        let range = GridIndex(3_000)..<GridIndex(beats.count)
        for reason in [SignalQuality.Reason.electrodeOff, .constant, .saturated] {
            var sent = rows([.ii: reason == .constant ? still : off, .v1: beats])
            if reason == .electrodeOff { sent.noteOff(range, channel: 1) }
            if reason == .saturated { sent.noteSaturated(range, channel: 1) }
            let last = try #require(grades(sent).last)
            #expect(last[reason] == LeadSet([.ii]) && last.grade == .limited)
            #expect(last.reasons(of: 1) == [reason] && last.reasons(of: 6).isEmpty)
            var alone = rows([.ii: reason == .constant ? still : off])
            if reason == .electrodeOff { alone.noteOff(range, channel: 1) }
            if reason == .saturated { alone.noteSaturated(range, channel: 1) }
            #expect(grades(alone).last?.grade == .unanalysable)
        }
    }

    @Test(arguments: seeds(20)) func `a second that lacks a sample is limited, wherever it lacks it`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var values = heart(seed)
        let first = Int.random(in: 3_000..<8_500, using: &generator)
        let end = first + Int.random(in: 1...1_400, using: &generator)
        for index in first..<end { values[index] = .nan }
        let all = grades(rows([.ii: values, .v1: heart(seed)]))
        for (second, quality) in all.enumerated() {
            let lacks = (second * 500..<second * 500 + 500).overlaps(first..<end)
            #expect((quality.grade == .good) == !lacks, "second \(second), nothing in \(first)..<\(end)")
            #expect(
                quality.reasons(of: 1).contains(.missing) == lacks && !quality[.missing].contains(channel: 6)
            )
        }
    }

    @Test(arguments: seeds(20)) func `grades do not depend on where rows are cut, nor does a copy`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        // The last five seconds have no fault.
        var values = heart(seed) { $0 < 15 ? 0.4 * sin(2 * .pi * 50 * $0) + 0.7 * sin(0.8 * $0) : 0 }
        let gap = Int.random(in: 0..<6_000, using: &generator)
        for index in gap..<gap + Int.random(in: 1...900, using: &generator) { values[index] = .nan }
        let sent = rows([.ii: values, .v5: heart(seed + 1)])
        let pieces = (0..<7).map { _ in Int.random(in: 1...400, using: &generator) }
        #expect(grades(sent, pieces: pieces) == grades(sent))
        #expect(Set(grades(sent).map(\.grade)).count > 1)
        var watch = SignalWatch()
        var changes: [SignalChange] = []
        let cut = Int.random(in: 1..<10_000, using: &generator)
        watch.take(part(sent, 0..<cut), into: &changes)
        var copy = watch
        watch.take(part(sent, cut..<10_000), into: &changes)
        copy.take(part(sent, cut..<10_000), into: &changes)
        #expect(copy.quality == watch.quality && copy.quality == grades(sent).last)
    }

    @Test func `grading takes no memory`() {
        let sent = rows(Dictionary(uniqueKeysWithValues: Lead.standard.map { ($0, heart(5)) }))
        var watch = SignalWatch()
        var changes: [SignalChange] = []
        let parts = (0..<20).map { part(sent, $0 * 500..<$0 * 500 + 500) }
        for part in parts[..<10] { watch.take(part, into: &changes) }
        let used = Allocations.of { for part in parts[10...] { watch.take(part, into: &changes) } }
        #expect(used.count == 0)
    }
}
