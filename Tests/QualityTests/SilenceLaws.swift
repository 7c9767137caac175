import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

@testable import Quality

/// What is no standstill: signal that is away, leads that are off, at the rail or dead among others.
@Suite struct SilenceLaws {
    /// What happens to a beating heart's signal.
    private enum Case: CaseIterable {
        case gap, allOff, someOff, allSaturated, someSaturated, oneConstant
    }

    /// What rhythm and signal say of the rows of some leads.
    private struct Told {
        var rhythm = RhythmLane.Output()
        var signal: [SignalChange] = []

        init(_ rows: WideRows) {
            var lane = RhythmLane()
            var watch = SignalWatch()
            lane.take(rows, into: &rhythm)
            watch.take(rows, into: &signal)
            lane.close(at: rows.start + GridIndex(rows.count), into: &rhythm)
        }

        func first(_ finding: SignalFinding) -> SignalChange? {
            signal.first { $0.finding == finding && $0.isOn }
        }

        func count(_ findings: Set<RhythmFinding>) -> Int {
            rhythm.changes.count { $0.isOn && findings.contains($0.finding) }
        }
    }

    @Test func `every finding about the signal is a technical statement that a rule may make`() throws {
        for finding in SignalFinding.allCases {
            let statement = try #require(Catalogue.shipped.statements.first { $0.id == finding.rawValue })
            #expect(statement.evidence == .rule && statement.family == "technical")
        }
    }

    /// A beating heart of which some leads, or all, are taken away.
    private struct Loss {
        let kind: Case
        let hit: [Lead]
        let from: Int
        let to: Int
        var rows: WideRows

