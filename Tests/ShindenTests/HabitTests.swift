import Foundation
import Service
import TestSupport
import Testing
import Wire

/// The program's habits as a guest of the command line.
@Suite struct HabitTests {
    @Test(arguments: ["serve", "doctor", "replay", "watch", "status", "streams", "classify", "inspect"])
    func `help has examples and says what this is`(command: String) throws {
        let run = try Program.run(command, "--help")
        #expect(run.code == 0)
        #expect(run.output.contains("EXAMPLES") && run.output.contains("shinden \(command)"))
        let words = run.output.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("Research software, not a medical device"))
        #expect(try Program.run("help", command).output == run.output)
    }

    @Test func `the help of serve lists every key with its default, from the one table`() throws {
        let run = try Program.run("serve", "--help")
        for key in ConfigurationKey.all {
            #expect(
                run.output.contains("--\(key.name) ") || run.output.contains("--\(key.name)\n"),
                "\(key.name)"
            )
        }
        let flat = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(flat.contains("Open streams at most, 1 to 100000 (default 1000)."))
        #expect(flat.contains("error, warning, info, debug (default info)."))
    }

    @Test func `the program's own help lists every command and exit code`() throws {
        let run = try Program.run("--help")
        #expect(run.code == 0)
        for word in [
            "serve", "replay", "watch", "status", "streams", "labels", "classify", "inspect", "EXIT CODES",
            "64", "69", "78",
        ] {
            #expect(run.output.contains(word), "\(word)")
        }
        #expect(run.output.contains("not a medical device"))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func `completions are made`(shell: String) throws {
        let run = try Program.run("--generate-completion-script", shell)
        #expect(run.code == 0)
        #expect(run.output.contains("replay") && run.output.contains("chunk-ms"))
    }

    @Test func `the version says what it is`() throws {
        let run = try Program.run("--version")
        #expect(run.code == 0)
        #expect(run.output.contains("shinden ") && run.output.contains("research software"))
    }

    @Test func `a closed pipe is no crash`() throws {
        let script = "\"$0\" classify \"$1\" --hop 32 --json | head -1; exit ${PIPESTATUS[0]}"
        let run = try Program(
            ["-c", script, Program.path, fixture("mitdb/100_0000")],
            executable: "/bin/bash"
        ).finished()
        #expect(run.code == 0)
        #expect(run.lines.count == 1)
        #expect(!run.words.contains("crash") && !run.words.contains("Fatal"))
    }

    @Test func `a full disk: 74 and a sentence`() throws {
        let script = "\"$0\" classify \"$1\" --json > /dev/full"
        let run = try Program(
            ["-c", script, Program.path, fixture("ptbxl/00017_hr")],
            executable: "/bin/bash"
        ).finished()
        #expect(run.code == 74)
        #expect(run.words.contains("stdout"))
    }

    @Test(arguments: ["classify", "inspect"]) func `a stdout that is closed: 74 and a sentence`(
        command: String
    ) throws {
        let run = try Program(
            ["-c", "\"$0\" \"$1\" \"$2\" >&-", Program.path, command, fixture("ptbxl/00017_hr")],
            executable: "/bin/bash"
        ).finished()
        #expect(run.code == 74)
        #expect(run.words.contains("stdout"))
    }

    @Test(arguments: ["classify", "inspect"]) func `what a header says cannot steer the terminal`(
        command: String
    ) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let header = try String(contentsOfFile: fixture("ptbxl/00017_hr") + ".hea", encoding: .utf8)
        try Data((header + "# \u{1B}[31mred\u{7}\n").utf8).write(
            to: URL(fileURLWithPath: folder + "/00017_hr.hea")
        )
        let data = try Data(contentsOf: URL(fileURLWithPath: fixture("ptbxl/00017_hr") + ".dat"))
        try data.write(to: URL(fileURLWithPath: folder + "/00017_hr.dat"))
        let run = try Program.run(command, folder + "/00017_hr")
        #expect(run.code == 0, "\(run.words)")
        #expect(!(run.output + run.words).utf8.contains { $0 == 0x1B || $0 == 7 })
        if command == "inspect" { #expect(run.output.contains("\\u{1b}[31mred\\u{7}")) }
    }

    @Test(arguments: [
        ["--records", "Fixtures/LIST.csv", "--out", "x", "--leads", "II"],
        ["--records", "Fixtures/LIST.csv", "--out", "x", "--noise", "nstdb/em"],
        ["--beats", "mitdb", "--out", "x"], ["--beats", "mitdb", "--folds", "10"],
        ["--beats", "mitdb", "--snr", "5"],
    ]) func `evaluate refuses an option that would change nothing: 64 and its name`(
        arguments: [String]
    ) throws {
        let run = try Program(["evaluate"] + arguments).finished()
        let named = arguments.last { $0.hasPrefix("--") } ?? ""
        #expect(run.code == 64 && run.words.contains(named), "\(run.words)")
    }

    @Test(arguments: [
        ["labels", "embed"], ["labels", "add"], ["serve"], ["evaluate"], ["dashboard"],
        ["dashboard", "users"], ["dashboard", "users", "add"],
    ])
    func `no help text has a stray line continuation`(command: [String]) throws {
        let run = try Program(command + ["--help"]).finished()
        // A backslash at a line's end continues a command of the examples, whose next line is set in.
        for (line, next) in zip(run.lines, run.lines.dropFirst()) where line.hasSuffix("\\") {
            #expect(next.hasPrefix("    "), "\(line)")
        }
    }

    @Test func `data go to stdout, words to stderr`() throws {
        let run = try Program.run("classify", fixture("mitdb/100_0000"), "--json", "--hop", "4992")
        #expect(run.code == 0)
        #expect(run.words.contains("not a medical device") && run.words.contains("MLII"))
        #expect(run.lines.count > 3)
        for line in run.lines {
            let object = try JSONValue(parsing: Array(line.utf8)).object
            #expect(object?["record"]?.text == "100_0000")
        }
    }

    @Test(arguments: ["serve", "doctor", "replay", "watch", "status", "streams", "classify", "inspect"])
    func `help fits a terminal of 80 columns`(command: String) throws {
        let run = try Program(["help", command], environment: ["COLUMNS": "80"]).finished()
        for line in run.lines { #expect(line.count <= 80, "\(line)") }
        // A paragraph that was broken for a wider terminal leaves a short line in its middle.
        let lists = ["EXAMPLES", "EXIT CODES", "ARGUMENTS:", "OPTIONS:"]
        for paragraph in run.output.split(separator: "\n\n") where !lists.contains(where: paragraph.contains)
        {
            for line in paragraph.split(separator: "\n").dropLast() { #expect(line.count > 55, "\(line)") }
        }
    }
}
