import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// A disk of its own in memory, which outlives the daemons that write on it one after the other.
struct SmallDisk {
    /// Whether one may be mounted here.
    static let isPossible: Bool = {
        let trial = try? Program("/usr/bin/unshare", ["-m", "/bin/mount", "-t", "tmpfs", "x", "/mnt"])
        defer { trial?.end() }
        return trial?.exitCode() == 0
    }()

    private let folder: String
    private let holder: Program

    /// Makes it at that path.
    init(at folder: String, megabytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = "mount -t tmpfs -o size=\(megabytes)m tmpfs \"$0\" && echo mounted && exec sleep 100000"
        holder = try Program("/usr/bin/unshare", ["-m", "/bin/bash", "-c", script, folder])
        guard eventually({ holder.lines.contains("mounted") }) else {
            throw Missing(description: "no disk: \(holder.words)")
        }
    }

    /// The command before one that shall see the disk.
    var launcher: [String] { ["/usr/bin/nsenter", "-t", "\(holder.processID)", "-m"] }

    /// The path by which this process sees what is on the disk.
    private func outside(_ name: String) -> String { "/proc/\(holder.processID)/root\(folder)/\(name)" }

    /// Takes all the room that is left.
    func fill() throws {
        let path = outside("filler")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: path))
        defer { try? file.close() }
        for count in [1 << 20, 1 << 12, 1] {
            while (try? file.write(contentsOf: Data(count: count))) != nil {}
        }
    }

    /// Gives it back.
    func empty() throws { try FileManager.default.removeItem(atPath: outside("filler")) }

    func end() { holder.end() }
}

@Suite struct FullDiskTests {
    private static let canMount = ConditionTrait.enabled(
        if: SmallDisk.isPossible,
        "a disk of one's own may not be mounted here"
    )

    private static func start(on disk: SmallDisk, _ state: String) throws -> LiveDaemon {
        try LiveDaemon(
            ["--state", state, "--ingest", "tcp://127.0.0.1:*", "--idle-seconds", "3600"],
            launcher: disk.launcher
        )
    }

    /// Sends a patient whose heart stands still after ten seconds.
    private static func send(_ patient: String, to daemon: LiveDaemon) throws {
        let stream = StreamIdentity(patient: patient, device: "d-\(patient)", epoch: 1)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(stream, 0..<13_000, flat: 5_000..<Int.max))
    }

    /// Whether that alarm stands.
    private static func isStanding(_ alarm: String, _ daemon: LiveDaemon) throws -> Bool {
        try Asker(daemon).snapshot().flatMap { $0["alarms"]?.array ?? [] }
            .contains { $0.object?["alarm_id"]?.text == alarm }
    }

    @Test(Self.canMount)
    func `P15 P18 P27 a daemon that starts on a disk full to the last byte has what stood and says so`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let state = scratch.at("state")
        let disk = try SmallDisk(at: state, megabytes: 12)
        defer { disk.end() }
        var daemon = try Self.start(on: disk, state)
        defer { daemon.end() }
        try Self.send("p1", to: daemon)
        let heard = try awaited {
            try Asker(daemon).history().events.first { $0["data"]?.object?["statement"]?.text == "asystole" }
        }
        let alarm = try #require(heard?["data"]?.object?["alarm_id"]?.text)
        _ = daemon.stop(SIGKILL)
        daemon.end()

        try disk.fill()
        daemon = try Self.start(on: disk, state)
        #expect(try Self.isStanding(alarm, daemon))
        #expect(try Asker(daemon).status()["durable"] == .bool(false))
        for code in ["record_failed", "journal_failed"] {
            #expect(eventually { daemon.program.words.contains { $0.contains("code=\(code)") } }, "\(code)")
        }
        let full = try Asker(daemon).status()
        #expect(full["record_fault"]?.text?.isEmpty == false, "\(full)")
        #expect(full["journal_fault"]?.text?.isEmpty == false, "\(full)")
        try expectMonitoring(daemon, until: disk.empty)
        let roomy = try Asker(daemon).status()
        #expect(roomy["record_fault"]?.text?.isEmpty == false && roomy["journal_fault"] == .null, "\(roomy)")
        #expect(daemon.stop() == 74, "\(daemon.program.words)")
        daemon.end()
        daemon = try Self.start(on: disk, state)
        #expect(try Self.isStanding(alarm, daemon))
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
    }

    /// Windows are ranked and alarms raised; once there is room events are kept again, the log begins with the next run.
    private func expectMonitoring(_ daemon: LiveDaemon, until makeRoom: () throws -> Void) throws {
        let listener = try Listener(daemon)
        try Self.send("p2", to: daemon)
        let isWatched = try listener.reads {
            listener.heard.contains { $0.isDiagnosis && $0.subject == "p2" }
                && listener.heard.contains {
                    $0.subject == "p2" && $0.data["statement"]?.text == "asystole"
                        && $0.event["durable"] == .bool(false)
                }
        }
        #expect(isWatched)
        try makeRoom()
        #expect(try listener.hears("the recovery") { $0.isTech("journal_failed") && $0.phase == "end" })
    }
}
