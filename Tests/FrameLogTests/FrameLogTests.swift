import ECGSignal
import Foundation
import TestSupport
import Testing

@testable import FrameLog

/// A log gives back what was put in, or says which of it is lost.
@Suite struct FrameLogTests {
    @Test(arguments: seeds(20)) func `P04 what is written is read again, to the byte and in its order`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = TemporaryFolder()
        let sent = entries(300, using: &generator) + [LoggedEntry(.shutdown, at: arrival(1_000))]
        try write(sent, to: folder.path)
        #expect(FrameLogReader.isLog(folder.path))
        let (found, reader, error) = read(folder.path)
        #expect(error == nil, "seed \(seed)")
        #expect(found == sent.map(text), "seed \(seed)")
        #expect(reader?.header == header())
        #expect(reader?.hasShutdown == true && reader?.tornByteCount == 0)
    }

    @Test func `P14 a log cut anywhere is read up to its last whole record, and the torn bytes are counted`()
        throws
    {
        var generator = SeededGenerator(seed: 1)
        let folder = TemporaryFolder()
        let sent = entries(12, using: &generator)
        let path = try write(sent, to: folder.path)[0]
        let whole = try bytes(path)
        var counts: Set<Int> = []
        for length in 0..<whole.count {
            try put(Array(whole.prefix(length)), into: path)
            let (found, reader, error) = read(path)
            guard let reader else {
                #expect(error?.kind == .damaged, "\(length) bytes hold no header")
                continue
            }
            #expect(error == nil, "\(length) bytes")
            #expect(found == sent.prefix(found.count).map(text), "\(length) bytes")
            #expect(!reader.hasShutdown)
            counts.insert(found.count)
            let isWhole = reader.tornByteCount == 0
            let again = RecordFormat.prefixBytes + RecordFormat.record(ofHeader: header()).count
            let used = again + sent.prefix(found.count).reduce(0) { $0 + RecordFormat.record(of: $1).count }
            #expect(isWhole == (used == length) && used + reader.tornByteCount == length, "\(length) bytes")
        }
        #expect(counts == Set(0..<sent.count), "every number of whole records occurs")
    }

    @Test func `P14 every flipped bit is found`() throws {
        var generator = SeededGenerator(seed: 2)
        let folder = TemporaryFolder()
        let sent = entries(6, using: &generator).map(text)
        var source = SeededGenerator(seed: 2)
        let path = try write(entries(6, using: &source), to: folder.path)[0]
        let whole = try bytes(path)
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << bit
                try put(damaged, into: path)
                let (found, _, error) = read(path)
                #expect(error?.kind == .damaged, "byte \(index), bit \(bit)")
                #expect(found == Array(sent.prefix(found.count)), "byte \(index), bit \(bit)")
                #expect(found.count < sent.count)
            }
        }
    }

    @Test(arguments: seeds(3_000)) func `P01 no bytes crash the reader`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = TemporaryFolder()
        let path = try write(entries(4, using: &generator), to: folder.path)[0]
        var wild = try bytes(path)
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let index = Int.random(in: 0..<wild.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: wild[index] = .random(in: 0...255, using: &generator)
            case 1: wild.removeSubrange(index..<min(index + 5, wild.count - 1))
            default: wild.insert(contentsOf: wild.prefix(30), at: index)
            }
        }
        try put(wild, into: path)
        let (_, _, error) = read(path)
        #expect(error == nil || error?.kind == .damaged, "seed \(seed)")
    }

    @Test func `a record of a kind that is not known yet is refused by its number`() throws {
        let body: [UInt8] = [77] + [UInt8](repeating: 0, count: 16)
        #expect {
            _ = try RecordFormat.entry(of: RecordFormat.body(body))
        } throws: {
            ($0 as? RecordFormat.Fault)?.reason.contains("kind 77") == true
        }
        let command: [UInt8] = [4] + [UInt8](repeating: 0, count: 16) + Array(#"{"op":"SING","by":"a"}"#.utf8)
        #expect {
            _ = try RecordFormat.entry(of: RecordFormat.body(command))
        } throws: {
            ($0 as? RecordFormat.Fault)?.reason.contains("command") == true
        }
        for kind in UInt8(1)...3 {
            #expect(throws: RecordFormat.Fault.self) {
                _ = try RecordFormat.entry(
                    of: RecordFormat.body([kind] + [UInt8](repeating: 0, count: 16))
                )
            }
        }
    }

    @Test func `a clock that runs back is damage`() throws {
        let folder = TemporaryFolder()
        let tick = LoggedEntry<RawMessage>.Content.tick(isQuiet: true)
        try write([LoggedEntry(tick, at: arrival(5)), LoggedEntry(tick, at: arrival(4))], to: folder.path)
        let (found, _, error) = read(folder.path)
        #expect(found.count == 1 && error?.kind == .damaged)
    }

    @Test func `a version that is not known is refused by name`() throws {
        let folder = TemporaryFolder()
        let path = try write([], to: folder.path)[0]
        var newer = try bytes(path)
        newer[16] = 2
        try put(newer, into: path)
        #expect(read(path).error?.reason.contains("version 2") == true)
    }

    @Test func `what is no log is none`() throws {
        let folder = TemporaryFolder()
        #expect(!FrameLogReader.isLog(folder.path) && !FrameLogReader.isLog(folder.path + "/nothing"))
        try folder.write("shinden framelo", to: "short")
        #expect(!FrameLogReader.isLog(folder.path + "/short"))
        #expect(read(folder.path + "/nothing").error?.kind == .notFound)
        #expect(read(folder.path).error?.kind == .notFound)
        #expect(!FrameLogReader.isLog(Repository.fixtures + "/ptbxl/00017_hr.hea"))
    }
}
