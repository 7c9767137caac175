import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `shinden doctor` as a process, under conditions that are really so.
@Suite struct DoctorCommandTests {
    /// What the program said.
    private struct Report {
        let code: Int32?
        let findings: [String: JSONObject]
        let words: String

        func grade(_ subject: String) -> String { findings[subject]?["grade"]?.text ?? "none" }
        func said(_ subject: String) -> String { findings[subject]?["words"]?.text ?? "" }
        func remedy(_ subject: String) -> String { findings[subject]?["remedy"]?.text ?? "" }
    }

    private static let free = [
        "--bind-subscribe", "tcp://127.0.0.1:*", "--events", "tcp://127.0.0.1:*", "--control",
        "tcp://127.0.0.1:*", "--model", Repository.defaultModel,
    ]

    /// Runs it with flags over those of free endpoints; `shell` is a line of bash that ends by running `"$0" "$@"`.
    private func doctor(
        _ flags: [String] = [],
        environment: [String: String] = [:],
        shell: String = #"exec "$0" "$@""#
    ) throws -> Report {
        let program = try Program(
            "/bin/bash",
            ["-c", shell, try Program.shindenPath(), "doctor", "--json"] + Self.given(flags),
            environment: environment
        )
        defer { program.end() }
        let code = program.exitCode()
        let line = try #require(program.lines.first, "\(program.words)")
        let object = try #require(try JSONValue(parsing: Array(line.utf8)).object)
        let findings = try #require(object["findings"]?.array).compactMap(\.object)
        for finding in findings where finding["grade"] != .string("pass") {
            #expect(finding["remedy"]?.text?.isEmpty == false, "\(finding)")
        }
        let fails = findings.count { $0["grade"] == .string("fail") }
        #expect(object["fail"] == .integer(Int64(fails)))
        #expect(code == (fails > 0 ? 1 : 0), "\(line)")
        return Report(
            code: code,
            findings: Dictionary(findings.map { ($0["subject"]?.text ?? "", $0) }) { $1 },
            words: program.words.joined(separator: "\n")
        )
    }

    /// Flags with those of free endpoints before them, where they do not name the same.
    private static func given(_ flags: [String]) -> [String] {
        let pairs = stride(from: 0, to: free.count, by: 2).map { (free[$0], free[$0 + 1]) }
        return pairs.filter { !flags.contains($0.0) }.flatMap { [$0.0, $0.1] } + flags
    }

