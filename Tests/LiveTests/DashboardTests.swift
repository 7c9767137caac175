import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Waveforms and `dashboard` beside a real daemon, with peers in Python; Tests/Browser has the pages in a real browser.
@Suite struct DashboardTests {
    @Test func `who looks is sent waveforms, numbered, on the grid, and who does not is sent none`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let sender = try daemon.sender()
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 0xabc)
        let other = StreamIdentity(patient: "p2", device: "d2", epoch: 1)
        let watch = try Python.example(
            "waves.py",
            ["--control", daemon.control.text, "--band", "d", "--patient", "p1", "--count", "20"]
        )
        defer { watch.end() }
        // Whether the daemon knows of the subscription cannot be asked, so signal goes on until enough has come.
        let record = try SentRecord("ptbxl/00017_hr")
        var from = 0
        let isOver = try eventually {
            try sender.send(record.messages(stream, from..<from + 500))
            try sender.send(record.messages(other, from..<from + 500))
            from += 500
            return !watch.isRunning
        }
        #expect(isOver, "\(watch.words)")
        #expect(watch.exitCode() == 0)
        let read = try watch.lines.map { try #require(try JSONValue(parsing: Array($0.utf8)).object) }
        #expect(read.count == 20)
        #expect(
            read.allSatisfy { $0["patient"] == .string("p1") && $0["epoch"] == .string("0000000000000abc") }
        )
        let starts = read.compactMap { $0["start"]?.whole }
        #expect(starts.allSatisfy { $0 % 100 == 0 })
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 100 })
        let numbers = read.compactMap { $0["number"]?.whole }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 - $0 == 1 })
        #expect(read.allSatisfy { $0["microvolts"]?.object?.members.count == 12 })
    }

    @Test func `the dashboard serves its pages to this machine under its own name, and ends by Ctrl-C`()
        throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let page = try dashboard.answer()
        #expect(page.status == 200)
        #expect(page.body.contains("main.js"))
        let policy = try #require(page.headers["Content-Security-Policy"]?.text)
        #expect(policy.hasPrefix("default-src 'none'"))
        for path in ["style.css", "main.js", "words.js", "paper.js"] {
            #expect(try dashboard.answer(path).status == 200)
        }
        #expect(try dashboard.answer("nothing").status == 404)
        #expect(try dashboard.answer(headers: ["Host": .string("ward.example.org")]).status == 421)
        #expect(
            try dashboard.answer("events", headers: ["Sec-Fetch-Site": .string("cross-site")]).status == 403
        )
        #expect(try dashboard.answer(method: "PUT").status == 405)
        #expect(try dashboard.answer(method: "POST").status == 403)
        #expect(eventually { (try? dashboard.answer("readyz").status) == 200 })
        dashboard.program.send(SIGINT)
        #expect(dashboard.program.exitCode() == 0)
    }

    @Test func `a tab is told of a patient, the window and what it rests on`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let sender = try daemon.sender()
        let stream = StreamIdentity(patient: "p7", device: "d1", epoch: 5)
        try sender.send(SentRecord("ptbxl/00017_hr").messages(stream))
        var tile: JSONObject?
        let isTold = try eventually {
            tile = try dashboard.snapshot()["tiles"]?.array?.first?.object
            return tile?["window"]?.object != nil
        }
        #expect(isTold)
        #expect(tile?["patient"] == .string("p7"))
        #expect(tile?["window"]?.object?["used"]?.array?.count == 12)
        #expect(tile?["window"]?.object?["leads"]?.array?.count == 12)
        #expect(daemon.stop() == 0)
        #expect(eventually { (try? dashboard.answer("readyz").status) == 503 })
    }

    @Test func `an address of another machine or one that is taken ends it with the reason`() throws {
        let refused = try Program.run(["dashboard", "--http", "0.0.0.0:7280"])
        #expect(refused.code == 78)
        #expect(refused.words.contains("an address of this machine"))
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let address = dashboard.url.dropFirst("http://".count).dropLast()
        let taken = try Program.run(["dashboard", "--http", String(address)])
        #expect(taken.code == 69)
        #expect(taken.words.contains("cannot be opened"))
    }
}
