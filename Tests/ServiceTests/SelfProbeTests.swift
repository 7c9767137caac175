import Access
import Foundation
import KeyFolder
import Logging
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import Service

/// The daemon's knocking at its own doors, by real sockets.
@Suite struct SelfProbeTests {
    private static let log = Logger(label: "none", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A configuration whose endpoints ask for keys.
    private func configuration(_ folder: TemporaryFolder, keys: String = "keys") throws -> Configuration {
        let path = folder.path + "/" + keys
        _ = try KeyFile.generate(named: KeyFolder.daemonName, in: path)
        try KeyFolder(path).authorise([])
        var configuration = Configuration()
        configuration.bindSubscribe = "tcp://127.0.0.1:*"
        configuration.events = "tcp://127.0.0.1:*"
        configuration.control = "tcp://127.0.0.1:*"
        configuration.ingest = "tcp://127.0.0.1:*"
        configuration.state = folder.path + "/state"
        configuration.workers = 1
        configuration.keys = path
        return configuration
    }

    private func start(
        _ configuration: Configuration,
        knocking knock: @escaping SelfProbe.Knock
    ) throws(Daemon.StartFailure) -> Daemon {
        try Daemon(
            configuration,
            model: NarrowModel.shared,
            named: "narrow",
            log: Self.log,
            knocking: knock
        )
    }

    @Test func `P21 a stranger is refused at each of the five doors before the daemon is ready`() throws {
        let folder = TemporaryFolder()
        let seen = Mutex<[String]>([])
        let daemon = try start(configuration(folder)) {
            (probe, door, endpoint, server) throws(ZeroMQError) -> DoorProbe.Finding in
            let finding = try SelfProbe.knock(probe, door, endpoint, server)
            seen.withLock { $0.append("\(door) \(finding)") }
            return finding
        }
        #expect(
            seen.withLock { $0 } == [
                "frames refused", "events refused", "control refused", "waves refused", "ingest refused",
            ]
        )
        seen.withLock { $0 = [] }
        daemon.reload()
        #expect(seen.withLock { $0.count } == 5, "after every reload too")
        #expect(daemon.fault == nil)
        daemon.drain()
    }

    @Test(arguments: Door.allCases, [DoorProbe.Finding.entered, .unanswered])
    func `P21 a sabotaged probe keeps the daemon from being ready`(
        door: Door,
        finding: DoorProbe.Finding
    ) throws {
        let folder = TemporaryFolder()
        let configuration = try configuration(folder)
        do {
            _ = try start(configuration) { _, place, _, _ in place == door ? finding : .refused }
            Issue.record("it became ready")
        } catch {
            guard case .insecure(let words) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(words.contains("that nobody knows"))
        }
        // Its sockets are closed again: the next one starts.
        try start(configuration, knocking: SelfProbe.knock).drain()
    }

    @Test func `without keys nobody knocks`() throws {
        let knocks = Mutex(0)
        var configuration = Configuration()
        configuration.bindSubscribe = "tcp://127.0.0.1:*"
        configuration.events = "tcp://127.0.0.1:*"
        configuration.control = "tcp://127.0.0.1:*"
        configuration.workers = 1
        let daemon = try start(configuration) { _, _, _, _ in
            knocks.withLock { $0 += 1 }
            return .entered
        }
        #expect(knocks.withLock { $0 } == 0)
        daemon.drain()
    }

    @Test func `the doors of a daemon at every address are tried at loopback`() throws {
        for (bound, dialled) in [
            ("tcp://0.0.0.0:7201", "tcp://127.0.0.1:7201"), ("tcp://[::]:7201", "tcp://127.0.0.1:7201"),
            ("tcp://192.0.2.1:7201", "tcp://192.0.2.1:7201"), ("ipc:///x", "ipc:///x"),
        ] {
            #expect(try Endpoint(bound).dialled.text == dialled)
        }
        #expect(try Endpoint("tcp://[::]:1").reached(at: "2001:db8::1").text == "tcp://[2001:db8::1]:1")
        #expect(try Endpoint("tcp://0.0.0.0:1").reached(at: "daemon").text == "tcp://daemon:1")
    }

    @Test func `a daemon at every address of its machine starts, and is ready`() throws {
        let folder = TemporaryFolder()
        var configuration = try configuration(folder)
        configuration.bindSubscribe = "tcp://*:*"
        configuration.events = "tcp://0.0.0.0:*"
        configuration.control = "tcp://[::]:*"
        let daemon = try start(configuration, knocking: SelfProbe.knock)
        #expect(daemon.fault == nil)
        daemon.drain()
    }
}
