import Testing

/// The house rules, each checked on the whole tree.
///
/// That a rule can fail stands in RuleTests.
@Suite struct TreeTests {
    let tree = SourceTree.here

    /// Files that may say `@unchecked Sendable`, beside generated ones: the owner of a libzmq handle, the owner of a lock
    /// with its condition, and the threads that share a batch.
    static let uncheckedAllowed: Set<String> = [
        "Sources/Edge/ZeroMQ/Handle.swift", "Sources/Edge/Threads/MonotonicCondition.swift",
        "Sources/Programs/Learning/Team.swift",
    ]

    /// The one room that imports each C library.
    static let ownerOfLibrary = [
        "CZeroMQ": "ZeroMQ", "CThreads": "Threads", "CMachine": "Machine", "CSodium": "Digest",
        "CKernels": "ECGEncoder",
    ]

    static let megabyte = 1_000_000

    /// The findings of `rule` on each of `paths`, each with its path before it.
    private func findings(in paths: [String], _ rule: (String) -> [String]) throws -> [String] {
        try paths.flatMap { path in rule(try tree.text(path)).map { "\(path): \($0)" } }
    }

    @Test func `the tree that the tests read is the repository`() {
        #expect(tree.paths.contains("Package.swift"))
        #expect(tree.paths.contains("Sources/Core/ECGSignal/Lead.swift"))
        #expect(!tree.handwrittenSwift(under: "Tests").isEmpty)
    }

    @Test func `core imports the standard library, its own rooms and the kernels, and nothing else`() throws {
        let allowed = Set(tree.folders(in: "Sources/Core")).union(["Swift", "CKernels"])
        #expect(
            try findings(in: tree.files(["swift"], under: "Sources/Core")) {
                CodeRules.imports(of: $0, outside: allowed)
            } == []
        )
    }

    @Test func `in core only Pipeline and Station import a stage`() throws {
        let words: Set<String> = ["Mathematics", "ECGSignal", "Findings", "CKernels"]
        let paths = tree.files(["swift"], under: "Sources/Core").filter { path in
            !["Pipeline", "Station"].contains { path.hasPrefix("Sources/Core/\($0)/") }
        }
        #expect(try findings(in: paths) { CodeRules.imports(of: $0, outside: words) } == [])
    }

    @Test func `a C library has one Swift room`() throws {
        for (library, room) in Self.ownerOfLibrary.sorted(by: { $0.key < $1.key }) {
            let importers = try tree.files(["swift"], under: "Sources").filter { path in
                SwiftText(try tree.text(path)).imports.contains { $0.module == library }
            }
            #expect(importers.filter { !$0.contains("/\(room)/") } == [], "\(library) belongs to \(room)")
        }
    }

    @Test func `files and functions stay short`() throws {
        let paths = tree.handwrittenSwift(under: "Sources") + tree.handwrittenSwift(under: "Tests")
        #expect(try findings(in: paths, CodeRules.lengths) == [])
    }

    @Test func `unchecked sendability stands where it is listed and is proven there`() throws {
        let paths = tree.handwrittenSwift(under: "Sources") + tree.handwrittenSwift(under: "Tests")
        let users = try paths.filter { CodeRules.usesUnchecked(try tree.text($0)) }
        #expect(users.filter { !Self.uncheckedAllowed.contains($0) } == [])
        #expect(try findings(in: paths, CodeRules.uncheckedWithoutProof) == [])
    }

    @Test func `no error is forced away`() throws {
        let paths = tree.handwrittenSwift(under: "Sources") + tree.handwrittenSwift(under: "Tests")
        #expect(try findings(in: paths, CodeRules.forcedTries) == [])
    }

    @Test func `a reminder names its issue`() throws {
        let swift = tree.handwrittenSwift(under: "Sources") + tree.handwrittenSwift(under: "Tests")
        #expect(try findings(in: swift) { CodeRules.bareReminders(in: SwiftText($0).comments) } == [])
        let other = tree.files(["c", "h", "py", "sh", "proto", "md"])
        #expect(
            try findings(in: other) { text in
                CodeRules.bareReminders(
                    in: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                )
            } == []
        )
    }

    @Test func `comments say who does what`() throws {
        let paths = tree.files(["c", "h"]) + tree.handwrittenSwift(under: "")
        #expect(try findings(in: paths, CodeRules.clippedComments) == [])
    }

    @Test func `no file names a path of one machine`() throws {
        let texts =
            tree.files([
                "swift", "c", "h", "modulemap", "md", "py", "sh", "proto", "json", "yaml", "yml", "tsv",
                "csv", "txt",
                "hea", "hex", "Makefile", "ci/run",
            ]) + tree.paths.filter { ["Makefile", ".ci/run", "LICENSE"].contains($0) }
        #expect(try findings(in: texts, DocumentRules.machinePaths) == [])
    }

    @Test func `a link in a document leads to a file`() throws {
        for page in tree.files(["md"]) {
            let dead = DocumentRules.deadLinks(on: page, text: try tree.text(page), paths: tree.paths)
            #expect(dead == [], "\(page)")
        }
    }

    @Test func `every room stands in the picture of the house`() throws {
        let drawn = DocumentRules.rooms(inPicture: try tree.text("Sources/README.md"))
        let rooms = tree.folders(in: "Sources").flatMap { tree.folders(in: "Sources/\($0)") }
        #expect(rooms.contains("ECGSignal"))
        #expect(rooms.filter { !drawn.contains($0) } == [])
    }

    @Test func `the commands of the first screen are in the Makefile`() throws {
        let targets = DocumentRules.targets(ofMakefile: try tree.text("Makefile"))
        let commands = DocumentRules.makeCommands(in: try tree.text("README.md"), firstLines: 30)
        #expect(Set(commands).isSuperset(of: ["demo", "test"]))
        #expect(commands.filter { !targets.contains($0) } == [])
    }

    @Test func `the kernels forbid fusing that is not written out`() throws {
        let kernels = tree.files(["c"], under: "Sources/C")
        #expect(!kernels.isEmpty)
        #expect(try findings(in: kernels, CodeRules.contraction) == [])
    }

    @Test func `fixtures and the default model stay small`() throws {
        #expect(try tree.byteCount(under: "Fixtures") <= 25 * Self.megabyte)
        #expect(try tree.byteCount(under: "Models/default") <= 20 * Self.megabyte)
    }

    @Test func `each data set among the fixtures has its licence in THIRD_PARTY`() throws {
        let notices = try tree.text("THIRD_PARTY.md")
        // A folder of Fixtures that holds recordings is a data set.
        let sets = tree.folders(in: "Fixtures").filter {
            !tree.files(["hea"], under: "Fixtures/\($0)").isEmpty
        }
        #expect(sets.filter { !DocumentRules.namesLicence(of: $0, in: notices) } == [])
    }
}
