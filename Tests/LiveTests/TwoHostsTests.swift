import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// Gateway, daemon and reader on machines of their own, as far as one machine can have several: their own network stacks and
/// cables between them.
///
/// `SHINDEN_NETWORK_ROUNDS=60` sends an hour of signal in place of a minute.
@Suite(.serialized, .enabled(if: Network.canBeMade, Network.reason))
struct TwoHostsTests {
    /// The machines: of the daemon, of the gateway, of the reader, and one between a second gateway and the daemon.
    private enum Machine {
        static let daemon = 0
        static let gateway = 1
        static let reader = 2
        static let between = 3
        static let farGateway = 4
    }

    /// Forwards each connection to the daemon, and flips one bit in what the gateway sends, time and again, for so many
    /// connections; those after them are left as they are.
    private static let flipper = """
        import random, socket, sys, threading
        here, there, flips = sys.argv[1], sys.argv[2], int(sys.argv[3])
        random.seed(19)
        listener = socket.create_server((here, 7205))
        print("listening", flush=True)
        def pump(source, sink, hostile):
            seen, next_flip = 0, 3000
            try:
                while data := source.recv(4096):
                    if hostile and seen <= next_flip < seen + len(data):
                        data = bytearray(data)
                        data[next_flip - seen] ^= 1 << random.randrange(8)
                        print("flipped", flush=True)
                        next_flip += 20000
                    seen += len(data)
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        count = 0
        while True:
            near, _ = listener.accept()
            try:
                far = socket.create_connection((there, 7205))
            except OSError:
                near.close()
                continue
            count += 1
            threading.Thread(target=pump, args=(near, far, count <= flips), daemon=True).start()
            threading.Thread(target=pump, args=(far, near, False), daemon=True).start()
        """

    /// A folder of keys, and a daemon on its machine that lets them in.
    private final class Hospital {
        let network: Network
        let scratch: Scratch
        let daemon: Program

        init() throws {
            scratch = try Scratch()
            network = try Network(others: 3 + 1)
            let keys = scratch.at("keys")
            func run(_ arguments: [String]) throws {
                let (code, _, words) = try Program.run(arguments)
                if code != 0 { throw Missing(description: words) }
            }
            try run(["keys", "generate", "daemon", "--dir", keys])
            for (name, role) in [("gate", "gateway"), ("far", "gateway"), ("desk", "dashboard")] {
                try run(["keys", "generate", name, "--dir", scratch.path])
                try run(
                    ["keys", "authorise", name, scratch.at("\(name).pub"), "--keys", keys, "--role", role]
                )
            }
            try run(["keys", "generate", "stranger", "--dir", scratch.path])
            daemon = try network.shinden(
                [
                    "serve", "--keys", keys, "--bind-subscribe", "tcp://*:7201", "--events", "tcp://*:7202",
                    "--control", "tcp://*:7203", "--ingest", "tcp://*:7205", "--state", scratch.at("state"),
                    "--ack", "process", "--model", Repository.defaultModel, "--idle-seconds", "3600",
                ],
                on: Machine.daemon
            )
            let words = daemon
            guard eventually({ words.words.contains { $0.contains("shinden: ready") } }) else {
                throw Missing(description: "not ready: \(daemon.words)")
            }
        }

        func flags(_ name: String) -> [String] {
            ["--key", scratch.at("\(name).key"), "--server-key", scratch.at("keys") + "/daemon.pub"]
        }

        func ask(_ arguments: [String]) throws -> [JSONObject] {
            let asked = try network.shinden(
                arguments + ["--json", "--control", "tcp://10.77.\(Machine.reader).1:7203"] + flags("desk"),
                on: Machine.reader
            )
            defer { asked.end() }
            #expect(asked.exitCode() == 0, "\(asked.words)")
            return try asked.lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }
        }

        /// What STREAMS says of the stream of a patient in that round.
        func stream(_ patient: String, _ round: Int) throws -> JSONObject? {
            try ask(["streams"]).first { $0["stream"]?.text == Hospital.stream(patient, round) }
        }

        static func stream(_ patient: String, _ round: Int) -> String {
            "\(patient).replay-\(patient).\(hexadecimal16(UInt64(round)))"
        }

