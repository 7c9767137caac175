import ECGSignal
import Foundation
import Recordings
import TestSupport
import Testing
import Wire
import ZeroMQ

/// The Python gateway sends, the Swift daemon finds, the Python reader reads: what `classify` finds in the file.
@Suite struct LiveEqualsFileTests {
    /// A record, and what `classify` is told about its leads.
    struct Case: CustomTestStringConvertible, Sendable {
        let record: String
        var nameLeads: [String] = []
        var testDescription: String { record }
    }

    static let cases = [
        Case(record: "ptbxl/00017_hr"), Case(record: "ptbxl100/00045_lr"), Case(record: "ptbxl/01021_hr"),
        Case(record: "ptb/S0001"), Case(record: "mitdb/100_0000", nameLeads: ["I", "V1"]),
    ]

    /// Encoding and chunk length: odd ones, and random ones up to a second.
    static let sendings = [
        ("int16", "37", 1), ("int32", "random", 2), ("float32", "random", 3), ("delta", "random", 4),
    ]

    @Test(arguments: cases) func `live equals file bit for bit over tcp, in odd chunks, in each encoding`(
        _ sent: Case
    ) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let original = Repository.fixtures + "/" + sent.record
        let path =
            sent.nameLeads.isEmpty ? original : try format16(original, leads: sent.nameLeads, in: scratch)
        let expected = try classified(original, nameLeads: sent.nameLeads)
        try #require(!expected.isEmpty)

        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let reader = try Python.example("reader.py", ["--events", daemon.events.text])
        defer { reader.end() }
        #expect(
            eventually { !reader.lines.isEmpty || !reader.isRunning },
            "a heartbeat shows the subscription"
        )

        for (encoding, chunk, seed) in Self.sendings {
            let gateway = try Python.example(
                "gateway.py",
                [
                    path, "--publish", daemon.frames.text, "--patient", encoding, "--encoding", encoding,
                    "--chunk",
                    chunk, "--seed", "\(seed)",
                ]
            )
            defer { gateway.end() }
            #expect(gateway.exitCode() == 0, "\(gateway.words)")
        }
        #expect(
            eventually { closed(in: reader.lines) == Self.sendings.count },
            "each stream ends with its last chunk"
        )
        let heard = try reader.lines.map { try object($0) }
        for (encoding, _, _) in Self.sendings {
            let found = heard.filter {
                ["shinden.diagnosis.v1", "shinden.alarm.v1"].contains($0["type"]?.text)
                    && $0["subject"]?.text == encoding
            }
            #expect(ordered(found.map { $0["data"]?.object ?? [:] }) == expected, "\(encoding)")
        }
        #expect(daemon.stop() == 0)
    }

    private func closed(in lines: [String]) -> Int { lines.count { $0.contains(#""code":"stream_closed""#) } }

    private func object(_ line: String) throws -> JSONObject {
        try #require(try JSONValue(parsing: Array(line.utf8)).object)
    }

    private func classified(_ path: String, nameLeads: [String]) throws -> [String] {
        let naming = nameLeads.isEmpty ? [] : ["--name-leads", nameLeads.joined(separator: ",")]
        let arguments = ["classify", path, "--json", "--model", Repository.defaultModel]
        let (code, lines, words) = try Program.run(arguments + naming)
        #expect(code == 0, "\(words)")
        return ordered(try lines.map { try object($0) })
    }

    /// Windows in their order, then alarms: windows may come later than the alarms of the same samples.
    private func ordered(_ found: [JSONObject]) -> [String] {
        let windows = found.filter { $0["alarm_id"] == nil }
        return windows.map(bare) + found.filter { $0["alarm_id"] != nil }.map(bare).sorted()
    }

    /// Canonical text of a finding without who it is about and when it was.
    private func bare(_ data: JSONObject) -> String {
        let named = data.members.filter {
            !["patient", "device", "stream", "record", "window", "alarm_id", "onset"].contains($0.name)
        }
        let rest = JSONObject(named.map { ($0.name, $0.value) })
        let places = ["window", "onset"].map { name in
            let members = (data[name]?.object ?? [:]).members.filter {
                !["start", "end", "stream", "time"].contains($0.name)
            }
            return (name, JSONValue.object(JSONObject(members.map { ($0.name, $0.value) })))
        }
        return JSONValue.object(rest.with(JSONObject(places))).canonicalText
    }

    /// The record as WFDB's format 16 with its channels named anew, which the example gateway can read.
    private func format16(_ path: String, leads: [String], in scratch: Scratch) throws -> String {
        try WFDBCopy(try Recording.load(path), names: leads).write(to: scratch)
    }
}
