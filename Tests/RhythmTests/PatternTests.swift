import ECGSignal
import TestSupport
import Testing

@testable import Rhythm

/// Patterns of extrasystoles, as texts: a letter a beat (N usual, V ventricular, S early from above, ? of no class).
@Suite struct PatternTests {
    /// Sends beats that come every `interval` samples; what holds after each beat.
    private struct Run {
        var patterns = BeatPatterns()
        var states = FindingStates()
        var changes: [RhythmChange] = []
        var place = 1_000
        var isTrusted = true

        mutating func take(_ text: String, interval: Int = 400) -> [Set<RhythmFinding>] {
            text.map { letter in
                let kind: BeatClass =
                    switch letter {
                    case "V": .ventricular
                    case "S": .supraventricularPremature
                    case "P": .paced
                    case "?": .unclassified
                    default: .normal
                    }
                place += interval
                let beat = Beat(
                    place: GridIndex(place),
                    interval: letter == "|" ? nil : interval,
                    kind: kind,
                    classifiedAt: GridIndex(place + 300),
                    ventricularScore: 0
                )
                patterns.take(beat, at: place + 300, isTrusted: isTrusted, &states, &changes)
                return Set(RhythmFinding.allCases.filter { states.holds($0) })
            }
        }
    }

    /// The beats, by their number, after which `finding` holds.
    private func beats(with finding: RhythmFinding, _ text: String, interval: Int = 400) -> [Int] {
        var run = Run()
        return run.take(text, interval: interval).indices(where: finding)
    }

    @Test(arguments: [
        ("NNVVN", [4]), ("NNVVNN", [4]), ("NNVN", []), ("NNVVVN", []), ("VVN", []), ("NVV?", []),
        ("?VVN", []),
        ("NVSN", []), ("NSSN", []), ("SVVN", []), ("PVVP", [3]), ("NVV|N", []), ("NVVNVVN", [3, 6]),
    ])
    func `two ventricular beats between basic ones are a couplet, told with the basic one`(
        text: String,
        expected: [Int]
    ) {
        #expect(beats(with: .ventricularCouplet, text) == expected)
    }

    @Test(arguments: [
        ("NVNVNV", [5]), ("NVNVN", []), ("NVNVNVNVN", [5, 6, 7, 8]), ("NVNVNVNN", [5, 6]), ("NVNVNVV", [5]),
        ("NVNV?V", []), ("NVNVNV?", [5]), ("VNVNV", []), ("NNVNVNV", [6]), ("NVN|VNV", []),
        ("NVNSNV", []), ("SVSVSV", []),
    ])
    func `every second beat, three times in a row, is a bigeminy`(text: String, expected: [Int]) {
        #expect(beats(with: .ventricularBigeminy, text) == expected)
    }

    @Test(arguments: [
        ("NNVNNVNNV", [8]), ("NNVNNV", []), ("NNVNNVNNVNNVN", [8, 9, 10, 11, 12]),
        ("NNVNNVNNVNNN", [8, 9, 10]),
        ("NNVNNVNNVNV", [8, 9]), ("NVVNVVNVV", []), ("NNVNNVNNVN?", [8, 9]),
    ])
    func `every third beat, three times in a row, is a trigeminy`(text: String, expected: [Int]) {
        #expect(beats(with: .ventricularTrigeminy, text) == expected)
    }

    @Test func `ten in a minute that are a tenth of the beats are frequent, below eight no longer`() {
        // A beat a second: every sixth is ventricular, so ten are after 60 s.
        let often = String(repeating: "NNNNNV", count: 12)
        let held = beats(with: .frequentVentricular, often, interval: 500)
        #expect(held.first == 59 && held.last == 71)
        #expect(
            beats(with: .frequentVentricular, String(repeating: "NNNNNNV", count: 12), interval: 500).isEmpty
        )
        // Twelve of 144 in a minute are no tenth.
        let fast = String(repeating: "NNNNNNNNNNNV", count: 24)
        #expect(beats(with: .frequentVentricular, fast, interval: 208).isEmpty)
        // After the last of them it takes until fewer than eight are left of the minute.
        let over = beats(with: .frequentVentricular, often + String(repeating: "N", count: 40), interval: 500)
        #expect((85...90).contains(over.last ?? 0), "\(over)")
    }

    @Test func `nothing begins where beats are not trusted, and what holds goes on`() {
        var run = Run()
        run.isTrusted = false
        #expect(run.take("NVVNVNVNVNNVNNVNNV").allSatisfy { $0.isEmpty })
        run = Run()
        #expect(run.take("NVNVNV").last == [.ventricularBigeminy])
        run.isTrusted = false
        #expect(run.take("NVNN").map(\.isEmpty) == [false, false, false, true])
    }

    @Test func `an end of all makes every pattern end, and the order begins anew`() {
        var run = Run()
        _ = run.take("NVNVNV")
        run.patterns.end(at: 9_000, &run.states, &run.changes)
        #expect(RhythmFinding.allCases.allSatisfy { !run.states.holds($0) })
        #expect(run.take("NV").allSatisfy { $0.isEmpty })
        let changes = run.changes.filter { $0.finding == .ventricularBigeminy }
        #expect(changes.map(\.isOn) == [true, false])
        // It is said to begin with the first beat of the first group.
        #expect(changes[0].since == 1_400)
    }
}

extension [Set<RhythmFinding>] {
    /// Where a finding is in.
    fileprivate func indices(where finding: RhythmFinding) -> [Int] {
        indices.filter { self[$0].contains(finding) }
    }
}
