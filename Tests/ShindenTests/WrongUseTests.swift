import Foundation
import TestSupport
import Testing
import ZeroMQ

/// What the program does with wrong input: the documented code, and a sentence that says what to do.
@Suite struct WrongUseTests {
    @Test(arguments: ["classify", "replay", "inspect"]) func `a file that is not there: 66`(
        command: String
    ) throws {
        let run = try Program.run(command, "Fixtures/no-such-record")
        #expect(run.code == 66)
        #expect(run.words.contains("no-such-record") && run.words.contains("no such file"))
        #expect(run.output.isEmpty)
    }

    @Test(arguments: ["serve", "replay", "watch", "classify", "inspect"])
    func `an unknown flag: 64 and its name`(command: String) throws {
        let run = try Program.run(command, "x", "--no-such-flag")
        #expect(run.code == 64)
        #expect(run.words.contains("--no-such-flag"))
    }

    @Test(arguments: [
        ["classify", "x", "--hop", "100"], ["classify", "x", "--hop", "abc"],
        ["classify", "x", "--top", "11"],
        ["classify", "x", "--json", "--summary"], ["classify"], ["replay"], ["replay", "x", "--speed", "0"],
        ["replay", "x", "--speed", "nan"], ["replay", "x", "--encoding", "mp3"],
        ["replay", "x", "--rate", "99"],
        ["replay", "x", "--patients", "0"], ["replay", "x", "--epoch", "0"],
        ["replay", "x", "--epoch", "xyz"],
        ["replay", "x", "--wait-seconds", "nan"], ["replay", "x", "--patients", "3", "--patient", "a"],
        ["classify", "x", "--leads", "XX"], ["evaluate", "--beats", "x", "--leads", "II,"],
        ["replay", "x", "--leads", "XX"], ["explain", "x", "--at", "1", "--leads", "XX"],
        ["watch", "--kind", "gossip"], ["watch", "--count", "0"], ["watch", "--patient", "a/b"],
    ]) func `a value out of its range: 64`(arguments: [String]) throws {
        let run = try Program(arguments).finished()
        #expect(run.code == 64, "\(run.words)")
        #expect(run.words.contains("Usage:") || run.words.contains("help"))
    }

