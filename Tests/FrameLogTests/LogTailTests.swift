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

    @Test func `a folder without logs ends nowhere`() {
        #expect(LogTail.end(in: TemporaryFolder().path) == nil)
    }

    @Test func `the newest run's last entry is the end`() throws {
        let folder = TemporaryFolder()
        try write(frames(0...9), to: folder.path, run(1, at: 0))
        #expect(LogTail.end(in: folder.path) == LogTail.End(arrival: arrival(9), unfinishedSince: nil))
        // One that went on from it has its own end, and nothing to go on from is no recovery.
        let entries = [memory(5), begin(5)] + frames(5...9) + [Entry(.recovery(.ends), at: arrival(12))]
        try write(entries + frames(13...14), to: folder.path, run(2, at: 11))
        #expect(LogTail.end(in: folder.path) == LogTail.End(arrival: arrival(14), unfinishedSince: nil))
    }

    @Test func `a run that was ended among its copies ends where the one before does`() throws {
        let folder = TemporaryFolder()
        try write(frames(0...19), to: folder.path, run(1, at: 0))
        try write([memory(5), begin(5)] + frames(5...8), to: folder.path, run(2, at: 21))
        let first = LogTail.End(arrival: arrival(19), unfinishedSince: arrival(21).utc)
        #expect(LogTail.end(in: folder.path) == first)
        // Ended before it had copied anything, before its mark, and before its first entry.
        try write([memory(5), begin(5)], to: folder.path, run(3, at: 40))
        try write([memory(5)], to: folder.path, run(4, at: 60))
        #expect(LogTail.end(in: folder.path) == first)
        // And with all copies, before an entry of its own.
        let whole = [memory(5), begin(5)] + frames(5...19) + [Entry(.recovery(.ends), at: arrival(81))]
        try write(whole, to: folder.path, run(5, at: 80))
        #expect(LogTail.end(in: folder.path) == first)
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
        let unfinished = LogTail.End(arrival: arrival(70), unfinishedSince: arrival(80).utc)
        #expect(LogTail.end(in: folder.path) == unfinished)
    }
}
