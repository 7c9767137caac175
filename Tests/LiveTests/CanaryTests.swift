import ECGSignal
import Findings
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// P25: texts that stand for people go every way into a daemon and a dashboard, and everything that comes out for those who
/// run them is searched.
///
/// Each canary has letters that no hash has, so that none is found by chance.
@Suite struct CanaryTests {
    private static let stream = StreamIdentity(patient: "canaryPatient", device: "canaryDevice", epoch: 5)
    /// The same device at another patient, later.
    private static let moved = StreamIdentity(patient: "canaryOther", device: "canaryDevice", epoch: 6)

    /// What was written for those who run the programs.
    private struct Outputs {
        var daemon: [String] = []
        var dashboard: [String] = []
        var metrics = ""

        var all: [String] { daemon + dashboard + metrics.split(separator: "\n").map(String.init) }
    }

    /// Frames that are taken and frames that are not, whose every part names somebody.
    private func sendFrames(_ daemon: LiveDaemon, _ listener: Listener) throws {
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        try sender.send(Array(try BadInputTests.goodMessages().prefix(20)))
        for kind in BadInput.allCases { try sender.send(try kind.messages()) }
        let body = try #require(try record.messages(Self.stream, 0..<100).first)[1]
        let topic = try #require(Topic(patient: "canaryBroken", device: "canaryBox")).text
        for first in ["canaryTopic", "ecg1.00.canary/slash.d.", "ecg1.zz.canaryPart.canaryBox.", topic] {
            try sender.send([Array(first.utf8), body])
            try sender.send([Array(first.utf8), Array("canaryBody".utf8)])
        }
        // A heart that stands still, so that alarms go out.
        try sender.send(try record.messages(Self.stream, 0..<13_000, flat: 5_000..<Int.max))
        #expect(try listener.hears("the asystole") { $0.data["statement"]?.text == "asystole" })
        try sender.send(try record.messages(Self.moved, 0..<6_000, isLast: true))
        #expect(try listener.hears("the move") { $0.isTech("device_moved") })
        #expect(
            try listener.hears("the end") { $0.isTech("stream_closed") && $0.subject == Self.moved.patient }
        )
    }

    /// Questions that name somebody, well formed and not.
    private func askControl(_ daemon: LiveDaemon) throws {
        let asker = try Asker(daemon)
        let patients = ["canaryPatient", "canaryNobody"].map { #""patient":"\#($0)""# }
        let asked = patients.flatMap { patient in
            [
                #"{"op":"PAUSE",\#(patient),"kind":"audio","seconds":60,"user":"canaryUser"}"#,
                #"{"op":"STANDBY",\#(patient),"on":true}"#, #"{"op":"LIMITS",\#(patient),"high":130}"#,
                #"{"op":"BASELINE",\#(patient),"statement":"canaryStatement"}"#,
                #"{"op":"BASELINE",\#(patient),"statement":"atrial_fibrillation"}"#,
                #"{"op":"DISCHARGE",\#(patient)}"#, #"{"op":"PAUSE",\#(patient),"seconds":"canaryTime"}"#,
            ]
        }
        let odd = [
            #"{"op":"canaryOp","request":"canaryName"}"#, #"{"op":"ACK","alarm_id":"canaryAlarm"}"#,
            "canaryNothing", #"{"canaryKey":"#, #"{"op":"STATUS","request":"canaryName"}"#,
            #"{"op":"STREAMS","from":"canaryFrom"}"#, #"{"op":"SNAPSHOT","request":"canaryName"}"#,
        ]
        for question in asked + odd { _ = try asker.ask(question) }
    }

    /// People and programs at a dashboard, and what it says of its daemon.
    private func useDashboard(_ daemon: LiveDaemon, _ flags: [String], _ outputs: inout Outputs) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let users = try DashboardProgram.users(in: scratch, ["kana"], right: "manage")
        let dashboard = try DashboardProgram(of: daemon, ["--users", users] + flags)
        defer { dashboard.end() }
        for (name, word) in [("canaryLogin", "canaryPassword"), ("kana", "canaryPassword")] {
            let wrong: JSONObject = ["name": .string(name), "password": .string(word)]
            #expect(try dashboard.post("api/login", wrong).status == 401)
        }
        let headers = try dashboard.logIn("kana").session
        var tile: Int64?
        #expect(
            try eventually {
                let tiles = try dashboard.snapshot(headers: headers)["tiles"]?.array?.compactMap(\.object)
                tile = tiles?.first { $0["patient"] == .string("canaryOther") }?["id"]?.whole
                return tile != nil
            }
        )
        #expect(try dashboard.answer("events?tile=\(tile ?? 0)", headers: headers).status == 200)
        let pause: JSONObject = [
            "source": .integer(0), "patient": .string("canaryOther"), "kind": .string("audio"),
            "seconds": .integer(5),
        ]
        #expect(try dashboard.post("api/pause", pause, headers: headers).status == 200)
        let strange = pause.with(["patient": .string("canaryNobody"), "kind": .string("canaryKind")])
        #expect(try dashboard.post("api/pause", strange, headers: headers).status == 400)
        for what: JSONObject in [
            ["op": .string("STANDBY")],
            ["op": .string("LIMITS"), "low": .integer(45)],
            ["op": .string("BASELINE"), "statement": .string("canaryStatement")],
            ["op": .string("canaryOp")], ["op": .string("DISCHARGE"), "patient": .string("canary Space")],
        ] {
            let set = (["source": .integer(0), "patient": .string("canaryOther")] as JSONObject).with(what)
            _ = try dashboard.post("api/set", set, headers: headers)
        }
        #expect(try dashboard.answer("api/trend?tile=\(tile ?? 0)", headers: headers).status == 200)
        #expect(try dashboard.answer("api/strip?alarm=canaryAlarm", headers: headers).status == 200)
        #expect(try dashboard.answer("canaryPath?canary=1").status == 404)
        #expect(try dashboard.answer(headers: ["Host": .string("canaryHost")]).status == 421)
        #expect(
            try eventually {
                outputs.metrics = try dashboard.answer("metrics").body
                return outputs.metrics.contains("shinden_refused_chunks_total{")
            }
        )
        dashboard.program.send(SIGINT)
        #expect(dashboard.program.exitCode() == 0)
        outputs.dashboard = dashboard.program.words + dashboard.program.lines
    }

    /// All that comes out of a daemon and a dashboard that were run with those flags.
    private func outputs(_ flags: [String]) throws -> Outputs {
        let daemon = try LiveDaemon(["--log-level", "debug", "--idle-seconds", "3600"] + flags)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        var outputs = Outputs()
        try sendFrames(daemon, listener)
        try useDashboard(daemon, flags.filter { $0 == "--log-plain-ids" }, &outputs)
        try askControl(daemon)
        let asked = try Asker(daemon).ask(#"{"op":"METRICS","request":"m"}"#)
        outputs.metrics += JSONValue.object(asked).canonicalText
        #expect(daemon.stop() == 0)
        outputs.daemon = daemon.program.words + daemon.program.lines
        for code in Set(BadInput.allCases.map(\.code)) {
            #expect(outputs.daemon.contains { $0.contains(code) }, "\(code) did not come by")
        }
        return outputs
    }

    @Test(arguments: ["text", "json"])
    func `P25 no patient, device, text of input, sample or statement is in logs, audit or metrics`(
        format: String
    ) throws {
        let found = try outputs(["--log-format", format])
        for line in found.all {
            #expect(!line.lowercased().contains("canary"), "\(line)")
            // Words like "Pacing" stand in other sentences too; whole names of two words do not.
            for statement in Catalogue.shipped.statements where statement.english.contains(" ") {
                #expect(!line.contains(statement.english) && !line.contains(statement.japanese), "\(line)")
            }
        }
        // A sample is a number with decimals; nothing that the log says of itself has three of them.
        if format == "text" {
            for line in found.daemon { #expect(!line.contains(/[0-9]\.[0-9]{3}/), "\(line)") }
        }
        #expect(found.dashboard.contains { $0.contains("looks at patient") })
        #expect(!found.all.contains { $0.contains("log-plain-ids") })
    }

    @Test
    func `P25 with the switch the log and the audit name them, the metrics never, and the switch says so`()
        throws
    {
        let found = try outputs(["--log-plain-ids"])
        for canary in ["canaryPatient", "canaryDevice", "canaryOther", "canaryBroken"] {
            #expect(found.daemon.contains { $0.contains(canary) }, "\(canary)")
        }
        #expect(found.dashboard.contains { $0.contains("looks at patient canaryOther") })
        #expect(found.daemon.contains { $0.contains("warning: log-plain-ids is set") })
        #expect(!found.metrics.lowercased().contains("canary"))
    }

    @Test(arguments: [SIGSEGV, SIGABRT])
    func `P25 what a daemon that is ended by a fault leaves on stderr names nobody`(signal: Int32) throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let messages = try SentRecord("ptbxl/00017_hr").messages(Self.stream, 0..<6_000)
        try daemon.sender().send(messages)
        #expect(try listener.hears("a window") { $0.topic.contains(".diagnosis.") })
        #expect(daemon.stop(signal) == -signal)
        #expect(
            !(daemon.program.words + daemon.program.lines).contains { $0.lowercased().contains("canary") }
        )
    }
}
