import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// P25 where keys are asked for: texts that stand for people go by every way that keys add, and what comes out for those who
/// run the daemon is searched.
@Suite struct KeyedCanaryTests {
    private static let stream = StreamIdentity(patient: "canaryPatient", device: "canaryDevice", epoch: 5)
    private static let places = """
        patients: {canaryPatient: '3', canaryOther: '4'}
        roster:
          - {bed: 'canaryBed', ward: '3', name: 'Canary Name', patient: canaryInBed}

        """

    /// Sends, subscribes and asks in everybody's name, with and without the right to it.
    private func use(_ keyed: KeyedDaemon, _ all: Listener) throws {
        let record = try SentRecord("ptbxl/00017_hr")
        let messages = try record.messages(Self.stream, 0..<13_000, flat: 5_000..<Int.max)
        try keyed.sender().send(messages)
        let narrow = try keyed.sender("narrow")
        for message in messages.prefix(20) {
            try narrow.send(message)
            try narrow.send([Array("ecg1.00.canary/slash.d.".utf8), message[1]])
            try narrow.send([message[0], Array("canaryBody".utf8)])
        }
        #expect(try all.hears("the asystole") { $0.data["statement"]?.text == "asystole" })
        #expect(try all.hears("the refusal") { $0.isTech("NOT_ALLOWED") && $0.subject == "canaryPatient" })
        let nosy = try Socket(.sub, in: try Context(security: try keyed.security("narrow")))
        for prefix in ["ev1.4.alarm.canaryPatient.", "canaryPrefix", "wv1._.m.canaryPatient."] {
            try nosy.subscribe(Array(prefix.utf8))
        }
        try nosy.connect(keyed.daemon.events)
        #expect(try all.hears("the fence") { $0.isTech("right_refused") })
        for (name, user) in [
            ("desk", #","user":"canaryUser""#), ("wall", #","user":"canaryUser""#), ("wall", ""),
        ] {
            for patient in ["canaryPatient", "canaryInBed", "canaryNobody"] {
                for order in [#""op":"PAUSE","kind":"audio","seconds":9"#, #""op":"STANDBY""#] {
                    let whom = #""patient":"\#(patient)"\#(user)"#
                    _ = try keyed.asker(name).ask("{\(order),\"request\":\"canaryName\",\(whom)}")
                }
            }
            for op in ["ROSTER", "SNAPSHOT", "STREAMS", "HELLO", "STATUS"] {
                _ = try keyed.asker(name).ask(#"{"op":"\#(op)","request":"canaryName","ward":"canaryWard"}"#)
            }
        }
        #expect(try keyed.asker().ask(#"{"op":"ROSTER","request":"r"}"#)["beds"]?.array?.count == 1)
        // Files that cannot hold, each with somebody where the fault is.
        for places in [
            "patients: {canaryPatient: 'canary/ward'}\n", "roster: [{bed: canaryBed, canaryKey: 1}]\n",
            "roster: [{bed: canaryBed, name: 'canary}]\n",
            "patients: {canaryPatient: '3', canaryPatient: '4'}\n",
        ] {
            #expect(try !keyed.place(places))
        }
        #expect(try keyed.place(Self.places.replacingOccurrences(of: "'3'", with: "'30'")))
        #expect(try all.hears("the move") { $0.isTech("patient_moved") && $0.subject == "canaryPatient" })
    }

    @Test(arguments: ["text", "json"])
    func `P25 of a keyed daemon with wards and beds no person is in logs or metrics`(format: String) throws {
        let keyed = try KeyedDaemon(
            ["--log-level", "debug", "--log-format", format, "--idle-seconds", "3600"],
            gateway: ["--patients", "canaryPatient,canaryOther"],
            more: [
                ("narrow", ["--role", "gateway", "--patients", "p1"]),
                ("wall", ["--role", "dashboard", "--wards", "4", "--read", "tech"]),
            ],
            places: Self.places
        )
        defer { keyed.end() }
        let all = try keyed.listener()
        try use(keyed, all)
        let metrics = JSONValue.object(try keyed.asker().ask(#"{"op":"METRICS","request":"m"}"#))
            .canonicalText
        #expect(keyed.daemon.stop() == 0)
        let words = keyed.daemon.program.words + keyed.daemon.program.lines
        for word in ["NOT_ALLOWED", "right refused", "who could come in before still can"] {
            #expect(words.contains { $0.contains(word) }, "\(word) did not come by")
        }
        for line in words + [metrics] { #expect(!line.lowercased().contains("canary"), "\(line)") }
        // Names that are shown stand in no event either.
        for event in all.heard {
            let text = event.topic + JSONValue.object(event.event).canonicalText
            #expect(!text.contains("Canary Name") && !text.contains("canaryBed"), "\(text)")
        }
    }
}