        var isOfAll: Bool { kind == .gap || kind == .allOff || kind == .allSaturated }

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            kind = Case.allCases[Int(seed) % Case.allCases.count]
            let isOfAll = kind == .gap || kind == .allOff || kind == .allSaturated
            let number = Int.random(in: isOfAll ? 1...12 : 2...12, using: &generator)
            let leads = Array(Lead.standard.shuffled(using: &generator).prefix(number))
            let count = kind == .oneConstant ? 1 : Int.random(in: 1..<max(2, number), using: &generator)
            hit = isOfAll ? leads : Array(leads.prefix(count))
            var ecg = MadeECG(seconds: 22, seed: seed)
            ecg.addRhythm(from: 0, to: 22, rate: .random(in: 50...130, using: &generator))
            from = Int.random(in: 3_000...5_000, using: &generator)
            let isConstant = kind == .oneConstant
            let length = isConstant ? ecg.values.count : Int.random(in: 600...8_000, using: &generator)
            to = min(from + length, ecg.values.count)
            var values = Dictionary(uniqueKeysWithValues: leads.map { ($0, ecg.values) })
            for lead in hit {
                // A constant in front of the wide band decays behind it.
                var value = Float.random(in: -2...2, using: &generator)
                for index in from..<to {
                    values[lead]?[index] = isConstant ? value : .nan
                    value = Float(Double(value) * 0.9993718787787192)
                }
            }
            rows = TestSupport.rows(values)
            let range = GridIndex(from)..<GridIndex(to)
            for channel in hit.compactMap(\.channel) {
                switch kind {
                case .allOff, .someOff: rows.noteOff(range, channel: channel)
                case .allSaturated, .someSaturated: rows.noteSaturated(range, channel: channel)
                case .gap, .oneConstant: break
                }
            }
        }
    }

    @Test
    func
        `P23 silence, electrodes off, the rail and one dead lead among others are technical, never asystole`()
    {
        for seed in seeds(1_000) {
            let loss = Loss(seed: seed)
            let told = Told(loss.rows)
            let comment: Comment = "\(loss.kind), seed \(seed)"
            #expect(told.count([.asystole, .ventricularFibrillation]) == 0, comment)
            switch loss.kind {
            case .allOff, .someOff:
                let off = told.first(.electrodeOff)
                #expect(off?.at == GridIndex(loss.from) && off?.leads == LeadSet(loss.hit), comment)
            case .allSaturated, .someSaturated:
                #expect(told.first(.poorQuality)?.leads == LeadSet(loss.hit), comment)
            case .oneConstant:
                #expect(told.first(.poorQuality)?.leads == LeadSet(loss.hit), comment)
                #expect(told.first(.unanalysable) == nil, comment)
            case .gap: #expect(told.first(.electrodeOff) == nil, comment)
            }
            guard loss.isOfAll, loss.to - loss.from > 1_010 else { continue }
            let from = GridIndex(loss.from)
            let away = told.first(.unanalysable)
            #expect(away.map { (from - 5..<from).contains($0.since) } == true, comment)
            #expect(away.map { $0.at - from <= 1_000 } == true, comment)
            #expect(told.rhythm.analysis.contains { !$0.isPossible }, comment)
        }
    }

    @Test(arguments: seeds(20))
    func `P23 every lead constant to the last count, contact unknown, is asystole and technical`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let leads = Array(
            Lead.standard.shuffled(using: &generator).prefix(.random(in: 1...12, using: &generator))
        )
        var ecg = MadeECG(seconds: 25, seed: seed)
        ecg.addRhythm(from: 0, to: 12, rate: .random(in: 50...130, using: &generator))
        var values = ecg.values
        let from = Int.random(in: 5_000...6_000, using: &generator)
        var value = values[from]
        for index in from..<values.count {
            values[index] = value
            value = Float(Double(value) * 0.9993718787787192)
        }
        let told = Told(rows(Dictionary(uniqueKeysWithValues: leads.map { ($0, values) })))
        #expect(told.count([.asystole]) == 1)
        let still = try #require(told.first(.unanalysable))
        #expect((GridIndex(from) - 2...GridIndex(from) + 10).contains(still.since))
        #expect(told.first(.poorQuality) != nil)
        #expect(
            told.rhythm.analysis.allSatisfy { $0.isPossible || $0.at == 12_500 },
            "asystole is not silenced"
        )
    }

    @Test(arguments: seeds(20)) func `what is told of the signal does not depend on where rows are cut`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 12, seed: seed)
        ecg.addRhythm(from: 0, to: 12, rate: 80)
        var sent = rows([.ii: ecg.values, .v1: ecg.values])
        for _ in 0..<4 {
            let from = GridIndex.random(in: 0..<5_500, using: &generator)
            let range = from..<from + GridIndex.random(in: 1...500, using: &generator)
            sent.noteOff(range, channel: .random(in: 0..<12, using: &generator))
            sent.noteSaturated(range, channel: .random(in: 0..<12, using: &generator))
        }
        var whole: [SignalChange] = []
        var watch = SignalWatch()
        watch.take(sent, into: &whole)
        var parts: [SignalChange] = []
        var other = SignalWatch()
        for row in 0..<sent.count { other.take(piece(sent, row), into: &parts) }
        // The values that the watches hold may be missing ones, which equal nothing.
        #expect(parts == whole && other.isIdle == watch.isIdle)
    }

    /// One row by itself.
    private func piece(_ rows: WideRows, _ row: Int) -> WideRows {
        var one = WideRows()
        let index = rows.start + GridIndex(row)
        one.reset(to: index..<index + 1)
        for channel in 0..<Lead.channelCount {
            let value = rows.value(row, channel: channel)
            if !value.isNaN { one.set(value, at: index, channel: channel) }
            if rows.present[row].contains(channel: channel) {
                one.notePresent(index..<index + 1, channel: channel)
            }
            if rows.off[row].contains(channel: channel) { one.noteOff(index..<index + 1, channel: channel) }
            if rows.saturated[row].contains(channel: channel) {
                one.noteSaturated(index..<index + 1, channel: channel)
            }
        }
        return one
    }
}
