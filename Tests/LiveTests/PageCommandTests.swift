import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// The pages for authors of gateways, for readers of events and for those who look into what went wrong.
@Suite struct PageCommandTests {
    @Test func `commands are found in blocks and sentences, without remarks`() {
        let page = PageCommands(
            text: """
                Ask `shinden status`, or `shinden`, or `status`.

                ```
                shinden inspect LOGS   # what is in it
                make demo
                ```

                | `SHINDEN_CASES=34 make test FILTER=KillTests` | 0 |
                """
        )
        #expect(page.commands == [["status"], ["inspect", "LOGS"]])
        #expect(page.suites == ["KillTests"])
    }

    @Test(arguments: [("GATEWAYS", 12), ("READERS", 4), ("TECHNICAL_EVENTS", 1), ("FRAME_LOG", 7)])
    func `every command of the pages runs as it stands there`(page: String, count: Int) throws {
        let shown = try PageCommands(page: page)
        #expect(shown.commands.count >= count, "\(shown.commands)")
        for suite in shown.suites { #expect(try isSuite(suite), "\(suite)") }
        var reader = try PageReader()
        defer { reader.end() }
        for command in shown.commands { try reader.type(command) }
    }

    /// Whether a file of the tests has a suite of that name.
    private func isSuite(_ name: String) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: Repository.root + "/Tests")?.compactMap {
            $0 as? String
        }
        return try (files ?? []).contains { path in
            try path.hasSuffix(".swift")
                && String(contentsOfFile: Repository.root + "/Tests/" + path, encoding: .utf8)
                    .contains("struct \(name)")
        }
    }
}

/// Somebody who types the commands of a page, one after the other, with a daemon of the newest `serve` beside.
private struct PageReader {
    private let scratch: Scratch
    private var daemon: LiveDaemon
    /// The folders that the page names, of the newest `serve`.
    private var folder: String
    private var daemonCount = 0
    /// A moment of the newest daemon's signal of p0001.
    private var moment = ""

    init() throws {
        scratch = try Scratch()
        folder = scratch.at("0")
        daemon = try LiveDaemon()
        try listenToSignal()
        try expectRun(["keys", "generate", "daemon", "--dir", scratch.at("keys")])
    }

    func end() {
        daemon.end()
        scratch.end()
    }

    /// Runs it as it stands on the page; what the page leaves open comes from the environment.
    mutating func type(_ command: [String]) throws {
        switch command.first {
        case "serve": try serve(Array(command.dropFirst()))
        case "watch": try watch(command)
        case "replay" where command.contains("LOGS"):
            // What was recorded is sent to another daemon, as this one would record it again.
            let recorded = (folder, moment)
            try serve([])
            (folder, moment) = recorded
            try expectRun(command.map(filled))
        case "replay" where !command.contains { $0 == "RECORD" || $0.hasPrefix("Fixtures/") }:
            try expectRun(command + [filled("RECORD")])
        default: try expectRun(command.map(filled))
        }
    }

    /// A word of the page with what stands for something put in.
    private func filled(_ word: String) -> String {
        switch word {
        case "RECORD": Repository.fixtures + "/ptbxl/00017_hr"
        case "DIR", "STATE", "LOGS": folder + "/" + word
        case "STATE/log": folder + "/STATE/log"
        case "ENDPOINT", "tcp://127.0.0.1:7205": "tcp://127.0.0.1:*"
        case "2026-01-02T03:04:05Z": moment
        default: word
        }
    }

    private mutating func serve(_ flags: [String]) throws {
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
        daemon.end()
        daemonCount += 1
        folder = scratch.at("\(daemonCount)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        daemon = try LiveDaemon(flags.map(filled))
        try listenToSignal()
    }

    /// Sends ten seconds of p0001 in ten seconds and keeps a moment of them, which the log then reaches by its own clock.
    private mutating func listenToSignal() throws {
        let listener = try Listener(daemon)
        try expectRun(["replay", filled("RECORD"), "--speed", "1"])
        #expect(try listener.hears("a window") { $0.isDiagnosis })
        moment = try #require(listener.heard.last?.data["window"]?.object?["end"]?.text)
    }

    private func sendSignal() throws { try expectRun(["replay", filled("RECORD")]) }

    private func environment(of command: [String]) -> [String: String] {
        let frames = command.contains("--acknowledged") ? daemon.ingest ?? daemon.frames : daemon.frames
        return [
            "SHINDEN_PUBLISH": frames.text, "SHINDEN_EVENTS": daemon.events.text,
            "SHINDEN_CONTROL": daemon.control.text, "SHINDEN_KEYS": scratch.at("keys"),
            "SHINDEN_SPEED": "max",
        ]
    }

    private func expectRun(_ command: [String]) throws {
        let run = try Program.run(command, environment: environment(of: command))
        #expect(run.code == 0, "\(command): \(run.words)")
    }

    /// Shows events until somebody ends it.
    private func watch(_ command: [String]) throws {
        let watch = try Program.shinden(command, environment: environment(of: command))
        defer { watch.end() }
        let isShown = try eventually {
            if watch.lines.isEmpty { try sendSignal() }
            return !watch.lines.isEmpty
        }
        #expect(isShown, "\(command): \(watch.words)")
        watch.send(SIGINT)
        #expect(watch.exitCode() == 130, "\(command): \(watch.words)")
    }
}
