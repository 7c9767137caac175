import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A real `shinden dashboard` beside a real daemon, asked by Python's own HTTP client.
struct DashboardProgram {
    /// What was answered.
    struct Answer {
        let status: Int64?
        let headers: JSONObject
        let body: String
        /// The method that was asked with, as documents write it.
        let method: String

        /// The body as an object; empty where it is none.
        var object: JSONObject { (try? JSONValue(parsing: Array(body.utf8)).object) ?? [:] }

        /// The cookie that the browser is to hold, as it sends it back.
        var cookie: String { String((headers["Set-Cookie"]?.text ?? "").prefix { $0 != ";" }) }

        /// What a page sends from then on whose login was answered so.
        var session: JSONObject { ["Cookie": .string(cookie), "X-Shinden-Key": object["key"] ?? .null] }
    }

    let program: Program
    let url: String

    /// Asks one path of a dashboard, and prints status, headers and body as one JSON object; of a line of events the first.
    private static let ask = """
        import json, sys, urllib.error, urllib.request
        url, method, headers, body = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
        request = urllib.request.Request(url, headers=headers, method=method, data=body.encode() or None)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        if answer.headers.get("Content-Type") == "text/event-stream":
            body = next(line for line in answer if line.startswith(b"data: "))[6:]
        else:
            body = answer.read()
        print(json.dumps({"status": answer.status if hasattr(answer, "status") else answer.code,
                          "headers": dict(answer.headers), "body": body.decode()}))
        """

    /// Starts it and waits until it serves.
    init(of daemon: LiveDaemon, _ flags: [String] = []) throws {
        let program = try Program.shinden(
            [
                "dashboard", "--events", daemon.events.text, "--control", daemon.control.text, "--http",
                "127.0.0.1:0",
            ] + flags
        )
        guard eventually({ program.words.contains { $0.contains("open http://") } || !program.isRunning }),
            let line = program.words.first(where: { $0.contains("open http://") }),
            let start = line.range(of: "http://")
        else {
            defer { program.end() }
            throw Missing(description: "no dashboard: \(program.words)")
        }
        self.program = program
        url = String(line[start.lowerBound...].prefix { $0 != " " })
    }

    func end() { program.end() }

    /// A file of people who may log in, each with the password `password of NAME`, and with that right where one is given.
    static func users(in scratch: Scratch, _ names: [String], right: String? = nil) throws -> String {
        let path = scratch.at("users")
        let flags = right.map { " --right \($0)" } ?? ""
        for name in names {
            let add = try Program(
                "/bin/sh",
                [
                    "-c",
                    "printf 'password of %s\\n' \(name) | \"$0\" dashboard users add \(name) --users \(path)\(flags)",
                    try Program.shindenPath(),
                ]
            )
            defer { add.end() }
            #expect(add.exitCode() == 0, "\(add.words)")
        }
        return path
    }

    /// The answer to somebody who logs in with the right password.
    func logIn(_ name: String) throws -> Answer {
        try post("api/login", ["name": .string(name), "password": .string("password of \(name)")])
    }

    /// The answer to a plain request.
    func answer(
        _ path: String = "",
        method: String = "GET",
        headers: JSONObject = [:],
        body: String = ""
    ) throws -> Answer {
        let python = try Python.lines(
            Self.ask,
            [url + path, method, JSONValue.object(headers).canonicalText, body]
        )
        defer { python.end() }
        #expect(python.exitCode() == 0, "\(python.words)")
        let line = try #require(python.lines.first)
        let object = try #require(try JSONValue(parsing: Array(line.utf8), byteCountMax: 1 << 22).object)
        return Answer(
            status: object["status"]?.whole,
            headers: object["headers"]?.object ?? [:],
            body: object["body"]?.text ?? "",
            method: method.lowercased()
        )
    }

    /// The answer to a request as this dashboard's own page sends it.
    func post(_ path: String, _ body: JSONObject, headers: JSONObject = [:]) throws -> Answer {
        try answer(
            path,
            method: "POST",
            headers: ([
                "Origin": .string(String(url.dropLast())), "Content-Type": .string("application/json"),
            ] as JSONObject).with(headers),
            body: JSONValue.object(body).canonicalText
        )
    }

    /// What a tab is told first.
    func snapshot(headers: JSONObject = [:]) throws -> JSONObject {
        let body = try answer("events", headers: headers).body
        return try JSONValue(parsing: Array(body.utf8), byteCountMax: 1 << 22).object ?? [:]
    }

    /// The alarms that stand on the pages, by their ids.
    func alarms(headers: JSONObject = [:]) throws -> [String: JSONObject] {
        let tiles = try snapshot(headers: headers)["tiles"]?.array?.compactMap(\.object) ?? []
        let all = tiles.flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
        return Dictionary(all.map { ($0["id"]?.text ?? "", $0) }) { $1 }
    }
}
