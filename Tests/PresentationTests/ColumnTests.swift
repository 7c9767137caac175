import TestSupport
import Testing

@testable import Presentation

/// Text on a terminal.
@Suite struct ColumnTests {
    @Test(arguments: [("Normal", 6), ("洞調律", 6), ("QRS波形異常", 11), ("（疑い）", 8), ("e\u{301}", 1), ("", 0)])
    func `a full-width character takes two columns`(text: String, expected: Int) {
        #expect(Columns.width(of: text) == expected)
        #expect(Columns.width(of: Columns.padded(text, to: 20)) == 20)
    }

    @Test(arguments: seeds(200)) func `a wrapped line fits, and no word is lost`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = ["Sinus", "Rhythm", "/", "洞調律", "90", "%;", " ", "2", "of"]
        let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined(separator: " ")
        let columns = Int.random(in: 12...60, using: &generator)
        let lines = Columns.wrapped(text, to: columns)
        for line in lines { #expect(Columns.width(of: line) <= columns, "seed \(seed)") }
        for line in lines.dropFirst() { #expect(line.hasPrefix("    "), "seed \(seed)") }
        let words = { (text: String) in text.split(separator: " ") }
        #expect(words(lines.joined(separator: " ")) == words(text), "seed \(seed)")
    }

    @Test func `a line ends where a clause does, if the next one fits on a line of its own`() {
        let text = "r  2 of 12 leads (II, V1); 38 need others: Sinus Rhythm / 洞調律 97 %; Normal 90 %"
        #expect(
            Columns.wrapped(text, to: 34) == [
                "r  2 of 12 leads (II, V1);", "    38 need others:", "    Sinus Rhythm / 洞調律 97 %;",
                "    Normal 90 %",
            ]
        )
    }

    @Test func `what fits is not touched`() {
        #expect(Columns.wrapped("a  b c", to: 6) == ["a  b c"])
        #expect(Columns.wrapped("a  b c", to: 5) == ["a  b", "    c"])
        #expect(Columns.wrapped("", to: 10) == [""])
    }
}
