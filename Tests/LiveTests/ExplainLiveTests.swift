import ECGSignal
import Foundation
import SwiftProtobuf
import TestSupport
import Testing
import Wire
import WireMessages
import ZeroMQ

/// `shinden explain` of what a real daemon has recorded.
@Suite struct ExplainLiveTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// The explanation of a second as the program prints it.
    ///
    /// A log of one patient need not be told of whom.
    private func explained(_ log: String, _ time: String, patient: String? = nil) throws -> JSONObject {
        let whom = patient.map { ["--patient", $0] } ?? []
        let (code, lines, words) = try Program.run(
            ["explain", log, "--at", time, "--json", "--model", Repository.defaultModel] + whom
        )
        #expect(code == 0, "\(words)")
        return try #require(
            try JSONValue(parsing: Array((lines.first ?? "").utf8), byteCountMax: 1 << 20).object
        )
    }

    private func rule(_ statement: String, in page: JSONObject) throws -> JSONObject {
        let rules = page["streams"]?.array?.first?.object?["rules"]?.array?.compactMap(\.object) ?? []
        return try #require(rules.first { $0["statement"]?.text == statement })
    }

    private func line(_ statement: String, in page: JSONObject) -> JSONObject? {
        let lines = page["policies"]?.array?.first?.object?["lines"]?.array?.compactMap(\.object) ?? []
        return lines.first { $0["statement"]?.text == statement }
    }

    private func answer(_ page: JSONObject) -> String {
        (page["answer"]?.array ?? []).compactMap(\.text).joined(separator: " ")
    }

    private static var form: ISO8601DateFormatter {
        let form = ISO8601DateFormatter()
        form.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return form
    }

    /// A time as a person would give it.
    private func time(of date: Date) -> String { Self.form.string(from: date) }

    /// The time `seconds` after another one.
    private func time(_ text: String, plus seconds: Double) throws -> String {
        time(of: try #require(Self.form.date(from: text)) + seconds)
    }

    @Test func `a standstill counts, alarms, and is silenced; each second says so`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let daemon = try LiveDaemon(["--record", log, "--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        try sender.send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        let start = try #require(try listener.alarm("asystole", phase: "start"))
        let id = try #require(start.data["alarm_id"]?.text)
        let onset = try #require(start.data["onset"]?.object?["time"]?.text)
        let silenced = try Program.run(["ack", id, "--control", daemon.control.text])
        #expect(silenced.code == 0, "\(silenced.words)")
        try sender.send(try record.messages(Self.p1, 13_000..<16_000, flat: 5_000..<Int.max))
        let sent = Int64(160)
        #expect(try eventually { try Asker(daemon).status()["frames"]?.whole == sent })
        #expect(daemon.stop() == 0, "\(daemon.program.words)")

        let early = try explained(log, try time(onset, plus: 2.2))
        let counting = try rule("asystole", in: early)
        #expect(counting["holds"] == .bool(false) && counting["near"] == .bool(true), "\(counting)")
        #expect(counting["figure"]?.real.map { (2.0...3.0).contains($0) } == true, "\(counting)")
        #expect(line("asystole", in: early) == nil)
        #expect(early["judged"] == .bool(true))

        let standing = try explained(log, try time(onset, plus: 5.5))
        #expect(try rule("asystole", in: standing)["holds"] == .bool(true))
        #expect(line("asystole", in: standing)?["signal"]?.text == "on")
        #expect(answer(standing).contains("Asystole alarms (high) since"), "\(answer(standing))")

        let later = try explained(log, try time(onset, plus: 20))
        #expect(line("asystole", in: later)?["signal"]?.text == "acknowledged")
        #expect(answer(later).contains("silenced: acknowledged by local"), "\(answer(later))")
    }

    @Test func `a time in UTC finds the run in a folder that holds two; seconds ask for one`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        var times: [String] = []
        for patient in ["p1", "p2"] {
            let daemon = try LiveDaemon(["--record", log, "--idle-seconds", "3600"])
            defer { daemon.end() }
            let listener = try Listener(daemon)
            let stream = StreamIdentity(patient: patient, device: "d-\(patient)", epoch: 1)
            let record = try SentRecord("ptbxl/00017_hr")
            try daemon.sender().send(try record.messages(stream, 0..<8_000))
            #expect(
                try listener.reads { listener.heard.contains { $0.isDiagnosis && $0.subject == patient } }
            )
            times.append(time(of: Date()))
            #expect(daemon.stop() == 0, "\(daemon.program.words)")
        }
        #expect(try explained(log, times[0])["patient"]?.text == "p1")
        #expect(try explained(log, times[1])["patient"]?.text == "p2")
        let refused = try Program.run(["explain", log, "--at", "5", "--model", Repository.defaultModel])
        #expect(refused.code == 64 || refused.code == 66, "\(refused.code) \(refused.words)")
        #expect(refused.words.contains("it holds the logs of 2 runs"), "\(refused.words)")
    }

    @Test func `electrodes that are off say why nothing is found`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let daemon = try LiveDaemon(["--record", log, "--idle-seconds", "3600"])
        defer { daemon.end() }
        let sender = try daemon.sender()
        let messages = try SentRecord("ptbxl/00017_hr").messages(Self.p1, 0..<10_000, every: 250)
        for (index, parts) in messages.enumerated() {
            var chunk = try Shinden_V1_LeadChunk(serializedBytes: parts[1])
            if index >= 20 { for lead in chunk.leads.indices { chunk.leads[lead].contact = .off } }
            try sender.send([parts[0], try chunk.serializedBytes()])
        }
        let other = StreamIdentity(patient: "p2", device: "d2", epoch: 2)
        try sender.send(try SentRecord("ptbxl/00017_hr").messages(other, 0..<250, every: 250))
        #expect(try eventually { try Asker(daemon).status()["frames"]?.whole == 41 })
        #expect(daemon.stop() == 0)
        let begin = try #require(
            try Program.run(["inspect", log, "--json"]).lines.first.flatMap {
                try JSONValue(parsing: Array($0.utf8), byteCountMax: 1 << 20).object?["begin"]?.text
            }
        )
        let page = try explained(log, try time(begin, plus: 15), patient: "p1")
        #expect(page["streams"]?.array?.first?.object?["quality"]?.text == "unanalysable")
        #expect(try rule("electrode_off", in: page)["holds"] == .bool(true))
        #expect(line("electrode_off", in: page)?["state"]?.text == "active")
        #expect(answer(page).contains("The signal cannot be judged"), "\(answer(page))")

        let (code, _, words) = try Program.run([
            "explain", log, "--at", "1", "--patient", "nobody", "--model", Repository.defaultModel,
        ])
        #expect(code == 65 && words.contains("nobody") && words.contains("p1"), "\(words)")
        let outside = try Program.run([
            "explain", log, "--at", "2020-01-01T00:00:00Z", "--patient", "p1", "--model",
            Repository.defaultModel,
        ])
        #expect(outside.code == 65 && outside.words.contains("lies outside"), "\(outside.words)")
        let late = try Program.run([
            "explain", log, "--at", "90000", "--patient", "p1", "--model", Repository.defaultModel,
        ])
        #expect(late.code == 65 && late.words.contains("lies outside"), "\(late.words)")
        let nameless = try Program.run(["explain", log, "--at", "1", "--model", Repository.defaultModel])
        #expect(nameless.code == 64 && nameless.words.contains("p1, p2"), "\(nameless.words)")
    }
}
