import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// What a ward sets through the dashboard: with the right to it, in the person's name, noted, and shown on the pages.
@Suite struct DashboardWardTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    private func set(_ op: String, _ members: JSONObject = [:]) -> JSONObject {
        ([
            "source": .integer(0), "patient": .string("p1"), "op": .string(op),
        ] as JSONObject).with(members)
    }

    /// What is out of order, beyond bounds or of another form is refused before a daemon is asked.
    private func expectRefusals(_ dashboard: DashboardProgram, _ headers: JSONObject) throws {
        for members: JSONObject in [
            ["low": .integer(130)], ["low": .string("45")], ["low": .integer(-1)], [:],
            ["default": .bool(true), "low": .integer(45)],
        ] {
            #expect(try dashboard.post("api/set", set("LIMITS", members), headers: headers).status == 400)
        }
        for op in ["ACK", "PAUSE", "STATUS", "SHUTDOWN", ""] {
            #expect(try dashboard.post("api/set", set(op), headers: headers).status == 400)
        }
        let odd = set("BASELINE", ["statement": .string("two\nlines")])
        #expect(try dashboard.post("api/set", odd, headers: headers).status == 400)
    }

    @Test func `standby, limits, a baseline and a discharge are asked for in the person's name, and shown`()
        throws
    {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let scratch = try Scratch()
        defer { scratch.end() }
        let users = try DashboardProgram.users(in: scratch, ["kana"], right: "manage")
        let dashboard = try DashboardProgram(of: daemon, ["--users", users])
        defer { dashboard.end() }
        let headers = try dashboard.logIn("kana").session
        // A heart that stands still after ten seconds: what is set meets an alarm that stands.
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        #expect(try eventually { try dashboard.alarms(headers: headers).isEmpty == false })
        func setting() throws -> JSONObject? {
            let source = try dashboard.snapshot(headers: headers)["sources"]?.array?.first?.object
            return source?["settings"]?.array?.first?.object
        }
        #expect(
            try dashboard.post("api/set", set("STANDBY", ["on": .bool(true)]), headers: headers).status == 200
        )
        #expect(try eventually { try setting()?["standby_by"] == .string("kana") })
        let limits: JSONObject = [
            "extreme_low": .integer(35), "low": .integer(45), "high": .integer(110),
            "extreme_high": .integer(150),
        ]
        #expect(try dashboard.post("api/set", set("LIMITS", limits), headers: headers).status == 200)
        #expect(try eventually { try setting()?["limits"]?.object?["high"] == .integer(110) })
        let usual = set("BASELINE", ["statement": .string("bradycardia")])
        #expect(try dashboard.post("api/set", usual, headers: headers).status == 200)
        #expect(try eventually { try setting()?["baseline"] == .array([.string("bradycardia")]) })
        let high = try dashboard.post(
            "api/set",
            set("BASELINE", ["statement": .string("asystole")]),
            headers: headers
        )
        #expect(high.status == 409 && high.object["code"] == .string("CONFLICT"))
        try expectRefusals(dashboard, headers)
        #expect(try dashboard.post("api/set", set("DISCHARGE"), headers: headers).status == 200)
        let isTold = try listener.hears("the discharge") {
            $0.data["reason"]?.text == "discharged" && $0.data["by"]?.text == "kana"
        }
        #expect(isTold)
        #expect(try eventually { try setting() == nil || setting()?["limits"] == .null })
        let words = dashboard.program.words
        for line in [
            "kana sets standby: done; patient", "kana sets bradycardia as usual: done; patient",
            "kana sets limits extreme_low 35, low 45, high 110, extreme_high 150: done; patient",
            "kana sets asystole as usual: CONFLICT; patient", "kana sets discharge: done; patient",
        ] {
            #expect(words.contains { $0.contains(line) && !$0.contains("p1") }, "\(line)")
        }
    }

    @Test(arguments: [("look", 403, 403), ("answer", 200, 403), ("manage", 200, 200)])
    func `each right reaches so far and no further`(right: String, pause: Int64, set: Int64) throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let users = try DashboardProgram.users(in: scratch, ["kana"], right: right)
        let dashboard = try DashboardProgram(of: daemon, ["--users", users])
        defer { dashboard.end() }
        let login = try dashboard.logIn("kana")
        #expect(login.object["right"] == .string(right))
        try daemon.sender().send(try SentRecord("ptbxl/00017_hr").messages(Self.p1, 0..<3_000))
        #expect(
            try eventually {
                try dashboard.snapshot(headers: login.session)["tiles"]?.array?.isEmpty == false
            }
        )
        let asked: JSONObject = [
            "source": .integer(0), "patient": .string("p1"), "kind": .string("audio"), "seconds": .integer(5),
        ]
        let paused = try dashboard.post("api/pause", asked, headers: login.session)
        #expect(paused.status == pause)
        let isSet = try dashboard.post("api/set", self.set("STANDBY"), headers: login.session)
        #expect(isSet.status == set)
        if set == 403 {
            #expect(isSet.object["code"] == .string("RIGHT"))
            #expect(
                dashboard.program.words.contains { $0.contains("kana is refused: has not the right manage") }
            )
        }
    }

    @Test(arguments: [["--wards", "3"], ["--wards", "3", "--read", "alarm,tech"]])
    func `a dashboard asks the daemon for nothing that its key may not read`(rights: [String]) throws {
        let keyed = try KeyedDaemon(
            more: [("three", ["--role", "dashboard"] + rights)],
            places: "patients: {p1: '3'}\n"
        )
        defer { keyed.end() }
        let dashboard = try DashboardProgram(of: keyed.daemon, keyed.flags("three"))
        defer { dashboard.end() }
        let desk = try keyed.listener()
        let record = try SentRecord("ptbxl/00017_hr")
        try keyed.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        #expect(try eventually { try dashboard.alarms().isEmpty == false })
        #expect(try dashboard.answer("events?tile=0").status == 200)
        // Each question comes once a second.
        let beats = desk.heard.count { $0.isHeartbeat }
        #expect(try desk.reads { desk.heard.count { $0.isHeartbeat } > beats + 4 })
        let words = keyed.daemon.program.words.filter { $0.contains("refused") }
        #expect(words.isEmpty, "\(words)")
    }

    @Test func `behind a proxy the pages answer to its name, and without users none may stand there`() throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let place = ["--public", "https://ward.example.org"]
        let refused = try Program.run(["dashboard", "--http", "127.0.0.1:0"] + place)
        #expect(refused.code == 78 && refused.words.contains("users"))
        let odd = try Program.run(["dashboard", "--http", "127.0.0.1:0", "--public", "ward.example.org"])
        #expect(odd.code == 78 && odd.words.contains("https://"))
        let users = try DashboardProgram.users(in: scratch, ["kana"])
        let dashboard = try DashboardProgram(of: daemon, ["--users", users] + place)
        defer { dashboard.end() }
        let host: JSONObject = [
            "Host": .string("ward.example.org"), "Origin": .string("https://ward.example.org"),
        ]
        let name: JSONObject = ["name": .string("kana"), "password": .string("password of kana")]
        let login = try dashboard.post("api/login", name, headers: host)
        #expect(login.status == 200)
        #expect(login.headers["Set-Cookie"]?.text?.hasSuffix("; Secure") == true)
        let here = try dashboard.logIn("kana")
        #expect(here.headers["Set-Cookie"]?.text?.contains("Secure") == false)
        let mixed = host.with(["Origin": .string("http://ward.example.org")])
        #expect(try dashboard.post("api/login", name, headers: mixed).status == 403)
        #expect(try dashboard.answer(headers: ["Host": .string("other.example.org")]).status == 421)
    }
}
