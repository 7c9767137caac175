import Digest
import ECGSignal
import Findings
import Glibc
import Logging
import TestSupport
import Testing
import Wire

@testable import Service

/// The daemon's log: which events have a line, what it says, and that no line can hurt the daemon.
@Suite struct LogTests {
    private static let second: MonotonicNanoseconds = 1_000_000_000
    private static let stream = StreamIdentity(patient: "canary-patient", device: "canary-device", epoch: 5)

    private static func event(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase = .start,
        subject: TechnicalEvent.Subject = .stream(stream),
        count: Int = 1,
        detail: String = "what happened"
    ) -> Event {
        Event(
            .technical(
                TechnicalEvent(
                    subject: subject,
                    code: code,
                    phase: phase,
                    priority: .info,
                    firstSample: 7,
                    count: count,
                    ordinal: 1,
                    detail: detail
                )
            ),
            time: 0
        )
    }

    @Test(arguments: TechnicalEvent.Code.allCases) func `every technical event has a line`(
        code: TechnicalEvent.Code
    ) throws {
        var log = EventLog(names: .plain)
        let found = log.line(for: Self.event(code, count: 3), at: 0)
        let line = try #require(found)
        #expect(line.facts["code"] == code.rawValue)
        #expect(line.facts["count"] == "3")
        #expect(line.facts["stream"] == Self.stream.name)
        #expect(line.facts["detail"] == "what happened")
        #expect(!line.message.isEmpty)
    }

    @Test(arguments: TechnicalEvent.Code.allCases) func `P25 no line names a patient or a device by itself`(
        code: TechnicalEvent.Code
    ) throws {
        let hash = KeyedHash()
        var log = EventLog(names: .hashed(hash))
        let found = log.line(for: Self.event(code), at: 0)
        let line = try #require(found)
        for format in LineLogHandler.Format.allCases {
            let text = try written(format) { $0.write(line) }
            #expect(!text.contains("canary"))
            #expect(text.contains(hash.name(of: Self.stream.name)))
            #expect(text.contains(hash.name(of: Self.stream.patient)))
        }
    }

    @Test(arguments: seeds(50)) func `a hash is the same within a run and another in the next`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (one, other) = (KeyedHash(), KeyedHash())
        let text = "p\(Int.random(in: 0...9_999, using: &generator))"
        #expect(one.name(of: text) == one.name(of: text))
        #expect(one.name(of: text) != other.name(of: text))
        #expect(one.name(of: text) != one.name(of: text + "0"))
        #expect(one.name(of: text).count == 10)
    }

    @Test func `the hash is BLAKE2b with its key`() {
        // python3 -c 'import hashlib; print(hashlib.blake2b(b"p0001", digest_size=16, key=bytes(range(32))).hexdigest()[:10])'
        #expect(KeyedHash(key: Array(0..<32)).name(of: "p0001") == "bb5d14fe4e")
    }

    @Test func `of a thousand streams that open at once some have a line, and the others are counted out`() {
        var log = EventLog(names: .plain)
        let lines = (0..<1_000).compactMap { _ in log.line(for: Self.event(.streamOpened), at: 5) }
        #expect(lines.count == LineBudget.burst)
        #expect(log.line(for: Self.event(.streamClosed), at: 5) != nil, "another kind has room of its own")
        #expect(log.leftOut(at: 5 + 9 * Self.second) == [])
        #expect(
            log.leftOut(at: 5 + 10 * Self.second) == [.leftOut("stream_opened", 1_000 - LineBudget.burst)]
        )
        #expect(log.leftOut(at: 5 + 30 * Self.second) == [])
        #expect(
            log.line(for: Self.event(.streamOpened), at: 5 + 10 * Self.second) != nil,
            "there is room again"
        )
    }

    @Test(arguments: seeds(50)) func `lines written and lines counted out are all lines`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var budget = LineBudget()
        var now: MonotonicNanoseconds = 0
        var (asked, passed, told) = (0, 0, 0)
        for _ in 0..<2_000 {
            now += .random(in: 0...Self.second / 4, using: &generator)
            asked += 1
            if budget.admits("k\(Int.random(in: 0...3, using: &generator))", at: now) { passed += 1 }
            told += budget.takeLeftOut(at: now).reduce(0) { $0 + $1.count }
        }
        told += budget.takeLeftOut(at: now, isFinal: true).reduce(0) { $0 + $1.count }
        #expect(passed + told == asked)
        let seconds = Int(now / Self.second) + 1
        #expect(passed <= 4 * (LineBudget.burst + 2 * seconds), "seed \(seed)")
    }

    @Test func `a line for a person has the facts in order, quoted where they have to be`() throws {
        let text = try written(.text) {
            $0.warning(
                "input\nrefused",
                metadata: [
                    "detail": "two words", "endpoint": "tcp://127.0.0.1:1", "code": "CRC", "count": "3",
                ]
            )
            $0.info("ready")
        }
        #expect(
            text == """
                shinden: warning: input refused  code=CRC count=3 endpoint=tcp://127.0.0.1:1 detail="two words"
                shinden: ready

                """
        )
    }

    @Test func `a line for a program is one JSON object, whatever it says`() throws {
        let text = try written(.json) {
            $0.error("one \"two\"\nthree \u{1}", metadata: ["message": "not this", "detail": "心電"])
        }
        let object = try #require(try JSONValue(parsing: Array(text.utf8.dropLast())).object)
        #expect(object["message"]?.text == "one \"two\"\nthree \u{1}")
        #expect(object["level"]?.text == "error")
        #expect(object["detail"]?.text == "心電")
        #expect(object["time"]?.text?.hasSuffix("Z") == true)
    }

    @Test func `lines below the level are not written`() throws {
        let text = try written(.text, level: .warning) {
            $0.info("no")
            $0.warning("yes")
        }
        #expect(text == "shinden: warning: yes\n")
    }

    @Test func `a pipe that nobody reads costs lines, which are counted, and holds nobody up`() throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let writer = LineWriter(descriptor: ends[1])
        let line = String(repeating: "x", count: 999)
        for _ in 0..<1_000 { writer.write(line) }
        #expect(writer.droppedCount > 0)
        let dropped = writer.droppedCount
        var text = ""
        while writer.droppedCount > 0 || text.isEmpty {
            text += read(ends[0])
            writer.write("last")
        }
        text += read(ends[0])
        #expect(text.hasSuffix("shinden: \(dropped) lines could not be written\nlast\n"))
    }

    @Test func `a closed descriptor and a pipe whose reader has gone cost lines and nothing else`() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        close(ends[0])
        let writer = LineWriter(descriptor: ends[1])
        for _ in 0..<3 { writer.write("x") }
        #expect(writer.droppedCount == 3)
        close(ends[1])
        let closed = LineWriter(descriptor: 1_000_000)
        for _ in 0..<3 { closed.write("x") }
        #expect(closed.droppedCount == 3)
    }

    /// What is there to read, and no wait.
    private func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&item, 1, 0) == 1 else { return "" }
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// What `work` writes to a logger.
    private func written(
        _ format: LineLogHandler.Format,
        level: Logger.Level = .info,
        _ work: (Logger) -> Void
    ) throws -> String {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        work(LineLogHandler.logger(level: level, format: format, writer: LineWriter(descriptor: ends[1])))
        return read(ends[0])
    }
}
