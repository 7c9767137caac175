import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Service

/// What readers count by: the beats, and how late an event says it is.
@Suite struct PublicationTests {
    private static let second: MonotonicNanoseconds = 1_000_000_000

    @Test func `the first beat and every tenth after it names every topic, the others what is new`() {
        var schedule = HeartbeatSchedule()
        let beats = (0..<41).map { schedule.beat(at: MonotonicNanoseconds($0) * Self.second) }
        let full = beats.indices.filter { beats[$0] == .full }
        #expect(full == [0, 10, 20, 30, 40])
        #expect(beats.allSatisfy { $0 != nil })
    }

    @Test(arguments: seeds(50)) func `among any ten beats in a row one names every topic, at whatever times`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var schedule = HeartbeatSchedule()
        var now: MonotonicNanoseconds = 0
        var beats: [HeartbeatSchedule.Beat] = []
        for _ in 0..<500 {
            now += .random(in: 0...2 * Self.second, using: &generator)
            if let beat = schedule.beat(at: now) { beats.append(beat) }
        }
        #expect(beats.count > 100)
        for start in 0...(beats.count - 10) {
            #expect(beats[start..<start + 10].count { $0 == .full } == 1, "beats from \(start)")
        }
    }

    @Test func `a beat is due a second after the one before, and at the end in any case`() {
        var schedule = HeartbeatSchedule()
        #expect(schedule.wait(at: 5) == 0)
        #expect(schedule.beat(at: 5) == .full)
        #expect(schedule.wait(at: 5) == Self.second)
        #expect(schedule.beat(at: 4 + Self.second) == nil)
        #expect(schedule.wait(at: 4 + Self.second) == 1)
        #expect(schedule.beat(at: 5 + Self.second) == .news)
        #expect(schedule.beat(at: 6 + Self.second) == nil)
        #expect(schedule.beat(at: 6 + Self.second, isLast: true) == .news)
    }

    @Test(
        arguments: [
            (0, 0, 0), (0, 999_999, 0), (0, 1_000_000, 1), (5, 1_500_000_005, 1_500),
            (7_000_000_000, 7_250_000_000, 250),
            (9, 3, 0),
        ] as [(MonotonicNanoseconds, MonotonicNanoseconds, Int64)]
    )
    func `an event says its whole milliseconds since the frame that completed its window`(
        frame: MonotonicNanoseconds,
        now: MonotonicNanoseconds,
        latency: Int64
    ) {
        let event = Event(.technical(Self.fact), time: 0)
        let item = EventQueue.Item(event: event, frame: Arrival(utc: 0, monotonic: frame))
        #expect(item.latencyMilliseconds(at: now) == latency)
        #expect(EventQueue.Item(event: event, frame: nil).latencyMilliseconds(at: now) == nil)
    }

    private static let fact = TechnicalEvent(
        subject: .endpoint("frames"),
        code: .overload,
        phase: .start,
        priority: .medium,
        firstSample: nil,
        count: 1,
        ordinal: 1,
        detail: ""
    )
}
