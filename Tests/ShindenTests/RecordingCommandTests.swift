import Foundation
import TestSupport
import Testing
import Wire

/// A folder that is removed with this value.
final class ScratchFolder {
    let path = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }

    /// A fixture's header and signals under another name of the file, the same of the record line.
    func copy(_ fixture: String, to name: String) throws {
        for ending in ["hea", "dat"] {
            let to = "\(path)/\(name).\(ending)"
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: to).deletingLastPathComponent().path,
                withIntermediateDirectories: true
            )
            try FileManager.default.copyItem(
                atPath: "\(Repository.fixtures)/\(fixture).\(ending)",
                toPath: to
            )
        }
    }
}

/// `classify` and `inspect` on files as people have them.
@Suite struct RecordingCommandTests {
    static let cases = [
        "bp", "ecg_ecg2", "f80", "flat12", "frames", "gain0", "healthy_chest_flat", "isodate", "latin1",
        "longer", "mliii",
        "neggain", "nofreq", "onlyI_rest_flat", "seg", "single_ecg", "uvasmv", "year2704", "zerosum",
    ]

    @Test(arguments: cases) func `inspect shows any readable record, whatever its channels are called`(
        name: String
    ) throws {
        let page = try Program.run("inspect", fixture("cases/\(name)"))
        #expect(page.code == 0, "\(page.words)")
        let run = try Program.run("inspect", fixture("cases/\(name)"), "--json")
        #expect(run.code == 0 && run.lines.count == 1)
        let object = try #require(try JSONValue(parsing: Array(run.output.utf8.dropLast())).object)
        #expect(object["record"]?.text == name)
        let channels = try #require(object["channels"]?.array)
        #expect(!channels.isEmpty)
        for channel in channels {
            let channelName = try #require(channel.object?["name"]?.text)
            #expect(page.lines.contains { $0.hasPrefix("channel   \(channelName)  ") }, "\(channelName)")
        }
        for remark in object["remarks"]?.array ?? [] {
            #expect(page.output.contains(remark.text ?? "?"))
        }
    }

    @Test(arguments: [
        ("gain0", "WFDB's default, 200 units per mV"), ("nofreq", "WFDB's default, 250 Hz"),
        ("bp", "channel 2, ABP, is in mmHg"),
        ("mliii", "channel 2, MLIII, is read as III"), ("single_ecg", "--name-leads II"),
        ("neggain", "gain is negative"),
        ("zerosum", "never computed"), ("longer", "these count"), ("year2704", "04/05/2704"),
    ]) func `classify says on stderr what inspect shows`(name: String, words: String) throws {
        let run = try Program.run("classify", fixture("cases/\(name)"), "--hop", "4992")
        #expect(run.code == 0, "\(run.words)")
        #expect(run.words.contains(words) && run.words.contains("\(name): "))
        #expect(try Program.run("inspect", fixture("cases/\(name)")).output.contains(words))
    }

