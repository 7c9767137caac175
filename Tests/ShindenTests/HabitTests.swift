import Diagnosis
import ECGSignal
import Findings
import Foundation
import Presentation
import Service
import TestSupport
import Testing
import Wire

@testable import shinden

/// The program's habits as a guest of the command line.
@Suite struct HabitTests {
    @Test(arguments: ["serve", "replay", "watch", "status", "streams", "classify", "inspect"])
    func `help has examples and says what this is`(command: String) throws {
        let run = try Program.run(command, "--help")
        #expect(run.code == 0)
        #expect(run.output.contains("EXAMPLES") && run.output.contains("shinden \(command)"))
        #expect(try Program.run("help", command).output == run.output)
    }

    @Test func `the help of serve lists every key with its default, from the one table`() throws {
        let run = try Program.run("serve", "--help")
        for key in ConfigurationKey.all {
            #expect(run.output.contains("--\(key.name) ") || run.output.contains("--\(key.name)\n"), "\(key.name)")
        }
        let flat = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(flat.contains("Open streams at most, 1 to 100000 (default 1000)."))
        #expect(flat.contains("error, warning, info, debug (default info)."))
    }

    @Test func `the program's own help lists every command and exit code`() throws {
        let run = try Program.run("--help")
        #expect(run.code == 0)
        for word in ["serve", "replay", "watch", "status", "streams", "labels", "classify", "inspect", "EXIT CODES", "64", "69", "78"] {
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
        #expect(!run.words.contains("rash") && !run.words.contains("atal"))
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

    @Test(arguments: seeds(200)) func `a window reads the same from the finding and from its event`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let statements = Catalogue.shipped.statements.shuffled(using: &generator).prefix(10)
        let diagnosis = WindowDiagnosis(
            firstSample: 0,
            joinedAt: 0,
            leads: Lead.standard.map {
                LeadCoverage(
                    lead: $0,
                    samplesPresent: .random(in: 0...5_000, using: &generator),
                    source: .measured
                )
            },
            top: statements.map {
                // As the event has them: four decimals.
                let probability = Double(Int.random(in: 0...10_000, using: &generator)) / 1e4
                return RankedStatement(statement: $0, similarity: 0.5, probability: probability)
            },
            withheld: [],
            windowWithheld: Int.random(in: 0...9, using: &generator) == 0 ? .coverage : nil,
            revisions: Revisions(model: "m", bank: "b", catalogue: "c"),
            start: 0,
            end: 10_000_000_000
        )
        let identity = StreamIdentity(patient: "p", device: "d", epoch: 1)
        let data = EventFormat.dataObject(Event(.diagnosis(identity, diagnosis), time: 0))
        let presentation = FindingLines(count: 3)
        // Coverage has four decimals in the event, so a percent may round the other way at a tie only.
        let coverage = data["coverage"]?.real
        let own = FindingLines.Window(diagnosis)
        let fromEvent = FindingLines.Window(data)
        #expect(abs((own.coverage ?? 0) - (coverage ?? 0)) <= 0.000_05, "seed \(seed)")
        let text = presentation.text(of: .init(withheld: own.withheld, coverage: coverage, top: own.top))
        #expect(presentation.text(of: fromEvent) == text, "seed \(seed)")
        #expect(text.contains(diagnosis.windowWithheld == nil ? " %" : "withheld"), "seed \(seed)")
    }

    @Test func `statements that this catalogue does not know are shown as the event has them`() {
        let data: JSONObject = [
            "coverage": .number(1),
            "top": .array([
                .object([
                    "id": .string("new_one"), "en": .string("New"), "ja": .string("新"),
                    "probability": .number(0.5),
                ])
            ]),
        ]
        let text = FindingLines(count: 3).text(of: .init(data))
        #expect(text == "coverage 100 %  New / 新 50 %")
    }
}
