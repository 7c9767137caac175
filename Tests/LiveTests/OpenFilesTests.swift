import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A daemon whose open files run out because of many peers.
@Suite struct OpenFilesTests {
    @Test func `P27 a daemon that peers take the open files of says so, and that they are gone`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let endpoints = ["bind-subscribe", "events", "control"].flatMap {
            ["--\($0)", "ipc://" + scratch.at($0)]
        }
        // serve takes up the hard limit, so that alone counts.
        let program = try Program(
            "/bin/bash",
            ["-c", #"ulimit -Sn 100; ulimit -Hn 200; exec "$0" "$@""#, try Program.shindenPath(), "serve"]
                + ["--model", Repository.defaultModel] + endpoints
        )
        defer { program.end() }
        #expect(eventually { program.words.contains { $0.contains("shinden: ready") } })
        let asker = try Asker(try Endpoint("ipc://" + scratch.at("control")))
        let reply = try asker.ask(#"{"op":"METRICS","request":"m"}"#)
        let most = MetricsReport.metrics(reply["metrics"]?.array?.compactMap(\.object) ?? [])
            .first { $0.name == "shinden_open_files_max" }?.samples.first?.value
        #expect(most == .number(200))
        let crowd = """
            import sys, time, zmq
            context = zmq.Context()
            sockets = [context.socket(zmq.DEALER) for _ in range(130)]
            for socket in sockets:
                socket.connect(sys.argv[1])
            time.sleep(3600)
            """
        let peers = try Python.lines(crowd, ["ipc://" + scratch.at("control")])
        defer { peers.end() }
        let line = { (word: String) in
            program.words.contains { $0.contains("code=files_running_out") && $0.contains(word) }
        }
        #expect(eventually { line("open files run out") }, "\(program.words)")
        peers.end()
        #expect(eventually { line("open files are enough again") }, "\(program.words)")
    }
}
