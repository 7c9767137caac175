import Diagnosis
import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Presentation

/// What stands in a line that a person reads.
@Suite struct LineTests {
    private let chest = ["V1", "V2", "V3", "V4", "V5", "V6"]
    private let limb = ["I", "II", "III", "aVR", "aVL", "aVF"]

    @Test func `without a probability nothing is found and no percentage is told`() {
        let ranking: [(String, Double?)] = [("sinus_rhythm", nil), ("atrial_fibrillation", nil)]
        let window = window(used: ["V1"], ranking)
        let basis = "1 of 12 leads (V1), 8 % of a 12-lead ECG: "
        let said = "nothing is found: the model has no probabilities for these leads"
        #expect(FindingLines().text(of: window) == basis + said)
        #expect(
            FindingLines(count: 1).text(of: window) == basis + said + "; Sinus Rhythm / 洞調律"
        )
        var summary = RecordingSummary(FindingLines())
        summary.add(window)
        #expect(summary.text.hasSuffix("mean over all: " + said))
    }

    @Test func `a line names what it rests on`() {
        let lines = FindingLines()
        let found: [(String, Double?)] = [("sinus_rhythm", 0.9)]
        let said = "Sinus Rhythm / 洞調律 90 %"
        #expect(
            lines.text(of: window(used: ["II"], withheldStatements: 39, found))
                == "1 of 12 leads (II), 8 % of a 12-lead ECG; 39 statements need other leads: \(said)"
        )
        #expect(
            lines.text(of: window(used: ["II", "V5"], withheldStatements: 1, found))
                == "2 of 12 leads (II, V5), 16 % of a 12-lead ECG; 1 statement needs other leads: \(said)"
        )
        #expect(
            lines.text(of: window(used: limb + chest, found))
                == "12 of 12 leads, 100 % of a 12-lead ECG: \(said)"
        )
    }

    @Test func `a lead that carries no ECG is named with the reason`() {
        let flat = window(used: limb, dead: chest.map { ($0, "flat") }, [("sinus_rhythm", 0.9)])
        #expect(
            FindingLines().text(of: flat)
                == "6 of 12 leads (I-aVF), 50 % of a 12-lead ECG; V1-V6 carry no ECG (flat): Sinus Rhythm / 洞調律 90 %"
        )
        let several = window(
            used: ["I"],
            dead: [("II", "off"), ("V1", "range"), ("V2", "range"), ("V4", "new")]
        )
        #expect(
            several.basis.hasSuffix(
                "; II carries no ECG (electrode off); V1, V2 carry no ECG (beyond what an ECG reaches); "
                    + "V4 carries no ECG (new)"
            )
        )
    }

    @Test func `a withheld window says why, in the event's word and in a sentence`() {
        let lines = FindingLines()
        let dead = (limb + chest).map { ($0, reason: "flat") }
        #expect(
            lines.text(of: window(used: [], dead: dead, withheld: "quality"))
                == "withheld, quality: I-V6 carry no ECG (flat)"
        )
        #expect(
            lines.text(of: window(used: [], withheld: "coverage"))
                == "withheld, coverage: no lead has 90 % of the window's samples"
        )
        #expect(lines.text(of: window(used: [], withheld: "other")) == "withheld, other")
        #expect(
            lines.text(of: window(used: ["II"], withheld: "quality", quality: "good"))
                == "withheld, quality: no beats that a statement could rest on"
        )
        #expect(
            lines.text(of: window(used: ["II"], withheld: "quality", quality: "unanalysable"))
                == "withheld, quality: more than half of it cannot be analysed"
        )
    }

    @Test func `a patch is no lead I`() {
        var leads = window(used: ["I"]).leads
        leads[0] = .init(name: "I", share: 1, source: "patch", reason: nil)
        let patch = WindowForPeople(
            leads: leads,
            used: ["I"],
            withheld: nil,
            quality: nil,
            withheldStatements: 0,
            ranking: []
        )
        #expect(patch.basis.hasPrefix("1 of 12 leads (a patch or strap in the place of I), 8 % of"))
    }

    @Test func `below its threshold no statement is told unless a number was asked for`() {
        let window = window(used: ["II"], [("sinus_rhythm", 0.49), ("premature_contractions", 0.6)])
        let told = FindingLines().text(of: window)
        #expect(told.hasSuffix(": Premature Contractions / 期外収縮 60 %"))
        let strict = FindingLines(thresholds: ["premature_contractions": 0.7]).text(of: window)
        #expect(strict.hasSuffix(": no statement reaches its threshold"))
        let asked = FindingLines(count: 1, thresholds: ["premature_contractions": 0.7]).text(of: window)
        #expect(
            asked.hasSuffix(
                ": no statement reaches its threshold; Premature Contractions / 期外収縮 60 % (below threshold)"
            )
        )
        #expect(
            FindingLines(count: 2).text(of: window).hasSuffix("; Sinus Rhythm / 洞調律 49 % (below threshold)")
        )
    }

    @Test func `a finding is not hidden by a special one that is not told`() {
        let window = window(used: ["II"], [("sinus_rhythm", 0.97), ("sinus_bradycardia", 0.49)])
        #expect(FindingLines().text(of: window).hasSuffix(": Sinus Rhythm / 洞調律 97 %"))
    }

    @Test(arguments: seeds(300))
    func `percentages fall, findings alone are told, and N are printed or it is said why`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let ids = Catalogue.shipped.statements.map(\.id)
        let thresholds = Dictionary(
            uniqueKeysWithValues: ids.map { ($0, Double.random(in: 0...1, using: &generator)) }
        )
        let window = randomWindow(using: &generator)
        let figures = Dictionary(uniqueKeysWithValues: window.ranking.map { ($0.id, $0.probability ?? -1) })
        for count in [nil, 1, 3, 10] {
            let lines = FindingLines(count: count, thresholds: thresholds)
            let selection = lines.select(window.ranking)
            let shown = lines.shown(found: selection.found, near: selection.near) {
                window.ranking[$0].probability ?? -1
            }.map {
                window.ranking[$0].id
            }
            let falling = shown.map { figures[$0] ?? -1 }
            #expect(falling == falling.sorted(by: >), "seed \(seed)")
            let found = Set(figures.filter { $0.value >= thresholds[$0.key] ?? 2 }.keys)
            if let count {
                // What a more special statement replaces is the only thing that may be missing.
                #expect(shown.count == min(count, figures.count - selection.leftOut.count), "seed \(seed)")
                let reason = lines.whyFewer(shown.count, ranked: figures.count)
                #expect((reason == nil) == (shown.count == count), "seed \(seed)")
                if !found.isEmpty { #expect(!found.isDisjoint(with: shown), "seed \(seed)") }
            } else {
                #expect(found.isSuperset(of: shown), "seed \(seed)")
                #expect(shown.isEmpty == found.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [
        (0.0, "0 %"), (0.000_04, "under 0.01 %"), (0.000_06, "0.01 %"), (0.003_5, "0.35 %"),
        (0.009_96, "1.0 %"),
        (0.042, "4.2 %"), (0.099_7, "10 %"), (0.675, "68 %"), (0.994, "99 %"), (0.996, "over 99 %"),
        (1.0, "over 99 %"),
    ]) func `a probability has two digits and is never certain`(share: Double, expected: String) {
        #expect(Percent.probability(share) == expected)
    }

    @Test func `a share of the signal is never more than there is`() {
        #expect(Percent.signal(0.999_9) == "99 %" && Percent.signal(1) == "100 %")
    }

    @Test(arguments: [
        (["I", "II", "III", "aVR", "aVL", "aVF"], "I-aVF"), (["I", "II"], "I, II"),
        (["II", "V1", "V2"], "II, V1, V2"),
        (["aVF", "V1", "V2", "V6"], "aVF-V2, V6"), (["PATCH", "I"], "PATCH, I"), ([], ""),
    ]) func `three neighbours are told as one`(names: [String], expected: String) {
        #expect(LeadWords.list(names) == expected)
    }
}
