import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// What a real dashboard answers has the shapes of Protocols/dashboard.openapi.json.
@Suite struct DashboardShapeTests {
    private static let stream = StreamIdentity(patient: "p7", device: "d1", epoch: 5)

    @Test func `answers of every kind have the shape that the document states`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let schema = try Schema()
        // A heart that stands still after ten seconds, so that an alarm stands on the tile.
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.stream, 0..<13_000, flat: 5_000..<Int.max))
        var message: JSONObject = [:]
        var tile: JSONObject?
        let isTold = try eventually {
            message = try dashboard.snapshot()
            tile = message["tiles"]?.array?.first?.object
            return tile?["window"]?.object != nil && tile?["vitals"]?.object != nil
                && tile?["alarms"]?.array?.isEmpty == false && message["steps"]?.array?.isEmpty == false
                && message["facts"]?.array?.isEmpty == false
        }
        #expect(isTold, "\(message)")
        #expect(schema.faults(of: .object(message), as: "Message") == [])
        let id = try #require(tile?["id"]?.whole)
        let whole = try dashboard.answer("events?tile=\(id)").object
        #expect(whole["window"]?.object != nil)
        #expect(schema.faults(of: .object(whole), as: "Message") == [])

        let alarm = try #require(tile?["alarms"]?.array?.first?.object?["id"]?.text)
        for path in [
            "/healthz", "/readyz", "/api/me", "/api/labels", "/api/trend?tile=\(id)",
            "/api/strip?source=0&alarm=\(alarm)",
        ] {
            let answer = try dashboard.answer(String(path.dropFirst()))
            #expect(answer.status == 200)
            let name = try #require(schema.name(String(path.prefix { $0 != "?" }), "get", 200))
            #expect(schema.faults(of: .object(answer.object), as: name) == [], "\(path)")
        }
        #expect(try dashboard.answer("api/labels").object["labels"]?.array?.count ?? 0 > 50)
        let type = try dashboard.answer("metrics").headers["Content-Type"]
        #expect(type == .string(PrometheusText.contentType))
    }

    @Test func `what people are answered has the shape that the document states`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let users = try DashboardProgram.users(in: scratch, ["kana"], right: "manage")
        let dashboard = try DashboardProgram(of: daemon, ["--users", users])
        defer { dashboard.end() }
        let schema = try Schema()
        func expect(_ path: String, _ status: Int64, _ answer: DashboardProgram.Answer) throws {
            #expect(answer.status == status, "\(path): \(answer.body)")
            let method = answer.method
            let name = try #require(schema.name(path, method, status), "\(method) \(path) \(status)")
            #expect(schema.faults(of: .object(answer.object), as: name) == [], "\(path) \(status)")
        }
        try expect("/events", 401, try dashboard.answer("events"))
        try expect("/api/labels", 401, try dashboard.answer("api/labels"))
        let wrong: JSONObject = ["name": .string("kana"), "password": .string("a wrong password")]
        try expect("/api/login", 401, try dashboard.post("api/login", wrong))
        let login = try dashboard.logIn("kana")
        try expect("/api/login", 200, login)
        let headers = login.session
        try expect("/api/me", 200, try dashboard.answer("api/me", headers: headers))
        try daemon.sender().send(try SentRecord("ptbxl/00017_hr").messages(Self.stream, 0..<6_000))
        #expect(try eventually { try dashboard.snapshot(headers: headers)["tiles"]?.array?.isEmpty == false })
        let pause: JSONObject = [
            "source": .integer(0), "patient": .string("p7"), "kind": .string("audio"), "seconds": .integer(5),
        ]
        #expect(schema.faults(of: .object(pause), as: "Pause") == [])
        try expect("/api/pause", 200, try dashboard.post("api/pause", pause, headers: headers))
        try expect("/api/pause", 400, try dashboard.post("api/pause", [:], headers: headers))
        try expect("/api/pause", 401, try dashboard.post("api/pause", pause))
        let ack: JSONObject = [
            "source": .integer(0), "alarm": .string(String(repeating: "a", count: 32)),
            "seen": .string(String(repeating: "b", count: 32)),
        ]
        #expect(schema.faults(of: .object(ack), as: "Ack") == [])
        try expect("/api/ack", 409, try dashboard.post("api/ack", ack, headers: headers))
        let set: JSONObject = [
            "source": .integer(0), "patient": .string("p7"), "op": .string("STANDBY"), "on": .bool(true),
        ]
        #expect(schema.faults(of: .object(set), as: "Set") == [])
        try expect("/api/set", 200, try dashboard.post("api/set", set, headers: headers))
        try expect("/api/set", 400, try dashboard.post("api/set", [:], headers: headers))
        let noKey: JSONObject = ["Cookie": .string(login.cookie)]
        try expect("/api/ack", 403, try dashboard.post("api/ack", ack, headers: noKey))
        try expect("/api/logout", 200, try dashboard.post("api/logout", [:], headers: headers))
    }

    @Test func `a schema tells what is missing, what is more and what is of another type`() throws {
        let schema = try Schema()
        let right: JSONObject = [
            "users": .bool(true), "user": .null, "key": .null, "right": .null, "seconds": .integer(3),
        ]
        #expect(schema.faults(of: .object(right), as: "Me") == [])
        let more = right.with(["other": .integer(1)])
        #expect(schema.faults(of: .object(more), as: "Me") == ["other is not described"])
        let wrong = right.with(["users": .string("yes")])
        #expect(schema.faults(of: .object(wrong), as: "Me").count == 1)
        #expect(schema.faults(of: .object(["users": .bool(true)]), as: "Me").count == 4)
        #expect(schema.faults(of: .string("x"), as: "Me").count == 1)
        #expect(
            schema.faults(of: .object(["source": .integer(-1)]), as: "Ack").contains {
                $0.contains("minimum")
            }
        )
    }
}
