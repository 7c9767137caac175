import ECGSignal
import Foundation
import Synchronization
import TestSupport
import Testing
import Threads
import Wire
import ZeroMQ

/// The end of a daemon: what was received is analysed and said, within its time, whoever is asleep.
@Suite struct StopTests {
    private static let patients = ["a", "b", "c", "d"]

    /// The promise is 5 s on a machine that has nothing else to do.
    ///
    /// Another gets as many times more as it is slower,
    /// four times over, since what slows it comes and goes.
    private static func patience() -> [String] {
        let pace = Pace.now
        return ["--stop-seconds", "\(pace < 1.2 ? 5 : Int((20 * pace).rounded(.up)))"]
    }

    private static func stream(_ patient: String) -> StreamIdentity {
        StreamIdentity(patient: patient, device: patient, epoch: 1)
    }

    /// Frames of four patients without end, at the daemon's pace, until `isOver`.
    private func load(_ daemon: LiveDaemon, _ seed: UInt64, until isOver: SharedBool) throws -> WorkerThread {
        let record = try SentRecord("ptbxl/00017_hr")
        var generator = SeededGenerator(seed: seed)
        let sizes = Self.patients.map { _ in Int.random(in: 20...500, using: &generator) }
        let frames = daemon.frames
        return try WorkerThread.start(name: "load") {
            do {
                let sender = try Sender(to: frames, linger: .zero)
                for round in 0... {
                    for (index, patient) in Self.patients.enumerated() where !isOver.value {
                        let stream = Self.stream(patient)
                        let from = round * sizes[index]
                        let messages = try record.messages(
                            stream,
                            from..<from + sizes[index],
                            every: sizes[index]
                        )
                        for message in messages { try sender.send(message, unless: { isOver.value }) }
                    }
                    if isOver.value { return }
                }
            } catch { Issue.record("the load of seed \(seed) stopped: \(error)") }
        }
    }

    @Test(arguments: zip([SIGTERM, SIGINT, SIGHUP], seeds(3)))
    func `P19 under load everything received is analysed, said and heard in time`(
        signal: Int32,
        seed: UInt64
    ) throws {
        let daemon = try LiveDaemon(Self.patience())
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let isOver = SharedBool()
        let thread = try load(daemon, seed, until: isOver)
        defer {
            isOver.value = true
            thread.join()
        }
        #expect(
            try listener.reads {
                Self.patients.allSatisfy { !listener.windows(of: Self.stream($0).name).isEmpty }
            }
        )
        daemon.program.send(signal)
        let code = daemon.program.exitCode()
        isOver.value = true
        #expect(code == 0, "\(daemon.program.words)")
        #expect(daemon.program.words.last == "shinden: stopped")

        // The last of all is a heartbeat with the newest number of every topic.
        #expect(
            try listener.reads {
                listener.closings.count == Self.patients.count && listener.heard.last?.isHeartbeat == true
            }
        )
        #expect(listener.missed == 0)
        for patient in Self.patients {
            let ends = listener.closings[patient] ?? []
            #expect(ends.map(\.reason) == ["reason: shutdown"])
            let end = Int(try #require(ends.first?.firstSample))
            let due = stride(from: 0, through: end - Grid.windowSamples, by: 512).map(Int64.init)
            #expect(
                listener.windows(of: Self.stream(patient).name) == due,
                "\(patient): all windows of \(end) samples"
            )
        }
    }

    @Test func `P19 a second signal ends it at once`() throws {
        // A hop of 32 by one worker leaves a drain that takes long enough to be cut short; its own limit is far.
        let daemon = try LiveDaemon(["--hop", "32", "--workers", "1", "--stop-seconds", "3600"])
        defer { daemon.end() }
        let isOver = SharedBool()
        let thread = try load(daemon, 1, until: isOver)
        defer {
            isOver.value = true
            thread.join()
        }
        let asker = try Asker(daemon)
        #expect(try eventually { (try asker.status()["published"]?.whole ?? 0) > 100 })
        daemon.program.send(SIGTERM)
        #expect(eventually { daemon.program.words.contains { $0.contains("stopping") } })
        // One that comes at once would be the same wish; so it is repeated as a person does who sees no end.
        #expect(
            eventually {
                daemon.program.send(SIGTERM)
                return !daemon.program.isRunning
            }
        )
        #expect(daemon.program.exitCode() == 1)
        #expect(daemon.program.words.last?.contains("second signal") == true)
        #expect(!daemon.program.words.contains("shinden: stopped"))
    }

    @Test(arguments: 1...6) func `P19 two signals in one breath are one wish: all is analysed`(
        time: Int
    ) throws {
        // How long it takes is not asked here.
        let daemon = try LiveDaemon(["--stop-seconds", "3600"])
        defer { daemon.end() }
        let isOver = SharedBool()
        let thread = try load(daemon, UInt64(time), until: isOver)
        defer {
            isOver.value = true
            thread.join()
        }
        let asker = try Asker(daemon)
        #expect(try eventually { (try asker.status()["published"]?.whole ?? 0) > 20 })
        daemon.program.send(SIGTERM)
        daemon.program.send(SIGTERM)
        #expect(daemon.program.exitCode() == 0, "\(daemon.program.words)")
        #expect(daemon.program.words.last == "shinden: stopped")
    }

    @Test func `P19 a reader that is stopped does not hold it up`() throws {
        let daemon = try LiveDaemon(Self.patience())
        defer { daemon.end() }
        let reader = try Python.example("reader.py", ["--events", daemon.events.text])
        defer { reader.end() }
        #expect(eventually { !reader.lines.isEmpty })
        reader.send(SIGSTOP)
        let isOver = SharedBool()
        let thread = try load(daemon, 4, until: isOver)
        defer {
            isOver.value = true
            thread.join()
        }
        let asker = try Asker(daemon)
        #expect(try eventually { (try asker.status()["published"]?.whole ?? 0) > 1_000 })
        daemon.program.send(SIGTERM)
        #expect(daemon.program.exitCode() == 0, "\(daemon.program.words)")
    }
}

/// A flag between a test and its thread.
final class SharedBool: Sendable {
    private let state = Mutex(false)

    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
