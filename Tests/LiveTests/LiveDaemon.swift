import Foundation
import TestSupport
import Wire
import ZeroMQ

/// A `shinden serve` of its own on free ports, or on fresh ipc paths.
final class LiveDaemon {
    let program: Program
    let frames: Endpoint
    let events: Endpoint
    let control: Endpoint
    /// Where acknowledged gateways send; nil where there is no such endpoint.
    let ingest: Endpoint?
    /// The name that refusals are counted by: the endpoint as configured.
    let framesName: String
    private let scratch: Scratch

    /// Starts it and waits until it says that it is ready; no file of it may grow beyond `fileKilobytesMax`.
    ///
    /// `smallDiskAt` is a folder that is a disk of `diskKilobytes` for this daemon alone. `launcher` is a command that starts
    /// the daemon, whose own command follows on it.
    init(
        _ flags: [String] = [],
        overIPC: Bool = false,
        fileKilobytesMax: Int? = nil,
        environment: [String: String] = [:],
        smallDiskAt folder: String? = nil,
        diskKilobytes: Int = 300,
        launcher: [String] = []
    ) throws {
        let scratch = try Scratch()
        self.scratch = scratch
        let wanted = ["frames", "events", "control"].map {
            overIPC ? "ipc://" + scratch.at($0) : "tcp://127.0.0.1:*"
        }
        framesName = wanted[0]
        var command = launcher
        if let limit = fileKilobytesMax {
            command += ["/bin/bash", "-c", "ulimit -f \(limit); exec \"$0\" \"$@\""]
        }
        if let folder {
            let script =
                "mount -t tmpfs -o size=\(diskKilobytes)k tmpfs \"$1\" && shift && exec \"$@\""
            command += ["/usr/bin/unshare", "-m", "/bin/bash", "-c", script, "daemon", folder]
        }
        command += [
            try Program.shindenPath(), "serve", "--bind-subscribe", wanted[0], "--events", wanted[1],
            "--control", wanted[2], "--model", Repository.defaultModel,
        ]
        // Most tests send as fast as they can.
        if !flags.contains("--ingest-speed-max") { command += ["--ingest-speed-max", "max"] }
        program = try Program(command[0], command.dropFirst() + flags, environment: environment)
        let words = program
        // As text or as JSON.
        let ready = ["shinden: ready", #""message":"ready""#]
        guard
            eventually({
                words.words.contains { line in ready.contains { line.contains($0) } } || !words.isRunning
            }),
            let line = words.words.first(where: { $0.contains("; frames ") })
        else {
            let said = program.words.joined(separator: "\n")
            program.end()
            throw Missing(description: "the daemon did not become ready: \(said)")
        }
        frames = try LiveDaemon.endpoint(after: "frames ", in: line)
        events = try LiveDaemon.endpoint(after: "events ", in: line)
        control = try LiveDaemon.endpoint(after: "control ", in: line)
        ingest = line.contains(", ingest ") ? try LiveDaemon.endpoint(after: ", ingest ", in: line) : nil
    }

    private static func endpoint(after word: String, in line: String) throws -> Endpoint {
        guard let start = line.range(of: word)?.upperBound else { throw Missing(description: line) }
        return try Endpoint(String(line[start...].prefix { $0 != "," }))
    }

    /// A gateway that is connected and heard; on failure, with the daemon's own words.
    func sender() throws -> Sender {
        do { return try Sender(to: frames) } catch {
            throw Missing(description: "\(error); the daemon said \(program.words)")
        }
    }

    /// Asks it to stop; its exit code.
    func stop(_ signal: Int32 = SIGTERM) -> Int32? {
        program.send(signal)
        return program.exitCode()
    }

    func end() {
        program.end()
        scratch.end()
    }
}

/// Asks the daemon, as a dashboard would: a DEALER, with the empty delimiter of a REQ or without.
final class Asker {
    private let socket: Socket
    private let delimiter: [[UInt8]]

    convenience init(_ daemon: LiveDaemon, likeREQ: Bool = false) throws {
        try self.init(daemon.control, likeREQ: likeREQ)
    }

    init(_ control: Endpoint, likeREQ: Bool = false, security: Security = .none) throws {
        socket = try Socket(.dealer, in: try Context(security: security))
        try socket.connect(control)
        delimiter = likeREQ ? [[]] : []
    }

    /// The reply to `request`, waited for.
    func ask(_ request: String, within limit: Duration = Patience.limit()) throws -> JSONObject {
        try ask(bytes: Array(request.utf8), within: limit)
    }

    private func ask(bytes: [UInt8], within limit: Duration) throws -> JSONObject {
        guard try socket.send(delimiter + [bytes], blocking: true) == .sent,
            case .message(let parts) = try next(within: limit), Array(parts.dropLast()) == delimiter,
            let reply = try JSONValue(parsing: parts[parts.count - 1]).object
        else { throw Missing(description: "no reply within the limit, or none in kind") }
        return reply
    }

    /// The reply to what was sent, waited for.
    func reply(within limit: Duration = Patience.limit()) throws -> JSONObject {
        guard case .message(let parts) = try next(within: limit),
            let reply = try JSONValue(parsing: parts[parts.count - 1], byteCountMax: 4 << 20).object
        else { throw Missing(description: "no reply within the limit") }
        return reply
    }

    /// All pages of SNAPSHOT.
    func snapshot() throws -> [JSONObject] {
        var pages: [JSONObject] = []
        var from: Int64? = 0
        while let first = from {
            let page = try ask(#"{"op":"SNAPSHOT","request":"s","from":\#(first)}"#)
            pages.append(page)
            from = page["more"] == .bool(true) ? page["next"]?.whole : nil
        }
        return pages
    }

    /// Sends what no reply is expected to, or one that `reply` reads.
    func send(_ parts: [[UInt8]]) throws { _ = try socket.send(parts, blocking: true) }

    private func next(within limit: Duration) throws -> Received {
        _ = try socket.wait(for: .readable, timeout: limit)
        return try socket.receive(maximumParts: 5)
    }

    func status() throws -> JSONObject { try ask(#"{"op":"STATUS","request":"s"}"#) }

    /// The first page of STREAMS.
    func streams() throws -> [JSONObject] {
        try ask(#"{"op":"STREAMS","request":"t"}"#)["streams"]?.array?.compactMap(\.object) ?? []
    }

    /// The only stream, once so many samples of each of so many leads have been counted; what it is then, or has come to in the end.
    ///
    /// STREAMS may be 0.2 s behind the events.
    func stream(received count: Int, leads: Int = 12) throws -> JSONObject? {
        var newest: JSONObject?
        _ = try eventually {
            let streams = try streams()
            newest = streams.count == 1 ? streams.first : nil
            let counts = newest?["leads"]?.array?.compactMap { $0.object?["received"]?.whole } ?? []
            return counts == Array(repeating: Int64(count), count: leads)
        }
        return newest
    }

    /// Chunks refused so far at the daemon's endpoint for frames, by code.
    func refusals(at daemon: LiveDaemon) throws -> [String: Int64] {
        let counts = try status()["counts"]?.object?[daemon.framesName]?.object
        return Dictionary(
            uniqueKeysWithValues: (counts?.members ?? []).map { ($0.name, $0.value.whole ?? -1) }
        )
    }
}