    @Test func `inspect shows a model as one object, and says what a folder without one is`() throws {
        let run = try Program.run("inspect", Repository.defaultModel, "--json")
        let object = try #require(try JSONValue(parsing: Array(run.output.utf8.dropLast())).object)
        #expect(run.code == 0 && object["ranked"]?.array?.isEmpty == false)
        let folder = try Program.run("inspect", Repository.fixtures + "/cases")
        #expect(
            folder.code == 66 && folder.words.contains("without a model") && folder.words.contains("classify")
        )
    }

    @Test func `channels that cannot be leads: 65, their names, and what to give`() throws {
        let run = try Program.run("classify", fixture("cases/ecg_ecg2"))
        #expect(run.code == 65 && run.output.isEmpty)
        #expect(run.words.contains("ECG1, ECG2") && run.words.contains("--name-leads"))
        #expect(run.words.contains("shinden classify: ecg_ecg2, channels: "))
        let advice = try Program.run("inspect", fixture("cases/ecg_ecg2"))
        #expect(advice.code == 0 && advice.output.contains("--name-leads II,V1"))
        let named = try Program.run(
            "classify",
            fixture("cases/ecg_ecg2"),
            "--name-leads",
            "II,none",
            "--summary"
        )
        #expect(named.code == 0 && named.lines.count == 1)
    }

    @Test func `a folder in the record's name: 65, and what is wrong`() throws {
        for command in ["classify", "inspect", "replay"] {
            let run = try Program.run(command, fixture("cases/folder"))
            #expect(run.code == 65)
            #expect(run.words.contains("holds a folder") && !run.words.contains("multi-segment"))
        }
    }

    @Test(arguments: [
        ("x.edf", "0       someone", "EDF"),
        ("x.xml", "<?xml version=\"1.0\"?><AnnotatedECG xmlns=\"urn:hl7-org:v3\"/>", "aECG"),
        ("x.mat", "MATLAB 5.0 MAT-file", "MATLAB"),
    ]) func `a file of another format: 65, its name, and the tool to convert it`(
        name: String,
        text: String,
        format: String
    ) throws {
        let scratch = try ScratchFolder()
        try scratch.write(text, to: name)
        for command in ["classify", "inspect", "replay"] {
            let run = try Program.run(command, "\(scratch.path)/\(name)")
            #expect(run.code == 65)
            #expect(run.words.contains(format) && run.words.contains("WFDB"))
        }
    }

    @Test func `the name of a signal file leads to the record`() throws {
        let run = try Program.run("classify", fixture("cases/bp.dat"))
        #expect(run.code == 65)
        #expect(run.words.contains("give the record's name: \(fixture("cases/bp"))"))
    }

    @Test func `a folder is its records, named by path where names repeat`() throws {
        let scratch = try ScratchFolder()
        try scratch.copy("cases/seg_1", to: "one/seg_1")
        try scratch.copy("cases/seg_1", to: "two/seg_1")
        try scratch.copy("cases/f80", to: "two/f80")
        try scratch.write("nothing", to: "one/note.txt")
        try scratch.write("bad 1\n", to: "two/bad.hea")
        let run = try Program.run("classify", scratch.path, "--summary")
        #expect(run.code == 65, "the broken header's")
        let begins = run.lines.map { String($0.prefix { $0 != " " }) }
        #expect(begins == ["\(scratch.path)/one/seg_1", "f80", "\(scratch.path)/two/seg_1"])
        #expect(run.words.contains("\(scratch.path)/two/bad.hea"))
        try scratch.write("two/seg_1\none/seg_1\n", to: "RECORDS")
        let listed = try Program.run("classify", scratch.path, "--json", "--hop", "4992")
        #expect(listed.code == 0)
        let records = try listed.windowLines.map {
            try JSONValue(parsing: Array($0.utf8)).object?["record"]?.text
        }
        #expect(records == ["two", "one"].map { "\(scratch.path)/\($0)/seg_1" })
    }

    @Test(arguments: [("noise_II", "asystole"), ("sine4.5_II", "ventricular_fibrillation")])
    func `what shows no beating heart is withheld and alarms, and is never a benign statement`(
        name: String,
        alarm: String
    ) throws {
        let run = try Program.run("classify", fixture("cases/\(name)"), "--json")
        #expect(run.code == 0 && run.windowLines.count >= 2)
        for line in run.windowLines {
            let window = try #require(try JSONValue(parsing: Array(line.utf8)).object)
            #expect(window["window_withheld"]?.text == "quality")
            #expect(window["top"]?.array?.isEmpty == true)
        }
        #expect(
            run.lines.contains {
                $0.contains(#""statement":"\#(alarm)""#) && $0.contains(#""phase":"start""#)
            }
        )
    }

    @Test func `CSV has the windows and figures of JSON`() throws {
        let table = try Program.run("classify", fixture("mitdb/100_0000"), "--csv", "--hop", "4992")
        let json = try Program.run("classify", fixture("mitdb/100_0000"), "--json", "--hop", "4992")
        #expect(table.code == 0 && json.code == 0)
        #expect(
            table.lines[0]
                == "record,from_s,to_s,leads_used,coverage,withheld,rank,id,en,ja,similarity,probability,quality,sources"
        )
        var wanted: [String] = []
        for line in json.lines {
            let object = try #require(try JSONValue(parsing: Array(line.utf8)).object)
            for (place, statement) in (object["top"]?.array ?? []).enumerated() {
                let statement = try #require(statement.object)
                let probability = try #require(statement["probability"]).canonicalText
                wanted.append("\(place + 1),\(statement["id"]?.text ?? "?"),\(probability)")
            }
        }
        let found = table.lines.dropFirst().map { row in
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            return [fields[6], fields[7], fields[fields.count - 3]].joined(separator: ",")
        }
        #expect(found == wanted && !wanted.isEmpty)
    }

    @Test func `the leads' order and case make no other stream`() throws {
        func streams(_ leads: String) throws -> [String?] {
            let run = try Program.run(
                "classify",
                fixture("mitdb/100_0000"),
                "--json",
                "--hop",
                "4992",
                "--leads",
                leads
            )
            return try run.lines.map { try JSONValue(parsing: Array($0.utf8)).object?["stream"]?.text }
        }
        let first = try streams("II,V5")
        #expect(first.count > 1)
        #expect(try streams("v5,ii") == first)
        #expect(try streams("II") != first)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func `a progress bar is drawn on a terminal, and nowhere else`() throws {
        let command = "'\(Program.path)' classify Fixtures/cases/seg_1 --summary"
        let onTerminal = try Program(
            ["-c", "/usr/bin/script -qec \"$0\" /dev/null", command],
            executable: "/bin/bash"
        ).finished()
        #expect(onTerminal.code == 0)
        #expect(onTerminal.output.contains(" of 12.0 s") && onTerminal.output.contains("\r"))
        let inFile = try Program.run("classify", "Fixtures/cases/seg_1", "--summary")
        #expect(inFile.code == 0 && !(inFile.words + inFile.output).contains("\r"))
        #expect(!inFile.words.contains(" of 12.0 s"))
    }

    @Test func `quiet says nothing but what is odd`() throws {
        let run = try Program.run("classify", fixture("ptbxl/00017_hr"), "--summary", "--quiet")
        #expect(run.code == 0 && run.words.isEmpty && run.lines.count == 1)
    }

    @Test
    func `the program finds its model in any folder that is not a source tree only where it is installed`()
        throws
    {
        let scratch = try ScratchFolder()
        let run = try Program(
            [
                "-c", "cd \"$1\" && \"$0\" classify \"$2\"", Program.path, scratch.path,
                fixture("ptbxl/00017_hr"),
            ],
            executable: "/bin/bash"
        ).finished()
        #expect(run.code == 78)
        #expect(run.words.contains("Models/default"))
    }
}
