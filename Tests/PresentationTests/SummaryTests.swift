import Diagnosis
import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Presentation

/// A recording in one line.
@Suite struct SummaryTests {
    @Test func `one window of a hundred counts as one of a hundred`() {
        var summary = RecordingSummary(FindingLines())
        for number in 0..<200 {
            let ranking =
                [("sinus_rhythm", 0.9)] + (number == 7 ? [("ventricular_premature_contractions", 0.7)] : [])
            summary.add(window(used: ["II"], ranking))
        }
        #expect(
            summary.line(of: "r")
                == "r  200 windows; 1 of 12 leads (II), 8 % of a 12-lead ECG; mean over all: "
                + "Sinus Rhythm / 洞調律 90 % (found in 200 windows); "
                + "Ventricular Premature Contractions / 心室期外収縮 0.35 % (found in 1 window)"
        )
    }

    @Test func `withheld windows are counted with their reason, and count in the mean`() {
        var summary = RecordingSummary(FindingLines())
        summary.add(window(used: ["II"], [("sinus_rhythm", 0.9)]))
        for _ in 0..<2 { summary.add(window(used: [], withheld: "coverage")) }
        #expect(
            summary.text == "3 windows; 2 withheld, coverage: no lead has 90 % of the window's samples; "
                + "1 of 12 leads (II), 2 % of a 12-lead ECG; mean over all: Sinus Rhythm / 洞調律 30 % (found in 1 window)"
        )
        var dead = RecordingSummary(FindingLines())
        dead.add(window(used: [], dead: [("II", "flat")], withheld: "quality"))
        #expect(dead.text == "1 window; 1 withheld, quality: II carries no ECG (flat)")
    }

    @Test func `where nothing is found it says so, and names the nearest only where asked`() {
        var plain = RecordingSummary(FindingLines())
        var asked = RecordingSummary(FindingLines(count: 2))
        for _ in 0..<3 {
            plain.add(window(used: ["II"], [("sinus_rhythm", 0.4)]))
            asked.add(window(used: ["II"], [("sinus_rhythm", 0.4)]))
        }
        #expect(plain.text.hasSuffix(": no statement reaches its threshold in any window"))
        #expect(
            asked.text.hasSuffix(
                "in any window; Sinus Rhythm / 洞調律 40 % (below threshold); "
                    + "1 of the 2 asked for; 1 is ranked"
            )
        )
    }

    @Test(arguments: seeds(100)) func `a mean is that over all windows, whatever their order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let lines = FindingLines()
        let windows = (0..<40).map { _ in randomWindow(using: &generator) }
        var summary = RecordingSummary(lines)
        for window in windows { summary.add(window) }
        var sums: [String: Double] = [:]
        var found: [String: Int] = [:]
        for window in windows {
            for entry in window.ranking { sums[entry.id, default: 0] += entry.probability ?? 0 }
            let told = lines.select(window.ranking).found.map { window.ranking[$0].id }
            for entry in window.ranking where (entry.probability ?? 0) >= 0.5 {
                if entry.id != "normal" || told.contains("normal") { found[entry.id, default: 0] += 1 }
            }
        }
        let text = summary.text
        #expect(text.hasPrefix("40 windows; "), "seed \(seed)")
        for (id, count) in found {
            let isReplaced = found.keys.contains {
                (sums[$0] ?? 0) / 40 >= (sums[id] ?? 0) / 40 / 2
                    && Catalogue.shipped.ancestors(of: $0).contains(id)
            }
            let words = lines.words(for: entry(id, 0), (sums[id] ?? 0) / 40)
            #expect(text.contains("\(words) (found in \(count) window") != isReplaced, "seed \(seed): \(id)")
        }
    }

    @Test(arguments: seeds(100)) func `one window alone reads as its line does`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let lines = FindingLines()
        let window = randomWindow(using: &generator)
        var summary = RecordingSummary(lines)
        summary.add(window)
        let told = lines.select(window.ranking).found.map { window.ranking[$0] }.map {
            "\(lines.words(for: $0, $0.probability ?? 0)) (found in 1 window)"
        }
        if told.isEmpty || window.withheld != nil {
            #expect(!summary.text.contains("(found in"), "seed \(seed)")
        } else {
            #expect(summary.text.hasSuffix("mean over all: " + told.joined(separator: "; ")), "seed \(seed)")
        }
    }

    @Test func `a general statement stays beside a special one that is less than half as probable`() {
        let statements = [("suspected_inferior_infarction", 0.79), ("old_inferior_infarction", 0.35)]
        var summary = RecordingSummary(FindingLines(thresholds: ["old_inferior_infarction": 0.3]))
        summary.add(window(used: ["II"], statements))
        #expect(summary.text.contains("79 % (found in 1 window)"))
        #expect(summary.text.contains("35 % (found in 1 window)"))
    }

    @Test func `a patch is no lead I`() {
        var summary = RecordingSummary(FindingLines())
        summary.add(window(used: ["I"], source: "patch", [("atrial_fibrillation", 0.9)]))
        #expect(summary.text.contains("1 of 12 leads (a patch or strap in the place of I)"))
    }
}
