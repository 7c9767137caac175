import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// What an operator reads on stderr while a daemon runs.
@Suite struct LogOfDaemonTests {
    private static let stream = StreamIdentity(patient: "canary-patient", device: "canary-device", epoch: 5)

    /// A daemon that has taken, refused and closed something; its words.
    private func words(_ flags: [String]) throws -> (words: [String], streams: [JSONObject]) {
        let daemon = try LiveDaemon(flags)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        // Some of the bad inputs are bad beside this stream only.
        try sender.send(Array(try BadInputTests.goodMessages().prefix(20)))
        for kind in BadInput.allCases { try sender.send(try kind.messages()) }
        try sender.send(try record.messages(Self.stream, 0..<1_000, isLast: true))
        #expect(
            try listener.hears("its end") { $0.isTech("stream_closed") && $0.subject == Self.stream.patient }
        )
        // Workers tell of their streams a moment after they have closed them.
        let asker = try Asker(daemon)
        var streams: [JSONObject] = []
        let isTold = try eventually {
            streams = try asker.streams().filter { $0["patient"]?.text == Self.stream.patient }
            return !streams.isEmpty
        }
        #expect(isTold)
        #expect(daemon.stop() == 0)
        return (daemon.program.words, streams)
    }

    @Test func `P25 streams and refusals have a line each, and no line names a patient`() throws {
        let (words, streams) = try words([])
        let name = try #require(streams.first?["log"]?.text)
        #expect(words.contains { $0.contains("stream opened") && $0.contains("stream=\(name)") })
        #expect(words.contains { $0.contains("stream closed") && $0.contains("stream=\(name)") })
        for code in Set(BadInput.allCases.map(\.code)) {
            #expect(
                words.contains { $0.hasPrefix("shinden: warning: ") && $0.contains("code=\(code) ") },
                "\(code)"
            )
        }
        for canary in ["canary", "good"] { #expect(!words.contains { $0.contains(canary) }) }
        // A hash may have these letters among its digits, so whole words are looked at.
        let parts = words.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }
        #expect(!parts.contains("bad"))
    }

    @Test func `plain names are a switch that says so, and JSON lines are objects`() throws {
        let (words, _) = try words(["--log-plain-ids", "--log-format", "json"])
        let lines = try words.map { try #require(try JSONValue(parsing: Array($0.utf8)).object) }
        #expect(lines.contains { $0["message"]?.text?.contains("log-plain-ids") == true })
        let opened = lines.filter { $0["code"]?.text == "stream_opened" }
        #expect(Set(opened.compactMap { $0["patient"]?.text }) == ["good", "canary-patient"])
        #expect(lines.allSatisfy { $0["time"]?.text != nil && $0["level"]?.text != nil })
    }

    @Test func `a gateway that does not publish and one whose topics nobody takes are told about`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        for kind in ["PUSH", "REQ"] {
            let code = """
                import sys, time, zmq
                socket = zmq.Context().socket(zmq.\(kind))
                socket.connect(sys.argv[1])
                time.sleep(3600)
                """
            let before = listener.heard.count { $0.isTech("peer_refused") }
            let peer = try Python.lines(code, [daemon.frames.text])
            defer { peer.end() }
            if before == 0 { #expect(try listener.hears(kind) { $0.isTech("peer_refused") }) }
        }
        let code = """
            import sys, time, zmq
            socket = zmq.Context().socket(zmq.PUB)
            socket.connect(sys.argv[1])
            while True:
                socket.send_multipart([b"mytopic", b"x"])
                time.sleep(0.1)
            """
        let peer = try Python.lines(code, [daemon.frames.text])
        defer { peer.end() }
        #expect(try listener.hears("a peer without data") { $0.isTech("peer_unheard") })
        #expect(eventually { daemon.program.words.contains { $0.contains("code=peer_unheard") } })
        #expect(daemon.program.words.contains { $0.contains("code=peer_refused") })
        let status = try Asker(daemon).status()
        #expect(status["peers"]?.whole == 1, "the one that publishes")
        let links = try #require(status["links"]?.object?.members.first?.value.object)
        #expect(Set(links.members.map(\.name)) == ["peer_refused", "peer_unheard"])
        #expect(links["peer_refused"]?.object?["count"]?.whole ?? 0 >= 1)
        #expect(links["peer_unheard"]?.object?["detail"]?.text?.contains("is subscribed to") == true)
    }

    /// A daemon whose stderr is what `redirection` makes of it; it listens on ipc paths that are known before.
    private func drains(_ redirection: String) throws -> Int32? {
        let scratch = try Scratch()
        defer { scratch.end() }
        let endpoints = ["bind-subscribe", "events", "control"].flatMap {
            ["--\($0)", "ipc://" + scratch.at($0)]
        }
        let arguments = ["serve", "--log-level", "debug", "--model", Repository.defaultModel] + endpoints
        let quoted = ([try Program.shindenPath()] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let program = try Program("/bin/bash", ["-c", "exec \(quoted) \(redirection)"])
        defer { program.end() }
        let control = try Endpoint("ipc://" + scratch.at("control"))
        let asker = try Asker(control)
        #expect(
            eventually {
                (try? asker.ask(#"{"op":"STATUS","request":"s"}"#, within: .seconds(1)))?["ready"]
                    == .bool(true)
            }
        )
        let sender = try Sender(to: try Endpoint("ipc://" + scratch.at("bind-subscribe")))
        let record = try SentRecord("ptbxl/00017_hr")
        for kind in BadInput.allCases { try sender.send(try kind.messages()) }
        try sender.send(try record.messages(Self.stream, 0..<5_200))
        let hasWindow = try eventually {
            try asker.streams().contains {
                $0["patient"]?.text == Self.stream.patient && $0["window"]?.whole == 0
            }
        }
        #expect(hasWindow)
        program.send(SIGTERM)
        return program.exitCode()
    }

    @Test(arguments: ["2>&-", "2>&- >&- <&-", "2> >(exit 0)", "2> /dev/full"])
    func `a stderr that is closed, full or without a reader neither stops the daemon nor its drain`(
        redirection: String
    ) throws {
        #expect(try drains(redirection) == 0)
    }
}
