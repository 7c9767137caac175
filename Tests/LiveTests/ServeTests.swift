import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `shinden serve` as an operator meets it: what it says, what it refuses to start with, and its exit codes.
@Suite struct ServeTests {
    static let anyPorts = [
        "--bind-subscribe", "tcp://127.0.0.1:*", "--events", "tcp://127.0.0.1:*", "--control",
        "tcp://127.0.0.1:*",
        "--model", Repository.defaultModel,
    ]

    /// `serve` with flags that keep it from starting: exit code and words.
    private func refused(
        _ flags: [String],
        environment: [String: String] = [:]
    ) throws -> (code: Int32?, words: String) {
        let (code, lines, words) = try Program.run(["serve"] + flags, environment: environment)
        #expect(lines.isEmpty, "words belong on stderr")
        #expect(!words.contains("shinden: ready"))
        return (code, words)
    }

    @Test func `it says where it listens, what it runs, what it may need, and that it is ready`() throws {
        let daemon = try LiveDaemon(["--streams-max", "7"])
        defer { daemon.end() }
        let line = try #require(daemon.program.words.first)
        for part in [
            "research software", daemon.frames.text, daemon.control.text, "streams-max 7", "memory typically",
        ] {
            #expect(line.contains(part))
        }
        let asker = try Asker(daemon)
        #expect(try asker.status()["ready"] == .bool(true))
        #expect(daemon.stop() == 0)
        #expect(daemon.program.lines.isEmpty)
    }

    @Test(arguments: ["--bind-subscribe", "--events", "--control"])
    func `a port in use: exit 69 and which one`(flag: String) throws {
        let holder = try Socket(.pub, in: try Context())
        let taken = try holder.bind(try Endpoint("tcp://127.0.0.1:*"))
        let (code, words) = try refused(Self.anyPorts + [flag, taken.text])
        #expect(code == 69)
        #expect(words.contains(taken.text))
        #expect(words.contains("in use"))
        _ = consume holder
    }

    @Test(arguments: [
        ("--bind-subscribe", "tcp://0.0.0.0:7201"), ("--events", "tcp://*:7202"),
        ("--control", "tcp://[::]:7203"),
        ("--subscribe", "tcp://192.0.2.1:7201"), ("--events", "tcp://ward.example:7202"),
    ])
    func `an endpoint that is not on this machine: exit 78 and why`(flag: String, endpoint: String) throws {
        let (code, words) = try refused(Self.anyPorts + [flag, endpoint])
        #expect(code == 78)
        #expect(words.contains(endpoint))
        #expect(words.contains("loopback"))
    }

    @Test(arguments: ["7201", "tcp://127.0.0.1", "udp://127.0.0.1:1", "tcp://127.0.0.1:99999"])
    func `what is no endpoint: exit 78 and why`(endpoint: String) throws {
        let (code, words) = try refused(Self.anyPorts + ["--events", endpoint])
        #expect(code == 78)
        #expect(words.contains(endpoint))
    }

    @Test(arguments: ["0", "31", "100", "500", "-32", "x"]) func `a hop that cannot be: exit 78 and why`(
        hop: String
    ) throws {
        let (code, words) = try refused(Self.anyPorts + ["--hop=\(hop)"])
        #expect(code == 78)
        #expect(words.contains("hop"))
    }

    @Test func `a model that lacks a file or was tampered with: exit 78 and which file`() throws {
        let files = ["encoder.safetensors", "label-bank.safetensors", "model.json"]
        for (name, breaks) in files.flatMap({ name in [(name, true), (name, false)] }) {
            let scratch = try Scratch()
            defer { scratch.end() }
            for other in files where other != name {
                try FileManager.default.createSymbolicLink(
                    atPath: scratch.at(other),
                    withDestinationPath: Repository.defaultModel + "/" + other
                )
            }
            if breaks {
                var bytes = try Data(contentsOf: URL(filePath: Repository.defaultModel + "/" + name))
                bytes[bytes.count - 3] ^= 1
                try bytes.write(to: URL(filePath: scratch.at(name)))
            }
            let (code, words) = try refused(Self.anyPorts + ["--model", scratch.path])
            #expect(code == 78)
            #expect(words.contains(name), "\(breaks ? "tampered" : "missing") \(name): \(words)")
        }
        #expect(try refused(Self.anyPorts + ["--model", "/nowhere"]).code == 78)
    }

