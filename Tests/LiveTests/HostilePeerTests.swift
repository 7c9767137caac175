import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Peers that speak ZMTP by hand and mean ill.
@Suite(.serialized) struct HostilePeerTests {
    /// Connects as a publisher and sends the parts of one message without end; prints what it has sent, in megabytes.
    private static let endless = """
        import socket, struct, sys
        host, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
        peer = socket.create_connection((host, port))
        peer.sendall(b"\\xff" + bytes(8) + b"\\x7f\\x03\\x00" + b"NULL".ljust(20, b"\\0") + b"\\0" + bytes(31))
        def read(count):
            data = b""
            while len(data) < count:
                data += peer.recv(count - len(data)) or sys.exit(2)
            return data
        read(64)
        body = b"\\x05READY" + b"\\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        peer.sendall(b"\\x04" + bytes([len(body)]) + body)
        head = read(2)
        read(head[1])
        part = b"\\x03" + struct.pack(">Q", 200_000) + bytes(200_000)
        sent = 0
        try:
            for _ in range(10_000):
                peer.sendall(part)
                sent += 1
                if sent % 50 == 0:
                    print("sent", sent * 0.2, flush=True)
        except OSError:
            print("cut off after", sent * 0.2, flush=True)
        """

    private func residentMegabytes(_ daemon: LiveDaemon) throws -> Double {
        let metrics = try Asker(daemon).ask(#"{"op":"METRICS","request":"m"}"#)
        let all = metrics["metrics"]?.array?.compactMap(\.object) ?? []
        let resident = all.first { $0["name"]?.text == "shinden_resident_memory_bytes" }
        guard let bytes = resident?["samples"]?.array?.first?.object?["value"]?.real else {
            throw Missing(description: "no such metric")
        }
        return bytes / 1e6
    }

    @Test(arguments: ["PUB", "DEALER"])
    func `P07 a message without end is cut off, its memory comes back, and a good stream goes on`(
        kind: String
    ) throws {
        let daemon = try LiveDaemon(["--workers", "1"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let record = try SentRecord("ptbxl/00017_hr")
        let sender = try daemon.sender()
        try sender.send(try record.messages(stream, 0..<3_000))
        let target = kind == "PUB" ? daemon.frames : daemon.control
        let port = try #require(target.text.split(separator: ":").last.map(String.init))
        let hostile = try Python.lines(Self.endless, ["127.0.0.1", port, kind])
        defer { hostile.end() }
        #expect(
            try listener.hears("the guard") {
                $0.isTech("memory_beyond_bound") && $0.reason?.contains("no keys are asked for") == true
            }
        )
        #expect(eventually { hostile.lines.contains { $0.hasPrefix("cut off after") } }, "\(hostile.words)")
        #expect(eventually { daemon.program.words.contains { $0.contains("memory beyond") } })
        // The memory is the system's again.
        #expect(try eventually { try residentMegabytes(daemon) < 250 })
        // The gateway comes in anew by itself, and its stream is the same one.
        var end = 3_000
        let goesOn = try eventually {
            try sender.send(try record.messages(stream, end..<end + 100))
            end += 100
            Thread.sleep(forTimeInterval: 0.02)
            return try Asker(daemon).streams().first?["window"]?.whole ?? 0 > 0
        }
        #expect(goesOn)
        let streams = try Asker(daemon).streams()
        #expect(streams.count == 1 && streams.first?["epoch"]?.text == "0000000000000001")
        #expect(daemon.stop() == 0)
    }

    @Test func `P22 a key has so many links and subscriptions; what is beyond is refused, counted and said`()
        throws
    {
        let keyed = try KeyedDaemon(more: [("greedy", ["--role", "dashboard"])])
        defer { keyed.end() }
        let desk = try keyed.listener()
        // Subscriptions beyond 256 get nothing; those before are served.
        let context = try Context(security: try keyed.security("greedy"))
        var options = SocketOptions()
        options.sendHighWaterMark = 0
        let many = try Socket(.sub, in: context, options: options)
        for number in 0..<300 { try many.subscribe(Array("ev1._.alarm.n\(number).".utf8)) }
        try many.connect(keyed.daemon.events)
        #expect(
            try desk.hears("the limit of subscriptions") {
                $0.isTech("limit_reached") && $0.reason?.contains("256 subscriptions") == true
            }
        )
        // Links beyond 64 are not let in; another key still is.
        var sockets: [SocketBox] = []
        for _ in 0..<70 {
            let socket = try Socket(.dealer, in: context, options: SocketOptions())
            try socket.connect(keyed.daemon.control)
            sockets.append(SocketBox(socket))
        }
        #expect(
            try desk.hears("the limit of links") {
                $0.isTech("limit_reached") && $0.reason?.contains("64 links") == true
                    && $0.reason?.contains("greedy") == true
            }
        )
        #expect(try keyed.asker("desk").status()["ok"] == .bool(true))
        sockets.removeAll()
        #expect(try eventually { try keyed.asker("greedy").status()["ok"] == .bool(true) })
    }

    /// Holds sockets, which arrays cannot.
    private final class SocketBox {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }
}
