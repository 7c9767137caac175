import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// `shinden compare` of what a real daemon has recorded.
@Suite struct CompareLiveTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    private func compared(_ log: String, _ first: String, _ second: String) throws -> JSONObject {
        let (code, lines, words) = try Program.run([
            "compare", log, "--policy", first, "--policy", second, "--json", "--model",
            Repository.defaultModel,
        ])
        #expect(code == 0, "\(words)")
        let bytes = Array((lines.first ?? "").utf8)
        return try #require(try JSONValue(parsing: bytes, byteCountMax: 1 << 20).object)
    }

    private func statements(_ word: String, in page: JSONObject) -> [String] {
        (page[word]?.array ?? []).compactMap { $0.object?["statement"]?.text }
    }

    @Test func `a longer delay moves an alarm, one that is too long loses it, and the same policy keeps all`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let daemon = try LiveDaemon(["--record", log, "--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        // Seven seconds of standstill, then the same heart goes on.
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<14_000, flat: 5_000..<8_500))
        #expect(try listener.alarm("asystole", phase: "start") != nil)
        #expect(try eventually { try Asker(daemon).status()["frames"]?.whole == 140 })
        #expect(daemon.stop() == 0, "\(daemon.program.words)")

        let same = try compared(log, "recorded", "default")
        #expect(statements("kept", in: same).contains("asystole"))
        for word in ["moved", "lost", "gained"] { #expect(statements(word, in: same).isEmpty, "\(word)") }

        func policy(_ onset: Int) throws -> String {
            let path = scratch.at("\(onset).yaml")
            try "version: 1\nstatements:\n  asystole: {onset_seconds: \(onset)}\n".write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
            return path
        }
        let later = try compared(log, "recorded", try policy(6))
        // The pause that it escalates from moves with it.
        #expect(statements("moved", in: later) == ["pause", "asystole"], "\(later)")
        let moved = try #require(later["moved"]?.array?.last?.object)
        #expect(moved["priority"]?.text == "high")
        let began = try #require(moved["began"]?.text)
        #expect(began < (try #require(moved["to"]?.object?["began"]?.text)))
        let never = try compared(log, "default", try policy(10))
        #expect(statements("lost", in: never).contains("asystole"), "\(never)")

        let table = try Program.run([
            "compare", log, "--policy", "default", "--policy", try policy(10), "--model",
            Repository.defaultModel,
        ])
        #expect(table.code == 0 && table.lines.contains { $0.hasPrefix("lost") && $0.contains("asystole") })
        let wrong = try Program.run([
            "compare", log, "--policy", "default", "--policy", scratch.at("none.yaml"), "--model",
            Repository.defaultModel,
        ])
        #expect(wrong.code == 78 && wrong.words.contains("none.yaml"), "\(wrong.words)")
    }
}