    @Test func `an unknown flag: exit 64`() throws {
        #expect(try refused(Self.anyPorts + ["--streams", "3"]).code == 64)
    }

    @Test func `the configuration that is printed gives the same configuration again`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let flags = [
            "--subscribe", "tcp://127.0.0.1:9000", "--subscribe", "ipc:///tmp/x", "--hop", "160",
            "--streams-max", "12",
            "--idle-seconds", "9", "--workers", "3", "--node", "a: \"b\" #c", "--log-level", "debug",
            "--model", "/m\\n",
        ]
        let printed = try Program.run(["serve", "--print-config"] + flags)
        #expect(printed.code == 0)
        #expect(printed.lines.contains("hop: 160"))
        let file = try scratch.write(printed.lines.joined(separator: "\n"), to: "shinden.yaml")
        let again = try Program.run(["serve", "--print-config", "--config", file])
        #expect(again.code == 0, "\(again.words)")
        #expect(again.lines == printed.lines)
    }

    @Test func `flags go before the environment, it before the file, that before the defaults`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let file = try scratch.write("hop: 32\nstreams-max: 5\nidle-seconds: 7\n", to: "c.yaml")
        let environment = ["SHINDEN_HOP": "64", "SHINDEN_STREAMS_MAX": "6", "SHINDEN_CONFIG": file]
        let (code, lines, words) = try Program.run(
            ["serve", "--print-config", "--hop", "96"],
            environment: environment
        )
        #expect(code == 0, "\(words)")
        for line in ["hop: 96", "streams-max: 6", "idle-seconds: 7", "node: \"local\""] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
    }

    @Test(arguments: [
        ("streems-max: 5", "streems-max"), ("- 1", "mapping"), ("hop: [", "YAML"), ("hop: many", "many"),
        ("streams-max: 0", "streams-max"), ("log-level: loud", "loud"),
    ])
    func `a file that says what is not known: exit 78 and what`(text: String, word: String) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let file = try scratch.write(text, to: "c.yaml")
        let (code, words) = try refused(["--config", file])
        #expect(code == 78)
        #expect(words.contains(file))
        #expect(words.contains(word), "\(words)")
    }

    @Test(arguments: [
        ("version: 2", "version"), ("version: 1\nstatements: {asystol: {}}", "asystol"),
        ("version: 1\nstatements: {asystole: {priority: low}}", "high by the catalogue"),
        ("version: 1\nchains: [[pause, asystole, pause]]", "contains itself"), ("[", "YAML"),
    ])
    func `a policy that cannot hold: exit 78 and why`(text: String, word: String) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let file = try scratch.write(text, to: "policy.yaml")
        let (code, words) = try refused(Self.anyPorts + ["--policy", file])
        #expect(code == 78)
        #expect(words.contains(file))
        #expect(words.contains(word), "\(words)")
        #expect(try refused(Self.anyPorts + ["--policy", "/nowhere.yaml"]).code == 78)
    }

    @Test func `a configuration file that is not there: exit 78`() throws {
        let (code, words) = try refused(["--config", "/nowhere.yaml"])
        #expect(code == 78)
        #expect(words.contains("/nowhere.yaml"))
    }

    @Test func `a value of the environment that cannot be: exit 78 and its name`() throws {
        let (code, words) = try refused([], environment: ["SHINDEN_WORKERS": "many"])
        #expect(code == 78)
        #expect(words.contains("SHINDEN_WORKERS"))
    }
}