        func end() {
            daemon.end()
            network.end()
            scratch.end()
        }
    }

    /// How often the whole is done; each time is a minute of signal at five times real time.
    private var rounds: Int {
        ProcessInfo.processInfo.environment["SHINDEN_NETWORK_ROUNDS"].flatMap { Int($0) } ?? 1
    }

    @Test
    func
        `P22 over a network: a cable is pulled for 10 s, bits are flipped, a stranger knocks, and nothing is lost`()
        throws
    {
        let hospital = try Hospital()
        defer { hospital.end() }
        try hospital.network.connect(Machine.between, Machine.farGateway)
        let reader = try hospital.network.start(
            "/usr/bin/env",
            [
                try Python.interpreter.get(), Repository.root + "/Protocols/examples/reader.py", "--events",
                "tcp://10.77.\(Machine.reader).1:7202",
            ] + hospital.flags("desk"),
            on: Machine.reader
        )
        defer { reader.end() }
        #expect(eventually { !reader.lines.isEmpty })
        for round in 1...rounds {
            try send(round, hospital)
            try check(round, hospital, reader)
        }
        #expect(!reader.words.contains { $0.contains("missed") }, "\(reader.words)")
    }

    /// Sends a minute of signal from two gateways: one whose cable is pulled, one behind somebody who flips bits.
    private func send(_ round: Int, _ hospital: Hospital) throws {
        let network = hospital.network
        let flipper = try network.start(
            "/usr/bin/env",
            ["python3", "-c", Self.flipper, "10.77.100.1", "10.77.\(Machine.between).1", "4"],
            on: Machine.between
        )
        defer { flipper.end() }
        #expect(eventually { flipper.lines.contains("listening") })
        func replay(_ name: String, _ patient: String, to address: String, on machine: Int) throws -> Program
        {
            try network.shinden(
                [
                    "replay", Repository.fixtures + "/mitdb/119_0000", "--patient", patient, "--epoch",
                    String(round, radix: 16),
                    "--speed", "5", "--acknowledged", "--publish", "tcp://\(address):7205",
                ] + hospital.flags(name),
                on: machine
            )
        }
        let gateway = try replay("gate", "p1", to: "10.77.\(Machine.gateway).1", on: Machine.gateway)
        let far = try replay("far", "p2", to: "10.77.100.1", on: Machine.farGateway)
        let stranger = try replay("stranger", "p3", to: "10.77.\(Machine.gateway).1", on: Machine.gateway)
        defer { for program in [gateway, far, stranger] { program.end() } }

        #expect(
            try eventually {
                let leads = try hospital.stream("p1", round)?["leads"]?.array
                return leads?.first?.object?["received"]?.whole ?? 0 > 3_000
            }
        )
        try network.set(cableOf: Machine.gateway, isIn: false)
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.1) }
        #expect(gateway.isRunning, "it waits for its cable")
        try network.set(cableOf: Machine.gateway, isIn: true)

        #expect(
            eventually(within: .seconds(60)) { !gateway.isRunning && !far.isRunning && !stranger.isRunning }
        )
        for program in [gateway, far] { #expect(program.exitCode() == 0, "\(program.words)") }
        #expect(stranger.exitCode() == 69, "\(stranger.words)")
        // How many there are depends on when the broken links are made anew.
        #expect(flipper.lines.contains("flipped"))
        let isTold = hospital.daemon.words.contains {
            $0.contains("key refused") && $0.contains("10.77.\(Machine.gateway).2")
        }
        #expect(isTold, "\(hospital.daemon.words)")
    }

    /// All that was sent is analysed, and of the two ways of one recording the reader is told the same.
    private func check(_ round: Int, _ hospital: Hospital, _ reader: Program) throws {
        for patient in ["p1", "p2"] {
            // STREAMS may be 0.2 s behind what was acknowledged.
            var newest: JSONObject?
            _ = try eventually {
                newest = try hospital.stream(patient, round)
                let leads = newest?["leads"]?.array?.compactMap(\.object) ?? []
                return leads.allSatisfy { $0["analysed"]?.whole == 21_600 }
            }
            let stream = try #require(newest)
            #expect(stream["missing"]?.whole == 0 && stream["refused"]?.object?.members.isEmpty == true)
            let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
            #expect(leads.count == 2)
            for lead in leads {
                #expect(
                    lead["received"]?.whole == 21_600 && lead["analysed"]?.whole == 21_600,
                    "\(patient) \(lead)"
                )
            }
        }
        let status = try #require(try hospital.ask(["status"]).first)
        // A gateway whose link was cut, and which does not know it yet, is told to say HELLO again (STALL).
        let codes =
            status["counts"]?.object?.members.flatMap { $0.value.object?.members.map(\.name) ?? [] } ?? []
        #expect(Set(codes).isSubset(of: ["STALL"]), "no damaged frame came through")
        func windows(_ patient: String) throws -> [Int64: JSONValue] {
            var windows: [Int64: JSONValue] = [:]
            for line in reader.lines {
                guard let event = try JSONValue(parsing: Array(line.utf8)).object,
                    event["type"]?.text == "shinden.diagnosis.v1", let data = event["data"]?.object,
                    data["stream"]?.text == Hospital.stream(patient, round),
                    let first = data["window"]?.object?["first_sample"]?.whole
                else { continue }
                windows[first] = data["top"] ?? .null
            }
            return windows
        }
        // Windows of 10 s begin every 512 samples of the 30,000.
        let due = (30_000 - 5_000) / 512 + 1
        #expect(try eventually { try [windows("p1").count, windows("p2").count] == [due, due] })
        let (one, other) = (try windows("p1"), try windows("p2"))
        #expect(one == other && one.values.allSatisfy { $0 != .null })
    }
}
