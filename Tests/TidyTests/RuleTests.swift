import Testing

/// Each rule on a text that breaks it and on one that does not.
@Suite struct RuleTests {
    /// A function `name` whose declaration, body and brace take `lines` lines.
    private func function(_ name: String = "f", lines: Int) -> String {
        "func \(name)() {\n" + String(repeating: "    step()\n", count: lines - 2) + "}\n"
    }

    // The texts below are whole files; names that a rule looks for are only ever inside literals here.

    @Test(arguments: [
        "import Foundation", "public import Glibc", "@preconcurrency import Dispatch",
        "import struct Foundation.Data",
        "private import func Glibc.exp", "@_exported public import Synchronization",
        "let a = 1; import Glibc",
        "@testable\timport Glibc".replacing("\t", with: " "),
    ]) func `an import from outside is found`(text: String) {
        #expect(CodeRules.imports(of: text, outside: ["ECGSignal"]).count == 1)
    }

    @Test(arguments: [
        "public import ECGSignal", "// import Foundation", "let text = \"import Foundation\"",
        "/* import\nimport Glibc\n*/", "let important = 1", "let text = \"\"\"\n    import Glibc\n    \"\"\"",
    ]) func `what is no import from outside is let through`(text: String) {
        #expect(CodeRules.imports(of: text, outside: ["ECGSignal"]) == [])
    }

    @Test func `a file of 401 lines is too long, of 400 not`() {
        let line = "let a = 1\n"
        #expect(CodeRules.lengths(of: String(repeating: line, count: 400)) == [])
        #expect(CodeRules.lengths(of: String(repeating: line, count: 401)).count == 1)
        #expect(CodeRules.lengths(of: String(repeating: line, count: 400) + "let b = 2").count == 1)
    }

    @Test func `a function of 61 lines is too long, of 60 not`() {
        #expect(CodeRules.lengths(of: function(lines: 60)) == [])
        #expect(CodeRules.lengths(of: function(lines: 61)) == ["line 1: a function of 61 lines; 60 at most"])
    }

    @Test(arguments: [
        "    public static func f(\n        a: Int = { 1 }()\n    ) -> [Int] {\n        a\n    }",
        "@Test(arguments: [\"{\"]) func `a { name`() {\n    body()\n    body()\n    body()\n}",
        "init?(a: Int) {\n    let b = \"}\"\n    /* } */\n    // }\n}",
        "deinit {\n    if a {\n        b()\n    }\n}",
        "subscript(i: Int) -> Int {\n    \"\\(f(\"}\"))\"\n    \"\\(f(\"{\"))\"\n    i\n}",
        "func f() {\n    let a = #\"} \" \\( \"#\n    let b = \"\"\"\n        } \" }\n        \"\"\" }",
    ]) func `a function's end is found whatever braces stand in its text`(text: String) {
        #expect(SwiftText(text).functions == [.init(firstLine: 1, lastLine: 5)])
    }

    @Test func `a requirement without a body is no function`() {
        let text = "protocol P {\n    func a()\n    init(b: Int)\n    func c() -> Int\n}\nfunc d() {\n}\n"
        #expect(SwiftText(text).functions == [.init(firstLine: 6, lastLine: 7)])
    }

    @Test func `nested functions are counted by themselves and with their parent`() {
        let text = "func a() {\n" + function("b", lines: 59) + "    b()\n}\n"
        #expect(SwiftText(text).functions.map(\.lineCount) == [62, 59])
    }

