import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

@testable import FrameLog

/// What was acknowledged is known again from the log alone.
@Suite struct ReceiptTests {
    private func entry(
        _ chunk: (stream: StreamIdentity, number: UInt64),
        _ bytes: Int,
        at second: Double
    )
        -> LoggedEntry<RawMessage>
    {
        let topic = Topic(patient: chunk.stream.patient, device: chunk.stream.device)?.text ?? ""
        let framed = AcknowledgedChunk(
            epoch: chunk.stream.epoch,
            number: chunk.number,
            topic: Array(topic.utf8),
            body: [UInt8](repeating: 1, count: bytes)
        )
        return LoggedEntry(.frame(.parts(framed.parts), endpoint: "e", peer: "gate"), at: arrival(second))
    }

    /// Chunks of some streams in an order in which a daemon may take them.
    private func chunks(
        _ count: Int,
        _ generator: inout SeededGenerator
    ) -> [(stream: StreamIdentity, number: UInt64)] {
        var next: [UInt64] = [1, 1, 1]
        var held: [(stream: StreamIdentity, number: UInt64)] = []
        for _ in 0..<count {
            let place = Int.random(in: 0..<3, using: &generator)
            let stream = StreamIdentity(patient: "p\(place)", device: "d", epoch: UInt64(place) + 9)
            held.append((stream, next[place]))
            // Some never come.
            next[place] += Int.random(in: 0..<10, using: &generator) == 0 ? 2 : 1
        }
        return held
    }

    private func remembered(_ folder: String) throws -> LoggedReceipts {
        try ReceiptRecovery.receipts(in: folder, limit: 100).receipts
    }

