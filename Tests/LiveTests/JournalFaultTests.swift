import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// A real daemon with a journal on a real disk, of which one call fails, or at one call of which the daemon is killed.
///
/// `make test` takes a few calls of a run of about a hundred durable events, spread evenly over it; from `SHINDEN_CASES=10` on
/// each call is taken.
@Suite struct JournalFaultTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
    /// Senders of whom one chunk is refused: each makes one event that the journal keeps, in a transaction of its own.
    private static let strangers = 80

    /// Only where calls can be made to fail; a run without that says that these tests were left out, and why.
    private static let canFail = ConditionTrait.enabled(
        if: DiskFaults.arePossible,
        "strace is not installed (make test-deps), or this system lets nobody trace a program"
    )

    private static func start(_ scratch: Scratch, under faults: DiskFaults? = nil) throws -> LiveDaemon {
        try LiveDaemon(
            ["--state", scratch.at("state"), "--idle-seconds", "3600"],
            launcher: faults?.launcher ?? []
        )
    }

    /// Sends what makes a hundred events, as long as the daemon lives; what was heard of it.
    private static func drive(_ daemon: LiveDaemon, _ strangers: Int = strangers) throws -> Listener {
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let isOver = { !daemon.program.isRunning }
        let messages = try SentRecord("ptbxl/00017_hr").messages(p1, 0..<13_000, flat: 5_000..<Int.max)
        for message in messages { try sender.send(message, unless: isOver) }
        for number in 0..<strangers where !isOver() {
            let topic = Topic(patient: "x\(number)", device: "d")?.text ?? ""
            try sender.send([Array(topic.utf8), [7]], unless: isOver)
            let isTold = try listener.reads { isOver() || listener.heard.last?.subject == "x\(number)" }
            #expect(isTold, "stranger \(number)")
        }
        let stands = try listener.reads {
            isOver() || listener.heard.contains { $0.data["statement"]?.text == "asystole" }
        }
        #expect(stands)
        return listener
    }

    /// The calls on the journal's files of a run in which nothing fails.
    private static let calls = Result {
        let scratch = try Scratch()
        defer { scratch.end() }
        let counted = DiskFaults(in: scratch.at("state/journal"), log: scratch.at("calls"))
        let daemon = try start(scratch, under: counted)
        defer { daemon.end() }
        let listener = try drive(daemon)
        #expect(listener.heard.count { $0.event["durable"] == .bool(true) } >= 90)
        #expect(daemon.stop() == 0)
        return counted.points
    }

    /// The calls at which a fault is made to happen: `count` of them, or all.
    private static func points(of kind: DiskFaults.Kind, _ count: Int) throws -> [DiskFaults.Point] {
        let all = try calls.get().filter { kind.calls.contains($0.call) }
        guard seeds(1).count < 10, all.count > count else { return all }
        return (0..<count).map { all[(2 * $0 + 1) * all.count / (2 * count)] }
    }

    /// What a restarted daemon has of the run before; `heard` is what readers had of it.
    private func judge(
        _ scratch: Scratch,
        _ heard: [Listener.Heard],
        _ point: DiskFaults.Point
    ) throws -> [JSONObject] {
        let daemon = try Self.start(scratch)
        defer { daemon.end() }
        let asker = try Asker(daemon)
        let events = try asker.history().events
        let numbers = events.compactMap { JournalPlace(in: $0)?.sequence }
        #expect(numbers == Array(1..<Int64(events.count + 1)), "\(point)")
        let texts = Set(events.map(KeptEvent.text))
        for event in heard where event.event["durable"] == .bool(true) {
            #expect(texts.contains(KeptEvent.text(event.event)), "\(point): \(event.event)")
        }
        #expect(KeptEvent.ambiguous(events + heard.map(\.event)) == [], "\(point)")
        let standing = try asker.snapshot().flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
        for event in events where event["data"]?.object?["statement"]?.text == "asystole" {
            let alarm = event["data"]?.object?["alarm_id"]
            #expect(standing.contains { $0["alarm_id"] == alarm }, "\(point): what stood, stands")
        }
        #expect(daemon.stop() == 0)
        let check = try Program(
            "/usr/bin/sqlite3",
            [scratch.at("state/journal/events.sqlite"), "PRAGMA integrity_check"]
        )
        defer { check.end() }
        #expect(check.exitCode() == 0 && check.lines == ["ok"], "\(point): \(check.lines)")
        return events
    }

    @Test(Self.canFail)
    func `P12 P13 P14 killed at any call on its journal, a daemon has lost no durable event`() throws {
        let points = try Self.points(of: .kill, 4)
        var happened = 0
        for point in points {
            let scratch = try Scratch()
            defer { scratch.end() }
            let faults = DiskFaults(
                in: scratch.at("state/journal"),
                (.kill, point, 1),
                log: scratch.at("calls")
            )
            var heard: [Listener.Heard] = []
            // At the first calls it does not become ready, or ends before it is heard.
            if let daemon = try? Self.start(scratch, under: faults) {
                defer { daemon.end() }
                do { heard = try Self.drive(daemon).heard } catch  where !daemon.program.isRunning {}
                #expect(daemon.program.isRunning || daemon.program.exitCode() == -SIGKILL, "\(point)")
            }
            // In another run there may be a few calls fewer.
            guard faults.hasHappened else { continue }
            happened += 1
            _ = try judge(scratch, heard, point)
        }
        #expect(happened > 0 && happened * 2 >= points.count, "\(happened) of \(points.count)")
        print("killed at \(happened) calls of \(try Self.calls.get().count)")
    }

    @Test(Self.canFail, arguments: [DiskFaults.Kind.full, .broken, .unsynced], [1, 4])
    func `P15 whichever call on its journal fails, a daemon goes on, says so, and events are durable again`(
        _ kind: DiskFaults.Kind,
        times: Int
    ) throws {
        let points = try Self.points(of: kind, 2)
        var happened = 0
        for point in points {
            let scratch = try Scratch()
            defer { scratch.end() }
            let faults = DiskFaults(
                in: scratch.at("state/journal"),
                (kind, point, times),
                log: scratch.at("calls")
            )
            let daemon = try Self.start(scratch, under: faults)
            defer { daemon.end() }
            let listener = try Self.drive(daemon)
            guard faults.hasHappened else { continue }
            happened += 1
            try expectRecovery(daemon, listener, times, point)
            #expect(daemon.stop() == 0, "\(point)")
            let events = try judge(scratch, listener.heard, point)
            // What went out as not durable was written later.
            let kept = Set(events.compactMap { $0["id"]?.text })
            for event in listener.heard where ["shinden.alarm.v1", "shinden.tech.v1"].contains(event.kind) {
                #expect(kept.contains(event.event["id"]?.text ?? ""), "\(kind) at \(point): \(event.event)")
            }
        }
        #expect(happened > 0 && happened * 2 >= points.count, "\(happened) of \(points.count)")
        print("\(kind): \(happened) calls failed \(times) times")
    }

    @Test(Self.canFail, arguments: [SIGKILL, SIGTERM])
    func `P15 P18 a daemon that starts on a full disk has the alarms that stood`(_ end: Int32) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        func standing(_ daemon: LiveDaemon) throws -> [String] {
            try Asker(daemon).snapshot().flatMap { $0["alarms"]?.array ?? [] }
                .compactMap { $0.object?["alarm_id"]?.text }
        }
        var daemon = try Self.start(scratch)
        defer { daemon.end() }
        let heard = try Self.drive(daemon, 0).heard
        let alarms = heard.filter { $0.data["statement"]?.text == "asystole" }
            .compactMap { $0.data["alarm_id"]?.text }
        let alarm = try #require(alarms.first)
        // On a slow disk it goes out before it is kept.
        let asker = try Asker(daemon)
        let isKept = try eventually {
            try asker.history().events.contains { $0["data"]?.object?["alarm_id"]?.text == alarm }
        }
        #expect(isKept)
        _ = daemon.stop(end)
        daemon.end()
        let faults = DiskFaults(
            in: scratch.at("state/journal"),
            (.full, .firstWrite, .max),
            log: scratch.at("calls")
        )
        daemon = try Self.start(scratch, under: faults)
        #expect(try standing(daemon).contains(alarm))
        // It is told with the first event, before a reader can be there.
        #expect(eventually { daemon.program.words.contains { $0.contains("code=journal_failed") } })
        #expect(try Asker(daemon).status()["durable"] == .bool(false))
        #expect(faults.hasHappened && daemon.stop() == 0, "\(daemon.program.words)")
        daemon.end()
        daemon = try Self.start(scratch)
        #expect(try standing(daemon).contains(alarm))
        #expect(daemon.stop() == 0)
    }

    /// Nobody missed anything, people were told where something was not durable, and it did not last.
    private func expectRecovery(
        _ daemon: LiveDaemon,
        _ listener: Listener,
        _ times: Int,
        _ point: DiskFaults.Point
    ) throws {
        let asker = try Asker(daemon)
        let isDurable = try listener.reads {
            let isOver = listener.heard.count { $0.isTech("journal_failed") }.isMultiple(of: 2)
            return try isOver && asker.status()["durable"] == .bool(true)
        }
        #expect(isDurable && daemon.program.isRunning, "\(point)")
        #expect(listener.missed == 0, "\(point)")
        let told = listener.heard.filter { $0.isTech("journal_failed") }
        let lost = listener.heard.filter { event in
            ["shinden.alarm.v1", "shinden.tech.v1"].contains(event.kind)
                && event.event["durable"] == .bool(false)
        }
        #expect(lost.isEmpty || told.first?.phase == "start", "\(point)")
        let moments = told.compactMap { event in
            try? Date(
                event.event["time"]?.text ?? "",
                strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            )
        }
        guard let first = moments.first, let last = moments.last else { return }
        // The file is opened again twice a second, so that a disk that refuses four times is one after two seconds.
        let limit = Patience.limit(.seconds(2)) + .milliseconds(500 * (times - 1))
        #expect(.seconds(last.timeIntervalSince(first)) < limit, "\(point)")
    }
}