    @Test func `unchecked sendability without a comment above it is found`() {
        let bad = "struct A {}\nfinal class B: @unchecked Sendable {}"
        #expect(CodeRules.uncheckedWithoutProof(in: bad).count == 1)
        #expect(CodeRules.usesUnchecked(bad))
        #expect(
            CodeRules.uncheckedWithoutProof(in: "// Proof: immutable.\nfinal class B: @unchecked Sendable {}")
                == []
        )
        #expect(!CodeRules.usesUnchecked("// no @unchecked here"))
    }

    @Test func `a force-try is found in code and only there`() {
        #expect(CodeRules.forcedTries(in: "let a = try! f()").count == 1)
        #expect(CodeRules.forcedTries(in: "let a = try f() // never try!\nlet b = \"try!\"") == [])
    }

    @Test(arguments: ["TODO", "FIXME", "XXX"]) func `a bare reminder is found`(word: String) {
        #expect(CodeRules.bareReminders(in: ["// \(word): mend this"]).count == 1)
        #expect(
            CodeRules.bareReminders(in: ["// \(word) (#12): mend this", "// \(word)_S", "mastodon"]) == []
        )
    }

    @Test(arguments: [
        "    /// Whose.\n    let a = 1", "/// Nominal.\n///\nvar b: Int", "int c; \n/// Why.",
        "/// The model as given.",
        "// As given by the caller,\n// or not.",
    ]) func `a clipped comment is found`(text: String) {
        #expect(CodeRules.clippedComments(in: text).count == 1)
    }

    @Test(arguments: [
        "/// Whose it is.\nlet a = 1", "/// Ends with a long\n/// word.", "let text = \"as given\"",
        "// padding",
        "/// The rate has given way.", "////",
    ]) func `a whole sentence is let through`(text: String) {
        #expect(CodeRules.clippedComments(in: text) == [])
    }

    @Test func `a kernel without the pragma is found`() {
        let kernel = "void k(float *x) {\n    x[0] = x[1] * x[2] + x[3];\n}\n"
        #expect(CodeRules.contraction(in: kernel).count == 1)
        #expect(CodeRules.contraction(in: kernel + "#pragma STDC FP_CONTRACT OFF\n").count == 1)
        #expect(CodeRules.contraction(in: "// #pragma STDC FP_CONTRACT OFF\n" + kernel).count == 1)
        #expect(CodeRules.contraction(in: "#pragma STDC FP_CONTRACT OFF\n" + kernel) == [])
        #expect(CodeRules.contraction(in: "typedef int empty;\n") == [])
    }

    @Test(arguments: ["work", "root", "home", "opt/swift"]) func `a path of one machine is found`(
        folder: String
    ) {
        #expect(DocumentRules.machinePaths(in: "see\n\"/\(folder)/a\"") == ["line 2: a path of one machine"])
        #expect(DocumentRules.machinePaths(in: "https://example.org/\(folder)/a and ../\(folder)/b") == [])
    }

    @Test func `a link to nowhere is found`() {
        let paths = ["README.md", "docs/A.md", "Sources/x.swift"]
        let dead = { (text: String) in DocumentRules.deadLinks(on: "docs/A.md", text: text, paths: paths) }
        #expect(dead("[a](B.md)").count == 1)
        #expect(dead("[a](../../README.md)").count == 1)
        #expect(dead("[a](../READ)").count == 1)
        #expect(
            dead("[a](A.md#part) [b](../README.md) [c](../Sources) [d](#here) [e](https://example.org/)")
                == []
        )
        #expect(dead("`[a](B.md)`\n```\n[a](B.md)\n```\n") == [])
    }

    @Test func `a command that the Makefile lacks is found`() {
        let targets = DocumentRules.targets(
            ofMakefile: "A := 1\nhelp: ## text\ntest-deps: help\n\tmake other:\n"
        )
        #expect(targets == ["help", "test-deps"])
        let page = "run `make demo` or make test-deps\n\nmake late"
        #expect(DocumentRules.makeCommands(in: page, firstLines: 2) == ["demo", "test-deps"])
    }

    @Test func `a room needs a sentence in the picture`() {
        let page = "Named Outside the picture here\n```\nCore/\n  Drawn   what it is for\n  Bare\n```\n"
        #expect(DocumentRules.rooms(inPicture: page) == ["Drawn"])
    }

    @Test func `a data set without a licence is found`() {
        let page = "| `mitdb` | MIT-BIH | ODC-By 1.0 |\n| `ludb` | LUDB | |\n"
        #expect(DocumentRules.namesLicence(of: "mitdb", in: page))
        #expect(!DocumentRules.namesLicence(of: "ludb", in: page))
        #expect(!DocumentRules.namesLicence(of: "mit", in: page))
    }
}
