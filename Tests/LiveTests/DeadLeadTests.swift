import ECGSignal
import Findings
import Foundation
import Recordings
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Leads that carry no ECG, through the real program: nothing may be said of a heart that nobody sees.
@Suite struct DeadLeadTests {
    /// A record of Fixtures/cases, the leads that are used of it, and why the others are not.
    private struct Case: CustomTestStringConvertible, Sendable {
        let record: String
        let used: [Lead]
        let reason: String
        var testDescription: String { record }
    }

    private static let cases = [
        Case(record: "flat12", used: [], reason: "flat"),
        Case(record: "healthy_chest_flat", used: Lead.limb, reason: "flat"),
        Case(record: "onlyI_rest_flat", used: [.i], reason: "flat"),
        Case(record: "uvasmv", used: [], reason: "range"),
    ]

    @Test(arguments: cases)
    private func `a lead without an ECG is absent from what classify says, with the reason`(
        _ sent: Case
    ) throws {
        for data in try Self.classified(Repository.fixtures + "/cases/" + sent.record) {
            #expect(data["leads_used"] == .array(sent.used.map { .string($0.name) }))
            for lead in data["leads"]?.array?.compactMap(\.object) ?? [] {
                let isUsed = sent.used.contains { $0.name == lead["lead"]?.text }
                #expect(lead["reason"]?.text == (isUsed ? nil : sent.reason))
                #expect(lead["source"]?.text == "measured")
            }
            let top = data["top"]?.array?.compactMap { $0.object?["id"]?.text } ?? []
            #expect(data["window_withheld"]?.text == (sent.used.isEmpty ? "quality" : nil))
            #expect(top.isEmpty == sent.used.isEmpty)
            let used = LeadSet(sent.used)
            let catalogue = Catalogue.shipped
            #expect(
                top.allSatisfy { id in
                    catalogue.index(of: id).map { catalogue.statements[$0].minimumLeads.isMet(by: used) }
                        ?? false
                }
            )
        }
    }

    @Test func `a channel of an unknown name is a patch: rhythm statements, and the source says so`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let recording = try Recording.load(Repository.fixtures + "/ptbxl/00017_hr")
        let path = try WFDBCopy(recording, channels: [1], names: ["ECG"]).write(to: scratch)
        let windows = try Self.classified(path)
        #expect(!windows.isEmpty)
        for data in windows {
            let leads = data["leads"]?.array?.compactMap(\.object) ?? []
            #expect(leads.first?["source"]?.text == "patch" && leads.first?["coverage"] == .integer(1))
            #expect(leads.dropFirst().allSatisfy { $0["source"]?.text == "absent" })
            #expect(data["window_withheld"] == .null && data["top"]?.array?.isEmpty == false)
            let withheld = data["withheld"]?.array?.compactMap { $0.object?["needs"]?.text } ?? []
            #expect(!withheld.isEmpty && !withheld.contains("any"))
        }
    }

    /// A record and the lead that stops in it; 100 and 1,000 Hz as well as the grid's own rate.
    @Test(arguments: ["ptbxl/00017_hr", "ptbxl100/00045_lr", "ptb/S0001"])
    func `a lead that dies in mid-stream leaves within one window, live as in the file`(record: String) throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let recording = try Recording.load(Repository.fixtures + "/" + record)
        let hertz = Int(recording.rate.hertz)
        let second = recording.channels.firstIndex { $0.name.uppercased() == "II" } ?? 1
        // Dead from 11.4 s on: 5,700 samples of the grid.
        var copy = try WFDBCopy(recording, times: 3)
        let whole = try Self.classified(copy.write(to: scratch))
        for index in hertz * 114 / 10..<copy.channels[second].count { copy.channels[second][index] = 0 }
        let path = try copy.write(to: scratch, named: "dead")
        let found = try Self.classified(path)
        #expect(found.count == whole.count && found.count > 15)
        for (window, before) in zip(found, whole) {
            let start = window["window"]?.object?["first_sample"]?.whole ?? -1
            let reason = window["leads"]?.array?[1].object?["reason"]?.text
            #expect(reason == (start >= 5_700 ? "flat" : nil), "at \(start)")
            if start + 5_000 <= 5_700 { #expect(window["top"] == before["top"], "at \(start)") }
        }
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let reader = try Python.example("reader.py", ["--events", daemon.events.text])
        defer { reader.end() }
        #expect(eventually { !reader.lines.isEmpty || !reader.isRunning })
        let gateway = try Python.example(
            "gateway.py",
            [
                path, "--publish", daemon.frames.text, "--patient", "dead", "--encoding", "delta", "--chunk",
                "random",
            ]
        )
        defer { gateway.end() }
        #expect(gateway.exitCode() == 0, "\(gateway.words)")
        #expect(eventually { reader.lines.contains { $0.contains(#""code":"stream_closed""#) } })
        let heard = try reader.lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }.filter {
            $0["type"]?.text == "shinden.diagnosis.v1"
        }
        for name in ["leads", "leads_used", "top", "withheld", "window_withheld", "coverage"] {
            #expect(heard.map { $0["data"]?.object?[name] } == found.map { $0[name] }, "\(name)")
        }
        #expect(daemon.stop() == 0)
    }

    /// The windows that `classify` gives of a recording; what it says of alarms is left out.
    private static func classified(_ path: String) throws -> [JSONObject] {
        let arguments = ["classify", path, "--json", "--model", Repository.defaultModel]
        let (code, lines, words) = try Program.run(arguments)
        #expect(code == 0, "\(words)")
        let objects = try lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }
        let windows = objects.filter { $0["window"] != nil }
        #expect(windows.count + objects.count { $0["alarm_id"] != nil } == objects.count)
        #expect(!windows.isEmpty)
        return windows
    }
}

/// A recording written anew in WFDB's format 16, some of its channels, one or more times one after the other.
struct WFDBCopy {
    private let recording: Recording
    private let gains: [Double]
    private let names: [String]
    /// `[channel][time]`, the recording's own units.
    var channels: [[Int32]]

    init(_ recording: Recording, channels chosen: [Int]? = nil, names: [String]? = nil, times: Int = 1) throws
    {
        let chosen = chosen ?? Array(recording.channels.indices)
        self.recording = recording
        gains = chosen.map { 1e6 / (recording.channels[$0].nanovoltsPerUnit ?? 0) }
        self.names = names ?? chosen.map { recording.channels[$0].name }
        channels = try chosen.map { channel in
            let samples = try recording.samples(of: channel, in: 0..<recording.channels[channel].sampleCount)
            guard case .integers(let values) = samples.values else { return [] }
            return Array([[Int32]](repeating: Array(values), count: times).joined())
        }
    }

    /// Writes header and signals; the record's path.
    func write(to scratch: Scratch, named name: String = "copy") throws -> String {
        let count = channels.first?.count ?? 0
        var header = "\(name) \(channels.count) \(Int(recording.rate.hertz)) \(count)\n"
        for (gain, lead) in zip(gains, names) {
            header += "\(name).dat 16 \(gain)(0)/mV 16 0 0 0 0 \(lead)\n"
        }
        _ = try scratch.write(header, to: "\(name).hea")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * channels.count * count)
        for time in 0..<count {
            for channel in channels {
                let value = UInt16(bitPattern: Int16(channel[time]))
                bytes += [UInt8(value & 255), UInt8(value >> 8)]
            }
        }
        try Data(bytes).write(to: URL(filePath: scratch.at("\(name).dat")))
        return scratch.at(name)
    }
}
