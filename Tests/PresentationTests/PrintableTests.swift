import Presentation
import Testing

@Suite struct PrintableTests {
    @Test(arguments: [
        ("\u{1B}]0;hi\u{7}", "\\u{1b}]0;hi\\u{7}"), ("a\rb", "a\\u{d}b"), ("x\u{9B}31m", "x\\u{9b}31m"),
        ("\u{202E}dlo", "\\u{202e}dlo"), ("a\u{7F}", "a\\u{7f}"),
    ]) func `what a terminal would obey is written out`(line: String, expected: String) {
        #expect(Printable.line(line) == expected)
    }

    @Test(arguments: ["", "心房細動 87 %", "a\tb\nc", "été → 🫀"]) func `all else stays`(line: String) {
        #expect(Printable.line(line) == line)
    }
}