    @Test func `nothing fails where a daemon would run, and a line each says so`() throws {
        let report = try doctor()
        #expect(report.code == 0, "\(report.findings)")
        for subject in [
            "processor", "libraries", "openblas", "clock", "open-files", "memory", "configuration", "model",
            "policy", "keys", "record", "journal", "bind-subscribe", "events", "control", "waves",
        ] {
            #expect(["pass", "warn"].contains(report.grade(subject)), "\(subject)")
        }
        #expect(report.said("libraries").contains("libzmq 4."))
        #expect(report.said("model").contains("its hashes hold"))
        let text = try Program.run(["doctor"] + Self.free)
        #expect(text.code == 0)
        #expect(
            text.lines.allSatisfy {
                $0.hasPrefix("pass  ") || $0.hasPrefix("warn  ") || $0.hasPrefix("      ")
            }
        )
        #expect(text.words.contains("0 fail"))
    }

    @Test func `an endpoint that a daemon holds, one of two keys, and one of no machine fail`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let taken = try doctor(["--events", daemon.events.text])
        #expect(taken.grade("events") == "fail" && taken.said("events").contains("is taken"))
        #expect(taken.remedy("events").contains("--events"))
        #expect(taken.grade("control") == "pass")
        // The daemon that runs is not troubled by it.
        #expect(try Asker(daemon).status()["ready"] == .bool(true))

        let scratch = try Scratch()
        defer { scratch.end() }
        let twice = "ipc://" + scratch.at("both")
        #expect(try doctor(["--events", twice, "--control", twice]).grade("control") == "fail")
        let file = try scratch.write("not a socket", to: "file")
        #expect(try doctor(["--control", "ipc://" + file]).grade("control") == "fail")
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try doctor(["--control", "tcp://192.0.2.1:7203"]).grade("endpoints") == "fail")
    }

    @Test func `keys that are missing or loose fail, keys that nobody sends with are a warning`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let folder = scratch.at("keys")
        #expect(try doctor(["--keys", folder]).grade("keys") == "fail")
        #expect(try Program.run(["keys", "generate", "daemon", "--dir", folder]).code == 0)
        let nobody = try doctor(["--keys", folder])
        #expect(nobody.grade("keys") == "fail")
        #expect(nobody.remedy("keys").contains("shinden keys authorise"))
        #expect(try Program.run(["keys", "generate", "desk", "--dir", scratch.path]).code == 0)
        let desk = [
            "keys", "authorise", "desk", scratch.at("desk.pub"), "--keys", folder, "--role", "dashboard",
        ]
        #expect(try Program.run(desk).code == 0)
        let silent = try doctor(["--keys", folder, "--control", "tcp://192.0.2.1:7203"])
        #expect(silent.grade("keys") == "warn")
        #expect(silent.grade("control") == "fail", "an address of no machine, which keys would let it serve")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: folder + "/daemon.key"
        )
        let loose = try doctor(["--keys", folder])
        #expect(loose.grade("keys") == "fail")
        #expect((loose.said("keys") + loose.remedy("keys")).contains("chmod"))
    }

    @Test func `a model that is missing or damaged, a policy that cannot be and a wrong key fail`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        #expect(try doctor(["--model", scratch.at("none")]).grade("model") == "fail")
        let model = scratch.at("model")
        try FileManager.default.copyItem(atPath: Repository.defaultModel, toPath: model)
        let file = try FileHandle(forUpdating: URL(filePath: model + "/encoder.safetensors"))
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - 1)
        let last = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: end - 1)
        try file.write(contentsOf: Data([last ^ 1]))
        try file.close()
        #expect(try doctor(["--model", model]).grade("model") == "fail")

        let policy = try scratch.write("no_such_key: 1\n", to: "policy.yaml")
        #expect(try doctor(["--policy", policy]).grade("policy") == "fail")

        let config = try scratch.write("streams_max: 5\n", to: "config.yaml")
        let refused = try doctor(["--config", config])
        #expect(refused.grade("configuration") == "fail")
        #expect(refused.said("configuration").contains("streams_max"))
        #expect(refused.grade("processor") != "none" && refused.grade("model") == "none")
    }

    @Test func `a folder that cannot be written or has no room fails, and one that is tried stays as it was`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let fresh = scratch.at("a/b")
        #expect(["pass", "warn"].contains(try doctor(["--record", fresh]).grade("record")))
        #expect(!FileManager.default.fileExists(atPath: scratch.at("a")))
        for short in ["y", "y/z", "~"] {
            #expect(["pass", "warn"].contains(try doctor(["--record", short]).grade("record")), "\(short)")
        }
        #expect(try doctor(["--record", "/proc/logs"]).grade("record") == "fail")
        let file = try scratch.write("", to: "file")
        #expect(try doctor(["--record", file]).grade("record") == "fail")
        let many = try doctor(["--record", fresh, "--record-bytes-max", "1000000000000000"])
        #expect(many.grade("record") == "warn")
    }

    /// A file of those bytes where the journal of a state folder stands.
    private func journal(_ bytes: String, _ state: String) throws -> String {
        try FileManager.default.createDirectory(atPath: state + "/journal", withIntermediateDirectories: true)
        try Data(bytes.utf8).write(to: URL(filePath: state + "/journal/events.sqlite"))
        return state + "/journal/events.sqlite"
    }

    @Test func `a journal is told where it goes on, damaged or another's, and stays as it was`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        func examined(_ state: String) throws -> Report { try doctor(["--state", scratch.at(state)]) }
        #expect(try examined("fresh").grade("journal") == "pass")
        for (state, bytes, grade) in [("other", "not a database, by far", "fail"), ("empty", "", "pass")] {
            let file = try journal(bytes, scratch.at(state))
            #expect(try examined(state).grade("journal") == grade)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == bytes)
        }
        let damaged = "SQLite format 3\u{0}" + String(repeating: "x", count: 5_000)
        _ = try journal(damaged, scratch.at("damaged"))
        let report = try examined("damaged")
        #expect(report.grade("journal") == "warn" && report.remedy("journal").contains("sets it aside"))
        try FileManager.default.createDirectory(atPath: scratch.at("file"), withIntermediateDirectories: true)
        _ = try scratch.write("", to: "file/journal")
        #expect(try examined("file").said("journal").contains("no folder"))
        let pipe = try journal("", scratch.at("pipe"))
        try FileManager.default.removeItem(atPath: pipe)
        // Safe: the call reads the text, which outlives it.
        let made = unsafe mkfifo(pipe, 0o600)
        #expect(made == 0)
        #expect(try examined("pipe").grade("journal") == "fail")
        // One that a daemon has written.
        let folder = scratch.at("kept")
        let daemon = try LiveDaemon(["--state", folder])
        defer { daemon.end() }
        #expect(daemon.stop() == 0)
        let file = folder + "/journal/events.sqlite"
        let before = try #require(FileManager.default.contents(atPath: file))
        #expect(try doctor(["--state", folder]).said("journal").contains("goes on after event"))
        #expect(FileManager.default.contents(atPath: file) == before)
    }

    /// Whether a mount of one's own may be made here.
    private static let mayMount: Bool = {
        let program = try? Program("/usr/bin/unshare", ["-rm", "/bin/mount", "-t", "tmpfs", "x", "/mnt"])
        defer { program?.end() }
        return program?.exitCode() == 0
    }()

    @Test(.enabled(if: mayMount, "a mount of one's own may not be made here"))
    func `a disk with a megabyte of room fails`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let report = try doctor(
            ["--record", "/mnt"],
            shell:
                #"exec unshare -rm /bin/bash -c 'mount -t tmpfs -o size=1m x /mnt && exec "$0" "$@"' "$0" "$@""#
        )
        #expect(report.grade("record") == "fail")
        #expect(report.said("record").contains("MB are free"))
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/faketime"),
            "Debian's faketime is not here"
        )
    )
    func `a clock that shows the past fails`() throws {
        let report = try doctor(shell: #"exec faketime '2001-02-03 04:05:06' "$0" "$@""#)
        #expect(report.grade("clock") == "fail")
        #expect(report.said("clock").contains("2001"))
    }

    @Test func `few open files, little memory and kernels of an old processor are told`() throws {
        #expect(try doctor(shell: #"ulimit -n 100; exec "$0" "$@""#).grade("open-files") == "fail")
        #expect(try doctor(shell: #"ulimit -n 600; exec "$0" "$@""#).grade("open-files") == "warn")
        // serve raises the soft limit by itself, so that alone is no fault.
        #expect(try doctor(shell: #"ulimit -Sn 100; exec "$0" "$@""#).grade("open-files") == "pass")
        #expect(try doctor(["--streams-max", "100000"]).grade("memory") == "fail")
        let old = try doctor(environment: ["OPENBLAS_CORETYPE": "Prescott"])
        if !old.said("processor").contains("portable") { #expect(old.grade("openblas") == "warn") }
    }

    @Test func `the dashboard's users are looked at where their file is named`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        #expect(try doctor().grade("users") == "none")
        #expect(try doctor(["--users", scratch.at("none")]).grade("users") == "fail")
        let users = try scratch.write("shinden users 1\n", to: "users")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: users)
        #expect(try doctor(["--users", users]).grade("users") == "warn")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: users)
        let loose = try doctor(["--users", users])
        #expect(loose.grade("users") == "fail" && loose.remedy("users").contains("chmod 600"))
    }
}
