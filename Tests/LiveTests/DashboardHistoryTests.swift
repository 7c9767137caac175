import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// A dashboard that is started after things happened, beside a daemon with a journal and beside one without.
@Suite struct DashboardHistoryTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    private func standstill(_ daemon: LiveDaemon) throws {
        let listener = try Listener(daemon)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        #expect(try listener.alarm("asystole", phase: "start") != nil)
    }

    private func source(_ dashboard: DashboardProgram) throws -> JSONObject {
        try #require(try dashboard.snapshot()["sources"]?.array?.first?.object)
    }

    private func begun(_ dashboard: DashboardProgram) throws -> [JSONObject] {
        (try dashboard.snapshot()["steps"]?.array ?? []).compactMap(\.object).filter {
            $0["statement"] == .string("asystole") && $0["phase"] == .string("start")
        }
    }

    @Test
    func `what the journal holds is on the pages once, from before the dashboard and before the daemon`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let flags = ["--state", scratch.at("state"), "--idle-seconds", "3600"]
        let first = try LiveDaemon(flags)
        defer { first.end() }
        try standstill(first)
        first.program.send(SIGKILL)
        #expect(first.program.exitCode() == -SIGKILL)
        let daemon = try LiveDaemon(flags)
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        #expect(try eventually { try source(dashboard)["history"]?.whole != nil })
        let steps = try begun(dashboard)
        #expect(steps.count == 1 && steps.first?["patient"] == .string("p1"))
        let facts = try dashboard.snapshot()["facts"]?.array?.compactMap(\.object) ?? []
        #expect(facts.count { $0["code"] == .string("stream_opened") } == 1)
        // The patient's bed is there because an alarm stands; nobody sends, so its minutes are the journal's.
        let isTold = try eventually {
            let tile = try dashboard.snapshot()["tiles"]?.array?.first?.object?["id"]?.whole ?? -1
            let answer = try dashboard.answer("api/trend?tile=\(tile)")
            let trend = try JSONValue(parsing: Array(answer.body.utf8)).object?["trend"]?.object
            return trend?["minutes"]?.array?.isEmpty == false
        }
        #expect(isTold)
        #expect(try begun(dashboard).count == 1)
    }

    @Test func `beside a daemon without a journal it says that nothing before it is known`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        try standstill(daemon)
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        #expect(try eventually { try dashboard.alarms().isEmpty == false })
        #expect(try source(dashboard)["history"] == .null)
        #expect(try begun(dashboard).isEmpty)
    }
}
