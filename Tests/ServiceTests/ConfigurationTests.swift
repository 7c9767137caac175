import Foundation
import Logging
import TestSupport
import Testing

@testable import Service

/// Keys from flags, environment and file, each checked where it enters.
@Suite struct ConfigurationTests {
    private func configuration(_ yaml: String) throws -> Configuration {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "shinden-\(UInt64.random(in: 0 ... .max)).yaml"
        )
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = Configuration()
        try configuration.read(file: file.path)
        return configuration
    }

    @Test func `the defaults are those that the documents state`() {
        let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
        #expect(
            Configuration().yaml == """
                subscribe: []
                bind-subscribe: "tcp://127.0.0.1:7201"
                ingest: ""
                state: ""
                ack: power
                events: "tcp://127.0.0.1:7202"
                control: "tcp://127.0.0.1:7203"
                waves: ""
                model: "Models/default"
                policy: ""
                keys: ""
                hop: 512
                streams-max: 1000
                idle-seconds: 60
                ingest-speed-max: 20
                stop-seconds: 5
                record: ""
                record-hours: 24
                record-bytes-max: 50000000000
                journal-hours: 168
                journal-bytes-max: 10000000000
                workers: \(workers)
                node: "local"
                log-level: info
                log-format: text
                log-plain-ids: false
                """
        )
    }

    @Test func `an empty flag is no flag that was left away`() throws {
        for key in ["keys", "state", "record", "policy", "events"] {
            var configuration = Configuration()
            let refused = #expect(throws: Configuration.Refused.self) {
                try configuration.set(flag: key, to: "")
            }
            #expect(refused?.description == "--\(key) is empty; give a value, or leave --\(key) away")
            try configuration.set(flag: key, to: "tcp://127.0.0.1:1")
        }
    }

    @Test func `the defaults pass their own checks and are printed and read again`() throws {
        let defaults = Configuration()
        _ = try defaults.endpoints()
        #expect(try configuration(defaults.yaml).yaml == defaults.yaml)
    }

    @Test(arguments: seeds(200)) func `what is printed is read again, whatever stands in it`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let letters = Array("ab \"\\'#:{}[],&*!|>%@-\tµ心\u{1}")
        func text() -> String {
            String(
                (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                    letters.randomElement(using: &generator) ?? "a"
                }
            )
        }
        var before = Configuration()
        before.model = text()
        before.node = text()
        before.events = "ipc://" + text()
        before.hop = Int.random(in: 32...4_992, using: &generator)
        before.workers = Int.random(in: 1...64, using: &generator)
        before.logLevel = Configuration.logLevels.randomElement(using: &generator) ?? .info
        before.logPlainIDs = Bool.random(using: &generator)
        before.logFormat = LineLogHandler.Format.allCases.randomElement(using: &generator) ?? .text
        if Bool.random(using: &generator) { before.subscribe = ["tcp://127.0.0.1:1", "ipc:///x"] }
        let after = try configuration(before.yaml)
        #expect(after.yaml == before.yaml, "seed \(seed)")
        #expect(after.model == before.model, "seed \(seed)")
        #expect(after.node == before.node, "seed \(seed)")
        #expect(after.subscribe == before.subscribe)
    }

    @Test(arguments: ConfigurationKey.all.map(\.name))
    func `a key is one row: file, environment and print agree`(
        name: String
    ) throws {
        let key = try #require(ConfigurationKey.named(name))
        #expect(ConfigurationKey.all.count { $0.name == name } == 1)
        #expect(key.help.hasSuffix(".") && !key.help.isEmpty)
        #expect(Configuration().yaml.contains("\(name): "))
        // Another value than the default, by each way in.
        let text =
            [
                "hop": "32", "log-level": "debug", "log-format": "json", "log-plain-ids": "true",
                "record-bytes-max": "16000000", "journal-bytes-max": "2000000", "ack": "process",
            ][name] ?? "7"
        var fromEnvironment = Configuration()
        try fromEnvironment.read(environment: [key.variable: text])
        let fromFile = try configuration("\(name): \(text)")
        #expect(fromEnvironment.yaml == fromFile.yaml)
        #expect(fromFile.yaml != Configuration().yaml)
    }

    @Test func `numbers and truths may be spelled as YAML spells them`() throws {
        #expect(try configuration("hop: 0x20").hop == 32)
        #expect(try configuration("record-bytes-max: 16_000_000").recordBytesMax == 16_000_000)
        #expect(try configuration("log-plain-ids: yes").logPlainIDs)
        #expect(try configuration("node: 2026-01-02").node == "2026-01-02")
        #expect(try configuration("subscribe: [tcp://127.0.0.1:1, 'ipc:///x']").subscribe.count == 2)
    }

    @Test func `an empty file changes nothing`() throws {
        for text in ["", "# nothing\n", "---\n", "null\n"] {
            #expect(try configuration(text).yaml == Configuration().yaml)
        }
    }

    @Test(arguments: [
        "hopp: 32", "hop: 0", "hop: 4993", "hop: 32.5", "hop: [1, 2]", "hop: {a: 1}", "hop:",
        "streams-max: 100001", "stop-seconds: 0", "stop-seconds: 3601", "log-format: xml", "log-plain-ids: 1",
        "log-plain-ids: maybe", "log-level: trace",
        "idle-seconds: -1", "workers: 65", "workers: 9999999999999999999999", "log-level: INFO", "node: \"\"",
        "[]", "7",
        "hop: 32\nhop: 64", "a: &a [*a]", "{", "\u{0}", "1: 2", "node:", "hop: 1:30", "node: {a: 1}",
        "subscribe: [[a]]", "? [hop]\n: 32",
        // To the base 60 it is beyond 64 bits, which ended the program.
        "hop: 1:2:3:4:5:6:7:8:9:10:11:12:13", "hop: !!int 1:2:3:4:5:6:7:8:9:10:11:12:13",
    ])
    func `a file with a key or value that cannot be is refused`(text: String) {
        #expect(throws: Configuration.Refused.self) { try configuration(text) }
    }

    @Test func `aliases that stand for each other are refused before they multiply`() {
        var text = "? &a0 [x, x]\n: 1\n"
        for number in 1..<65 { text += "? &a\(number) [*a\(number - 1), *a\(number - 1)]\n: 1\n" }
        #expect(throws: Configuration.Refused.self) { try configuration(text) }
    }

    @Test(arguments: [
        ("streams-max: 0", "1 to 100000"), ("log-format: xml", "text, json"),
        ("log-plain-ids: maybe", "true, false"),
        ("node: \"\"", "1 to 64 bytes"),
    ]) func `a refusal says what the value may be`(text: String, words: String) {
        do {
            _ = try configuration(text)
            Issue.record("\(text) was taken")
        } catch { #expect("\(error)".contains(words), "\(error)") }
    }

    @Test func `the environment names keys in capitals`() throws {
        var configuration = Configuration()
        try configuration.read(environment: [
            "SHINDEN_STREAMS_MAX": "12", "SHINDEN_SUBSCRIBE": "tcp://127.0.0.1:1,ipc:///x", "HOP": "32",
            "SHINDEN_UNRELATED": "x",
        ])
        #expect(configuration.streamsMax == 12)
        #expect(configuration.subscribe == ["tcp://127.0.0.1:1", "ipc:///x"])
        #expect(configuration.hop == Configuration().hop)
    }

    @Test(arguments: ConfigurationKey.all.map(\.variable))
    func `an empty variable counts as not set`(variable: String) throws {
        var configuration = Configuration()
        try configuration.read(environment: [variable: ""])
        #expect(configuration.yaml == Configuration().yaml)
        _ = try configuration.endpoints()
    }

    @Test(arguments: [
        ("events", "tcp://10.0.0.1:1"), ("control", "tcp://*:1"), ("bind-subscribe", "tcp://[::]:1"),
        ("events", ""),
        ("subscribe", "tcp://127.0.0.1:1,tcp://8.8.8.8:1"), ("events", "inproc"),
    ])
    func `an endpoint that another machine could reach is refused by name`(key: String, value: String) throws
    {
        var configuration = Configuration()
        try configuration.set(key, to: value, source: "--\(key)")
        let error = #expect(throws: Configuration.Refused.self) { try configuration.endpoints() }
        #expect(error?.description.contains(key) == true)
    }

    @Test func `memory grows with the streams that may be open, and the worst is above the typical`() {
        var small = Configuration()
        small.streamsMax = 10
        var large = small
        large.streamsMax = 1_000
        #expect(MemoryBound(small).typicalMegabytes < MemoryBound(large).typicalMegabytes)
        #expect(MemoryBound(large).typicalMegabytes < MemoryBound(large).worstMegabytes)
    }

    @Test
    func `a policy that everybody may change is refused, and of one that its group may change is warned`()
        throws
    {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).yaml"
        try Data("version: 1\n".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        func allow(_ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        var configuration = Configuration()
        configuration.policy = path
        for mode in [0o644, 0o600, 0o400] {
            try allow(mode)
            #expect(try configuration.checkPolicy() == nil)
        }
        try allow(0o664)
        let warning = try #require(try configuration.checkPolicy())
        #expect(warning.contains("its group may change it") && warning.contains("chmod 644 \(path)"))
        for mode in [0o666, 0o646, 0o777] {
            try allow(mode)
            let refused = #expect(throws: Configuration.Refused.self) { try configuration.checkPolicy() }
            #expect(refused?.description.contains("everybody may change it") == true)
        }
        // What is only compared silences nobody.
        #expect(try WardPolicy(file: path, isInForce: false).bytes == Array("version: 1\n".utf8))
    }
}