    @Test(arguments: seeds(10)) func `P11 a new run knows every chunk of the runs before it, and no other`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = TemporaryFolder()
        var limits = FrameLogLimits()
        limits.bytesMax = 48_000_000
        let sent = chunks(600, &generator)
        var journals: Set<UInt64> = []
        var place = 0
        for run in 1...4 {
            // The clock of every second run is set back: its log's name comes before the others.
            let start = run.isMultiple(of: 2) ? -1_000.0 * Double(run) : 1_000.0 * Double(run)
            let name = "00000000000000a\(run)"
            let claim = try FolderClaim(folder.path, receiptsMax: 100)
            var writer = try FrameLogWriter(in: claim, header: header(run: name, at: start), limits: limits)
            let (found, fault) = (writer.receipts, claim.recoveryFault)
            #expect(fault == nil)
            let receipts = try #require(found)
            journals.insert(receipts.journal)
            #expect(receipts.generation == run)
            var expected: [StreamIdentity: ReceivedNumbers] = [:]
            for (stream, number) in sent[..<place] { expected[stream, default: .init()].insert(number) }
            #expect(
                Dictionary(uniqueKeysWithValues: receipts.streams.map { ($0.stream, $0.numbers) })
                    == expected,
                "seed \(seed), run \(run)"
            )
            for offset in 0..<150 {
                // Some are large, so that the log has several segments.
                let bytes = offset.isMultiple(of: 3) ? 200_000 : 10
                try writer.append(entry(sent[place], bytes, at: start + Double(offset)))
                place += 1
            }
            // As a kill leaves it.
            try writer.flush()
        }
        #expect(journals.count == 1)
        #expect(try segments(in: folder.path).count >= 8)
    }

    @Test func `P14 a log cut anywhere remembers what it still holds and nothing else`() throws {
        var generator = SeededGenerator(seed: 1)
        let folder = TemporaryFolder()
        let sent = chunks(12, &generator)
        var writer = try FrameLogWriter(in: FolderClaim(folder.path, receiptsMax: 100), header: header())
        for (place, chunk) in sent.enumerated() { try writer.append(entry(chunk, 20, at: Double(place))) }
        try writer.sync()
        let path = try segments(in: folder.path)[0]
        let whole = try bytes(path)
        for length in stride(from: 0, through: whole.count, by: 7) {
            try put(Array(whole.prefix(length)), into: path)
            let held = read(path).entries.count
            var expected = LoggedReceipts(journal: 1)
            for (stream, number) in sent.prefix(held) { expected.note(number, of: stream) }
            let found = try remembered(folder.path)
            #expect(found.streams.map(\.numbers) == expected.streams.map(\.numbers), "\(length) bytes")
        }
    }

    @Test func `P14 a flipped bit is told, and what stands before it is remembered`() throws {
        var generator = SeededGenerator(seed: 2)
        let folder = TemporaryFolder()
        let sent = chunks(8, &generator)
        var writer = try FrameLogWriter(in: FolderClaim(folder.path, receiptsMax: 100), header: header())
        for (place, chunk) in sent.enumerated() { try writer.append(entry(chunk, 20, at: Double(place))) }
        try writer.sync()
        let path = try segments(in: folder.path)[0]
        var damaged = try bytes(path)
        damaged[damaged.count - 10] ^= 1
        try put(damaged, into: path)
        let found = try ReceiptRecovery.receipts(in: folder.path, limit: 100)
        #expect(found.fault?.kind == .damaged)
        #expect(found.synced.streams.isEmpty, "of what this run wrote nothing was certain before")
        var expected = LoggedReceipts(journal: 1)
        for (stream, number) in sent.dropLast() { expected.note(number, of: stream) }
        #expect(found.receipts.streams.map(\.numbers) == expected.streams.map(\.numbers))
    }

    @Test func `P11 the checks of what the newest segment holds are known again`() throws {
        let folder = TemporaryFolder()
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 9)
        var writer = try FrameLogWriter(in: FolderClaim(folder.path, receiptsMax: 100), header: header())
        let entries = (1...600).map { entry((stream, UInt64($0)), 20, at: Double($0)) }
        for each in entries { try writer.append(each) }
        try writer.sync()
        let found = try remembered(folder.path).checks(of: stream)
        #expect(found.count <= 2 * Int(ReceivedNumbers.window))
        for number in [600, 400] {
            guard case .frame(.parts(let parts), _, _) = entries[number - 1].content else { continue }
            #expect(found[UInt64(number)] == AcknowledgedChunk(parts: parts)?.check)
        }
    }

    @Test func `a header with more holes than sixteen megabytes hold is read as it was written`() throws {
        let folder = TemporaryFolder()
        var many = header()
        var holes: [ClosedRange<UInt64>] = []
        for place in UInt64(0)..<128 {
            let number = 4_000_000_000_000_000_002 + 2 * place
            holes.append(number...number)
        }
        let numbers = ReceivedNumbers(through: 4_000_000_000_000_000_000, ahead: holes)
        many.receipts = LoggedReceipts(
            journal: 5,
            streams: (1...3_500).map {
                (StreamIdentity(patient: "p\($0)", device: "d", epoch: UInt64($0)), numbers)
            }
        )
        let written = try FrameLogWriter(in: FolderClaim(folder.path), header: many).receipts
        #expect(written == many.receipts)
        let path = try segments(in: folder.path)[0]
        #expect(try bytes(path).count > 16_777_216)
        #expect(try FrameLogReader(path).header.receipts == many.receipts)
    }

    @Test func `where the clock was set back, the run that writes keeps its own segments`() throws {
        let folder = TemporaryFolder()
        var limits = FrameLogLimits()
        limits.bytesMax = 16_000_000
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 9)
        for (run, start) in [("00000000000000a1", 5_000.0), ("00000000000000a2", 1_000.0)] {
            var writer = try FrameLogWriter(
                in: FolderClaim(folder.path),
                header: header(run: run, at: start),
                limits: limits
            )
            for place in 0..<40 {
                try writer.append(entry((stream, UInt64(place + 1)), 200_000, at: start + Double(place)))
            }
            try writer.flush()
        }
        let left = try segments(in: folder.path)
        #expect(left.filter { $0.contains("00000000000000a2") }.count >= 4)
        #expect(left.contains { $0.contains("00000000000000a2-000001") })
        #expect(!left.contains { $0.contains("00000000000000a1-000001") })
    }

    @Test func `receipts are written and read as they are`() {
        for seed in seeds(200) {
            var generator = SeededGenerator(seed: seed)
            var receipts = LoggedReceipts(journal: generator.next() | 1, generation: 3)
            for (stream, number) in chunks(200, &generator) where Bool.random(using: &generator) {
                receipts.note(number, of: stream)
            }
            #expect(LoggedReceipts(json: receipts.json) == receipts, "seed \(seed)")
        }
    }
}
