import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// What stands is asked of a real daemon, and people answer alarms through the dashboard in their own name.
@Suite struct DashboardPeopleTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// A daemon with one patient whose heart stands still after ten seconds, and the id of that alarm.
    private func daemonWithStandstill() throws -> (daemon: LiveDaemon, listener: Listener, alarm: String) {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        let listener = try Listener(daemon)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        var alarm: String?
        let isThere = try listener.hears("the asystole") {
            alarm = $0.data["alarm_id"]?.text
            return $0.data["statement"]?.text == "asystole" && $0.phase == "start"
        }
        guard isThere, let alarm else {
            daemon.end()
            throw Missing(description: "no asystole within the limit")
        }
        return (daemon, listener, alarm)
    }

    @Test func `P17 a dashboard that comes late shows the alarms that stand`() throws {
        let (daemon, _, alarm) = try daemonWithStandstill()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        #expect(try eventually { try dashboard.alarms()[alarm] != nil })
        let source = try dashboard.snapshot()["sources"]?.array?.first?.object
        #expect(source?["alarms_known"] == .bool(true))
        // What the daemon says and what the page says are the same alarms.
        let told = try Asker(daemon).snapshot().flatMap { $0["alarms"]?.array ?? [] }.compactMap {
            $0.object?["alarm_id"]?.text
        }
        #expect(try Set(dashboard.alarms().keys) == Set(told))
        #expect(try dashboard.alarms()[alarm]?["priority"] == .string("high"))
    }

    @Test
    func `without users nothing can be asked of the daemon, with them nothing is seen without a session`()
        throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let open = try DashboardProgram(of: daemon)
        defer { open.end() }
        #expect(try open.answer("api/me").object["users"] == .bool(false))
        let refused = try open.post("api/ack", [:])
        #expect(refused.status == 403 && refused.object["code"] == .string("READ_ONLY"))
        #expect(open.program.words.contains { $0.contains("there are no users") })

        let path = try DashboardProgram.users(in: scratch, ["kana"])
        let closed = try DashboardProgram(of: daemon, ["--users", path])
        defer { closed.end() }
        #expect(try closed.answer("events").status == 401)
        #expect(try closed.answer("api/labels").status == 401)
        #expect(try closed.answer().status == 200)
        let wrong = try closed.post("api/login", ["name": .string("kana"), "password": .string("x")])
        #expect(wrong.status == 401 && wrong.cookie == "")
        let login = try closed.post(
            "api/login",
            ["name": .string("kana"), "password": .string("password of kana")]
        )
        #expect(login.status == 200 && login.object["user"] == .string("kana"))
        let cookie = login.headers["Set-Cookie"]?.text ?? ""
        #expect(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict")
                && cookie.contains("Max-Age=43200")
        )
        #expect(try closed.answer("events", headers: ["Cookie": .string(login.cookie)]).status == 200)
        // Another page of the machine, one without the key, and a form are refused.
        let ask: JSONObject = [
            "source": .integer(0), "patient": .string("p1"), "kind": .string("audio"), "seconds": .integer(1),
        ]
        let other = login.session.with(["Origin": .string("http://127.0.0.1:1")])
        #expect(try closed.post("api/pause", ask, headers: other).object["code"] == .string("ORIGIN"))
        let keyless: JSONObject = ["Cookie": .string(login.cookie)]
        #expect(try closed.post("api/pause", ask, headers: keyless).object["code"] == .string("KEY"))
        let form = login.session.with(["Content-Type": .string("application/x-www-form-urlencoded")])
        #expect(try closed.post("api/pause", ask, headers: form).status == 400)
        #expect(
            try closed.post("api/pause", ask, headers: login.session).object["code"]
                == .string("NOT_FOUND")
        )
        #expect(try closed.post("api/logout", [:], headers: login.session).status == 200)
        #expect(try closed.answer("events", headers: ["Cookie": .string(login.cookie)]).status == 401)
        #expect(closed.program.words.contains { $0.contains("kana logs in") })
        #expect(!closed.program.words.contains { $0.contains("password of kana") })
    }

    @Test func `the sixth wrong password waits, and who is taken out of the file is logged out`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let path = try DashboardProgram.users(in: scratch, ["kana", "sato"])
        let dashboard = try DashboardProgram(of: daemon, ["--users", path])
        defer { dashboard.end() }
        for _ in 0..<5 {
            let answer = try dashboard.post("api/login", ["name": .string("kana"), "password": .string("x")])
            #expect(answer.status == 401)
        }
        let right: JSONObject = ["name": .string("kana"), "password": .string("password of kana")]
        let waits = try dashboard.post("api/login", right)
        #expect(waits.status == 429 && (waits.object["seconds"]?.whole ?? 0) > 0)
        let login = try dashboard.post(
            "api/login",
            ["name": .string("sato"), "password": .string("password of sato")]
        )
        #expect(login.status == 200)
        #expect(
            try Program.run(["dashboard", "users", "list", "--users", path]).lines == [
                "kana\tanswer", "sato\tanswer",
            ]
        )
        #expect(try Program.run(["dashboard", "users", "remove", "sato", "--users", path]).code == 0)
        #expect(try Program.run(["dashboard", "users", "remove", "sato", "--users", path]).code == 1)
        #expect(try dashboard.answer("events", headers: ["Cookie": .string(login.cookie)]).status == 401)
        #expect(try Program.run(["dashboard", "users", "list", "--users", path + "x"]).code == 66)
        #expect(try Program.run(["dashboard", "users", "add", "two words", "--users", path]).code == 64)
        // Without a password nothing is added: stdin is empty here.
        #expect(try Program.run(["dashboard", "users", "add", "mori", "--users", path]).code == 65)
        let shared = try Program("/bin/chmod", ["644", path])
        defer { shared.end() }
        #expect(shared.exitCode() == 0)
        let refused = try Program.run(["dashboard", "--users", path, "--http", "127.0.0.1:0"])
        #expect(refused.code == 78 && refused.words.contains("chmod 600"))
    }

    @Test func `an acknowledgement carries the user's name, the second learns who was first`() throws {
        let (daemon, listener, alarm) = try daemonWithStandstill()
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let path = try DashboardProgram.users(in: scratch, ["kana", "sato"])
        let dashboard = try DashboardProgram(of: daemon, ["--users", path])
        defer { dashboard.end() }
        let people = try ["kana", "sato"].map { try dashboard.logIn($0).session }
        #expect(try eventually { try dashboard.alarms(headers: people[0])[alarm] != nil })
        let seen = try dashboard.alarms(headers: people[0])[alarm]?["event"] ?? .null
        let ask: JSONObject = ["source": .integer(0), "alarm": .string(alarm), "seen": seen]
        let first = try dashboard.post("api/ack", ask, headers: people[0])
        #expect(first.status == 200 && first.object["outcome"] == .string("done"))
        let isTold = try listener.hears("the acknowledgement") {
            $0.data["alarm_id"]?.text == alarm && $0.data["signal"]?.text == "acknowledged"
                && $0.data["by"]?.text == "kana"
        }
        #expect(isTold)
        let second = try dashboard.post("api/ack", ask, headers: people[1])
        #expect(second.object["outcome"] == .string("already") && second.object["by"] == .string("kana"))
        #expect(try eventually { try dashboard.alarms(headers: people[1])[alarm]?["by"] == .string("kana") })
        let unknown = ask.with(["alarm": .string(String(repeating: "0", count: 32))])
        let refused = try dashboard.post("api/ack", unknown, headers: people[1])
        #expect(refused.status == 409 && refused.object["code"] == .string("NOT_FOUND"))
        let pause: JSONObject = [
            "source": .integer(0), "patient": .string("p1"), "kind": .string("audio"),
            "seconds": .integer(60),
        ]
        #expect(try dashboard.post("api/pause", pause, headers: people[1]).status == 200)
        let isShown = try eventually {
            let source = try dashboard.snapshot(headers: people[0])["sources"]?.array?.first?.object
            let set = source?["settings"]?.array?.first?.object
            return (set?["audio_paused_seconds"]?.whole ?? 0) > 0 && set?["patient"] == .string("p1")
        }
        #expect(isShown)
        #expect(dashboard.program.words.contains { $0.contains("kana acknowledges alarm \(alarm): done") })
        #expect(dashboard.program.words.contains { $0.contains("sato acknowledges alarm \(alarm): already") })
        let audited = dashboard.program.words.filter {
            $0.contains("sato pauses audio for 60 s: done; patient")
        }
        #expect(audited.count == 1 && !audited[0].contains("p1"))

        // A daemon that stands still does not answer; one that is gone is not asked.
        daemon.program.send(SIGSTOP)
        let silent = try dashboard.post("api/ack", ask, headers: people[0])
        #expect(silent.status == 504 || silent.object["code"] == .string("LOST"))
        #expect(eventually { (try? dashboard.answer("readyz").status) == 503 })
        let lost = try dashboard.post("api/ack", ask, headers: people[0])
        #expect(lost.status == 503 && lost.object["code"] == .string("LOST"))
        daemon.program.send(SIGCONT)
    }
}
