import ECGSignal
import Foundation
import TestSupport
import Testing

@testable import FrameLog

/// Where the logs of a folder end, when the newest runs were ended on their way.
@Suite struct LogTailTests {
    private typealias Entry = LoggedEntry<RawMessage>

    private func run(_ number: Int, at seconds: Double) -> FrameLogHeader {
        header(run: "00000000000000a\(number)", at: seconds)
    }

    private func frames(_ seconds: ClosedRange<Int>) -> [Entry] {
        seconds.map { Entry(.frame(.parts([[1]]), endpoint: "e"), at: arrival(Double($0))) }
    }

    private func memory(_ seconds: Double) -> Entry { Entry(.memory([1]), at: arrival(seconds)) }

    private func begin(_ seconds: Double) -> Entry {
        Entry(.recovery(.begins(told: ["a"])), at: arrival(seconds))
    }

    /// The end of the logs at that run, whose first own entry came at `since`.
    private func end(
        _ number: Int,
        begun: Double = 0,
        since: Double,
        _ seconds: Double,
        unfinishedSince: Double? = nil
    ) -> LoggedRuns.End {
        LoggedRuns.End(
            run: run(number, at: 0).run,
            begun: arrival(begun).utc,
            since: arrival(since).utc,
            arrival: arrival(seconds),
            unfinishedSince: unfinishedSince.map { arrival($0).utc }
        )
    }

    @Test func `a folder without logs ends nowhere`() {
        #expect(LoggedRuns(in: TemporaryFolder().path).end() == nil)
    }

    @Test func `the newest run's last entry is the end`() throws {
        let folder = TemporaryFolder()
        try write(frames(0...9), to: folder.path, run(1, at: 0))
        #expect(LoggedRuns(in: folder.path).end() == end(1, since: 0, 9))
        // One that went on from it has its own end, and nothing to go on from is no recovery.
        let entries = [memory(5), begin(5)] + frames(5...9) + [Entry(.recovery(.ends), at: arrival(12))]
        try write(entries + frames(13...14), to: folder.path, run(2, at: 11))
        #expect(LoggedRuns(in: folder.path).end() == end(2, begun: 11, since: 13, 14))
    }

    @Test func `a run that was ended among its copies ends where the one before does`() throws {
        let folder = TemporaryFolder()
        try write(frames(0...19), to: folder.path, run(1, at: 0))
        try write([memory(5), begin(5)] + frames(5...8), to: folder.path, run(2, at: 21))
        let first = end(1, since: 0, 19, unfinishedSince: 21)
        #expect(LoggedRuns(in: folder.path).end() == first)
        // Ended before it had copied anything, before its mark, and before its first entry.
        try write([memory(5), begin(5)], to: folder.path, run(3, at: 40))
        try write([memory(5)], to: folder.path, run(4, at: 60))
        #expect(LoggedRuns(in: folder.path).end() == first)
        // And with all copies, before an entry of its own.
        let whole = [memory(5), begin(5)] + frames(5...19) + [Entry(.recovery(.ends), at: arrival(81))]
        try write(whole, to: folder.path, run(5, at: 80))
        #expect(LoggedRuns(in: folder.path).end() == first)
    }

    @Test func `the tail goes from a place on to the newest run's end, each entry once`() throws {
        let folder = TemporaryFolder()
        try write(frames(0...9), to: folder.path, run(1, at: 0))
        try write([memory(5), begin(5)] + frames(5...8), to: folder.path, run(2, at: 11))
        let entries = [memory(5), begin(5)] + frames(5...9) + [Entry(.recovery(.ends), at: arrival(12))]
        try write(entries + frames(13...15), to: folder.path, run(3, at: 11.5))
        func tail(_ place: LogPlace) -> [String] {
            var tail = LogTail(LoggedRuns(in: folder.path), from: place)
            var found: [String] = []
            while let placed = tail.next() {
                let seconds = placed.entry.arrival.monotonic / 1_000_000_000
                found.append("\(placed.place.run.suffix(1)) \(placed.place.entry) at \(seconds)")
            }
            #expect(tail.fault == nil)
            return found
        }
        // The memory of the runs behind it is no copy, and nobody takes it for one.
        let later = ["2 1 at 5", "3 1 at 5", "3 9 at 13", "3 10 at 14", "3 11 at 15"]
        #expect(tail(LogPlace(run: run(1, at: 0).run, entry: 9)) == ["1 9 at 8", "1 10 at 9"] + later)
        #expect(tail(LogPlace(run: run(3, at: 0).run, entry: 10)) == Array(later.suffix(2)))
        #expect(tail(LogPlace(run: "ffffffffffffffff", entry: 1)).isEmpty)
    }

    @Test func `runs whose names are out of order go by the clock that goes on from one to the next`() throws
    {
        let folder = TemporaryFolder()
        func named(_ number: Int, wall: Double, monotonic: Double) -> FrameLogHeader {
            var header = run(number, at: monotonic)
            header.arrival = Arrival(
                utc: arrival(wall).utc,
                monotonic: arrival(monotonic).monotonic
            )
            return header
        }
        // The wall clock was set back by an hour before the second run.
        try write(frames(0...9), to: folder.path, named(1, wall: 7_200, monotonic: 0))
        try write(frames(20...29), to: folder.path, named(2, wall: 3_600, monotonic: 20))
        let logs = LoggedRuns(in: folder.path)
        #expect(logs.names == [run(1, at: 0).run, run(2, at: 0).run])
        #expect(logs.end()?.arrival == arrival(29))
    }

    @Test func `copies may fill more than a segment`() throws {
        let folder = TemporaryFolder()
        var limits = FrameLogLimits()
        limits.bytesMax = 16_000_000
        let large = (0..<60).map { number in
            Entry(
                .frame(.parts([[UInt8](repeating: 7, count: 100_000)]), endpoint: "e"),
                at: arrival(Double(number))
            )
        }
        try write(frames(0...70), to: folder.path, run(1, at: 0))
        let paths = try write([begin(0)] + large, to: folder.path, run(2, at: 80), limits: limits)
        #expect(paths.count > 3)
        let unfinished = end(1, since: 0, 70, unfinishedSince: 80)
        #expect(LoggedRuns(in: folder.path).end() == unfinished)
    }
}
