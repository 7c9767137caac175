import ECGSignal
import Foundation
import TestSupport
import Testing

@testable import FrameLog

/// A log in pieces: bounded, private, and with no hole in it.
@Suite struct SegmentTests {
    /// Frames of 100 KB, one a second.
    private func frames(_ count: Int, from second: Double = 0) -> [LoggedEntry<RawMessage>] {
        (0..<count).map { number in
            let parts = [[UInt8](repeating: UInt8(number % 251), count: 100_000)]
            return LoggedEntry(.frame(.parts(parts), endpoint: "e"), at: arrival(second + Double(number)))
        }
    }

    private func limits(hours: Int = 24, bytes: Int = 16_000_000) -> FrameLogLimits {
        var limits = FrameLogLimits()
        limits.hours = hours
        limits.bytesMax = bytes
        return limits
    }

    @Test func `a log in many segments is read as one`() throws {
        let folder = TemporaryFolder()
        let sent = frames(100)
        let paths = try write(sent, to: folder.path, limits: limits())
        #expect(paths.count == 6)
        let (found, reader, error) = read(folder.path)
        #expect(error == nil)
        #expect(found == sent.map(text))
        #expect(reader?.segmentCount == 6)
        let fromThird = read(paths[2])
        #expect(fromThird.error == nil)
        #expect(fromThird.entries == sent.suffix(fromThird.entries.count).map(text))
        #expect(fromThird.reader?.header.firstEntry == 100 - fromThird.entries.count + 1)
    }

    @Test func `every segment says which policy was in force when it began`() throws {
        let folder = TemporaryFolder()
        let later = "version: 1 # the newer \"one\"\n"
        let entry = LoggedEntry<RawMessage>(.policy(Array(later.utf8)), at: arrival(20.5))
        var start = header()
        start.policy = "version: 1\n"
        let sent = frames(21) + [entry] + frames(60, from: 21)
        let paths = try write(sent, to: folder.path, start, limits: limits())
        let policies = paths.compactMap { read($0).reader?.header.policy }
        #expect(paths.count > 3 && policies.count == paths.count)
        let before = policies.prefix { $0 == "version: 1\n" }
        #expect(!before.isEmpty && policies.dropFirst(before.count).allSatisfy { $0 == later })
        #expect(policies.last == later)
        let (found, _, error) = read(folder.path)
        #expect(error == nil && found == sent.map(text))
    }

    @Test func `the folder never holds more bytes than it may, and the oldest segment goes`() throws {
        let folder = TemporaryFolder()
        var writer = try FrameLogWriter(in: FolderClaim(folder.path), header: header(), limits: limits())
        var most = 0
        for entry in frames(400) {
            try writer.append(entry)
            try writer.flush()
            most = max(most, try segments(in: folder.path).reduce(0) { $0 + LogFiles.byteCount(of: $1) })
        }
        try writer.sync()
        #expect(most <= 16_000_000 && most > 13_000_000)
        let (found, reader, error) = read(folder.path)
        #expect(error == nil)
        #expect(found == frames(400).suffix(found.count).map(text))
        #expect(reader?.header.firstEntry == 400 - found.count + 1)
    }

    @Test func `a segment is written to for an eighth of the hours at most, and goes when they are over`()
        throws
    {
        let folder = TemporaryFolder()
        let tick = LoggedEntry<RawMessage>.Content.tick(isQuiet: true)
        let ticks = (0...8).map { LoggedEntry(tick, at: arrival(Double($0) * 450)) }
        let paths = try write(ticks, to: folder.path, limits: limits(hours: 1))
        #expect(paths.count == 9)
        // Files that were written long ago, by the clock that the header of a new log has.
        for path in paths.prefix(4) {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)],
                ofItemAtPath: path
            )
        }
        try write([], to: folder.path, header(run: "00000000000000cd", at: 5_000), limits: limits(hours: 1))
        #expect(try segments(in: folder.path).count == 6)
    }

    @Test func `a segment that is missing in the middle is found`() throws {
        let folder = TemporaryFolder()
        let paths = try write(frames(100), to: folder.path, limits: limits())
        try FileManager.default.removeItem(atPath: paths[2])
        let (found, _, error) = read(folder.path)
        #expect(error?.kind == .damaged && error?.reason.contains("missing") == true)
        #expect(found == frames(100).prefix(found.count).map(text))
    }

    @Test func `a torn tail in the middle of a log is damage`() throws {
        let folder = TemporaryFolder()
        let paths = try write(frames(100), to: folder.path, limits: limits())
        try put(Array(try bytes(paths[1]).dropLast(3)), into: paths[1])
        #expect(read(folder.path).error?.kind == .damaged)
        // At the end it is cut.
        let last = try #require(paths.last)
        try put(Array(try bytes(last).dropLast(3)), into: last)
        let (found, reader, error) = read(paths[2])
        #expect(error == nil && found.last == text(frames(100)[98]))
        #expect(reader?.tornByteCount ?? 0 > 0)
    }

    @Test func `a folder with the logs of two runs asks which is meant`() throws {
        let folder = TemporaryFolder()
        let first = try write(frames(1), to: folder.path)[0]
        try write(frames(2), to: folder.path, header(run: "00000000000000cd", at: 60))
        let error = read(folder.path).error
        #expect(error?.kind == .choice)
        #expect(error?.reason.contains((first as NSString).lastPathComponent) == true)
        #expect(read(first).entries.count == 1)
    }

    @Test func `nobody but the owner may read a log, and one daemon alone writes into a folder`() throws {
        let parent = TemporaryFolder()
        let folder = parent.path + "/new/logs"
        let claim = try FolderClaim(folder)
        var writer = try FrameLogWriter(in: claim, header: header())
        #expect {
            _ = try FolderClaim(folder)
        } throws: {
            ($0 as? FrameLogError)?.kind == .choice
        }
        try writer.sync()
        #expect(claim.recoveryFault == nil)
        let manager = FileManager.default
        for (path, mode) in [(folder, 0o700)] + (try segments(in: folder)).map({ ($0, 0o600) }) {
            let found = try manager.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(found?.intValue == mode, "\(path)")
        }
    }

    @Test(arguments: [
        "20260102T030405Z-0123456789abcdef-000001.framelog",
        "20260102T030405Z-0123456789abcdef-1234567.framelog",
    ]) func `a segment's name is read as it is written`(text: String) {
        #expect(SegmentName(text)?.text == text)
    }

    @Test(arguments: [
        "20260102T030405Z-0123456789abcdef-000000.framelog", "x.framelog", ".framelog",
        "20260102T030405Z-0123456789ABCDEF-000001.framelog",
        "20260102T030405Z-0123456789abcdef-1.framelog",
        "20260102T030405Z-0123456789abcdef-000001.framelog.gz", "2026-01-02T03-04.framelog",
    ]) func `other files are left alone`(text: String) { #expect(SegmentName(text) == nil) }
}