    @Test func `a hop that is no multiple of 32 is refused with the reason`() throws {
        let run = try Program.run("classify", fixture("ptbxl/00017_hr"), "--hop", "100")
        #expect(run.code == 64)
        #expect(run.words.contains("hop 100") && run.words.contains("multiple of 32"))
        let fromEnvironment = try Program.run(
            "classify",
            fixture("ptbxl/00017_hr"),
            environment: ["SHINDEN_HOP": "100"]
        )
        #expect(fromEnvironment.code == 78)
        #expect(
            fromEnvironment.words.contains("SHINDEN_HOP") && fromEnvironment.words.contains("multiple of 32")
        )
    }

    @Test(arguments: [
        (["keys", "list"], "shinden keys list [--keys"),
        (["keys", "revoke", "a"], "shinden keys revoke <name>"),
    ])
    func `a command that finds its use wrong while it runs names its own usage`(
        arguments: [String],
        usage: String
    ) throws {
        let run = try Program(arguments).finished()
        #expect(run.code == 64 && run.words.contains("Usage: \(usage)"), "\(run.words)")
        #expect(run.words.contains("See 'shinden \(arguments[0]) \(arguments[1]) --help'"), "\(run.words)")
    }

    @Test func `twenty seconds without a valid sample are refused by that name`() throws {
        let folder = try ScratchFolder()
        let header = "lost 1 250 5000\nlost.dat 16 1000/mV 16 0 -32768 0 0 II\n"
        try Data(header.utf8).write(to: URL(fileURLWithPath: folder.path + "/lost.hea"))
        // -32,768 is format 16's word for no sample.
        let samples = Data((0..<5_000).flatMap { _ in [UInt8(0), 0x80] })
        try samples.write(to: URL(fileURLWithPath: folder.path + "/lost.dat"))
        let run = try Program.run("classify", folder.path + "/lost")
        #expect(run.code == 65, "\(run.words)")
        #expect(run.words.contains("all are marked as invalid") && !run.words.contains("9 s"), "\(run.words)")
    }

    @Test func `a header of random bytes is not printed whole`() throws {
        let folder = try ScratchFolder()
        let text = String(repeating: "\u{e9}x", count: 600)
        try Data("\(text)/\(text) 1 500 3\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/r.hea"))
        let run = try Program.run("inspect", folder.path + "/r")
        #expect(run.code == 65 && run.words.contains(" ...\""), "\(run.words)")
        #expect(run.words.utf8.count < 600)
    }

    @Test func `records without annotations, and folders that are no model, are told by what is missing`()
        throws
    {
        let folder = try ScratchFolder()
        try folder.copy("cases/seg_1", to: "seg_1")
        let beats = try Program.run("evaluate", "--beats", folder.path + "/seg_1")
        #expect(beats.code == 66 && beats.words.contains("seg_1.atr") && beats.words.contains("annotations"))
        #expect(!beats.words.contains("RECORD.hea"), "\(beats.words)")
        let verified = try Program.run("model", "verify", folder.path)
        #expect(verified.code == 78 && !verified.words.contains("--model"), "\(verified.words)")
        let trained = try Program.run(
            "train",
            "--data",
            folder.path,
            "--out",
            folder.path + "/run",
            environment: ["SHINDEN_MODEL": folder.path + "/none"]
        )
        #expect(trained.code == 66, "\(trained.words)")
        #expect(trained.words.contains(folder.path + "/none") && trained.words.contains("--sentences"))
    }

    @Test func `a record that a list names and that is not there is told with the list's line`() throws {
        let folder = try ScratchFolder()
        try folder.write("# none\nmissing\n", to: "RECORDS")
        try folder.write("record,label_ids\nmissing,sinus_rhythm\n", to: "LIST.csv")
        let listed = try Program.run("classify", folder.path + "/RECORDS")
        #expect(
            listed.code == 66 && listed.words.contains("(\(folder.path)/RECORDS, line 2)"),
            "\(listed.words)"
        )
        let labelled = try Program.run(
            "evaluate",
            "--records",
            folder.path + "/LIST.csv",
            "--out",
            folder.path + "/report"
        )
        #expect(labelled.code == 65 && labelled.words.contains("/LIST.csv, line 2"), "\(labelled.words)")
    }

    @Test func `a folder of keys that is made is said to be new, one that is there is not`() throws {
        let folder = try ScratchFolder()
        #expect(try Program.run("keys", "generate", "icu-1", "--dir", folder.path).code == 0)
        let place = ["--keys", folder.path + "/KEYZ", "--role", "gateway"]
        let key = folder.path + "/icu-1.pub"
        let made = try Program(["keys", "authorise", "icu-1", key] + place).finished()
        #expect(made.code == 0 && made.words.contains("a new folder was made"), "\(made.words)")
        let again = try Program(["keys", "authorise", "icu-1", key] + place).finished()
        #expect(again.code == 0 && !again.words.contains("new folder"), "\(again.words)")
    }

    @Test func `a recording shorter than 9 s: 65, and the others go on`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let header = "short 1 500 4499\nshort.dat 16 1000/mV 16 0 0 0 0 II\n"
        try Data(header.utf8).write(to: folder.appendingPathComponent("short.hea"))
        try Data(count: 2 * 4_499).write(to: folder.appendingPathComponent("short.dat"))
        let short = folder.appendingPathComponent("short").path
        let run = try Program.run("classify", short, fixture("ptbxl/00017_hr"), "no-such-record", "--summary")
        #expect(run.code == 65, "the first failure's code")
        #expect(run.words.contains("4499 samples") && run.words.contains("9 s"))
        #expect(run.lines.count == 1 && run.output.contains("00017_hr"))
    }

    @Test(arguments: [
        ["replay", "Fixtures/ptbxl/00017_hr", "--publish", "tcp://192.0.2.1:7201"],
        ["replay", "Fixtures/ptbxl/00017_hr", "--publish", "nonsense"],
        ["watch", "--events", "tcp://example.org:7202"], ["watch", "--events", "tcp://0.0.0.0:7202"],
        ["serve", "--bind-subscribe", "tcp://*:7201"],
    ]) func `an endpoint that is not of this machine: 78`(arguments: [String]) throws {
        let run = try Program(arguments).finished()
        #expect(run.code == 78)
        #expect(run.words.contains("loopback") || run.words.contains("tcp://"))
    }

    @Test(arguments: [
        ("SHINDEN_PUBLISH", ["replay", "Fixtures/ptbxl/00017_hr"]), ("SHINDEN_EVENTS", ["watch"]),
    ]) func `the environment names an endpoint, and a flag goes before it`(
        name: String,
        arguments: [String]
    ) throws {
        let remote = [name: "tcp://192.0.2.1:7201"]
        #expect(try Program(arguments, environment: remote).finished().code == 78)
        let flag = "--" + name.dropFirst("SHINDEN_".count).lowercased()
        let run = try Program(
            arguments + [flag, freshEndpoint().text]
                + (arguments[0] == "replay" ? ["--wait-seconds", "0"] : []),
            environment: remote
        ).finished()
        #expect(run.code == 69)
    }

    @Test func `an environment variable that cannot be read: 78 and its name`() throws {
        let run = try Program.run(
            "replay",
            fixture("ptbxl/00017_hr"),
            environment: ["SHINDEN_SPEED": "fast"]
        )
        #expect(run.code == 78)
        #expect(run.words.contains("SHINDEN_SPEED=fast"))
        let model = try Program.run(
            "classify",
            fixture("ptbxl/00017_hr"),
            environment: ["SHINDEN_MODEL": "no-such-folder"]
        )
        #expect(model.code == 78)
        #expect(model.words.contains("no-such-folder"))
    }

    @Test func `no daemon: 69 and what to start`() throws {
        let replay = try Program.run(
            "replay",
            fixture("ptbxl/00017_hr"),
            "--publish",
            freshEndpoint().text,
            "--wait-seconds",
            "0.2"
        )
        #expect(replay.code == 69)
        #expect(replay.words.contains("shinden serve") && replay.words.contains("--wait-seconds"))
        let watch = try Program.run("watch", "--events", freshEndpoint().text)
        #expect(watch.code == 69)
        #expect(watch.words.contains("shinden serve") && watch.output.isEmpty)
    }

    @Test(arguments: [
        ["--gap", "x"], ["--gap", "0:100"], ["--gap", "1:1:CHEST"], ["--chunk-ms", "2000"],
        ["--patient", "a/b"],
        ["--patient", "a", "--patient", "a"],
    ]) func `a replay that cannot be: 64 and what to give`(options: [String]) throws {
        let run = try Program(["replay", fixture("ptbxl/00017_hr")] + options).finished()
        #expect(run.code == 64)
        #expect(run.words.contains("shinden replay: "))
    }

    @Test func `leads that the recording does not have: 65`() throws {
        for command in ["classify", "replay"] {
            let run = try Program.run(command, fixture("mitdb/100_0000"), "--leads", "aVR")
            #expect(run.code == 65)
            #expect(run.words.contains("aVR"))
        }
    }
}
