import Foundation
import Journal
import TestSupport
import Testing

/// Bytes that are not what was written: nothing torn or changed is ever handed out, and nothing traps.
@Suite struct DamageTests {
    /// A journal of 64 KiB: its bytes once closed, and the rows that are in it.
    private static let closed: (bytes: [UInt8], rows: [JournalRow]) = {
        let folder = TemporaryFolder()
        var rows: [JournalRow] = []
        // Some rows are longer than a page.
        while Journals.bytes(folder.path + "/events.sqlite").count < 61_000, rows.count < 400 {
            guard let writer = try? JournalWriter(folder.path, at: 7) else { break }
            let new = Journals.rows(writer.newest + 1, 5, size: rows.count % 25 == 20 ? 4_200 : 300)
            try? writer.append(new, [Journals.state("p\(rows.count)", "s")])
            rows += new
        }
        return (Journals.bytes(folder.path + "/events.sqlite"), rows)
    }()

    /// Opens the bytes as a daemon would, and judges what can be read of them.
    /// - Returns: whether they were taken for a journal.
    private func judge(_ bytes: [UInt8], _ written: [Int64: JournalRow], in folder: String) throws -> Bool {
        try Journals.put(bytes, in: folder)
        let writer: JournalWriter
        do throws(JournalError) { writer = try JournalWriter(folder, at: 9) } catch { return false }
        let found: Journals.Found
        do { found = try Journals.all(folder) } catch is JournalError { return false }
        for row in found.rows { #expect(written[row.sequence] == row) }
        let told = found.unreadable.reduce(found.gone) { $0 + $1.count }
        let newest = min(Int64(written.count), writer.newest, found.newest)
        #expect(
            found.rows.count + told >= newest,
            "what is missing is told: \(bytes.count) bytes, \(writer.newest), \(found)"
        )
        let states = try? writer.states().states
        for state in states ?? [] { #expect(state.bytes == Array("s".utf8)) }
        return true
    }

    @Test func `P14 any flipped bit of a journal is found, and no row that was changed is handed out`() throws
    {
        let (bytes, rows) = Self.closed
        #expect((60_000...90_000).contains(bytes.count) && rows.count > 20)
        let written = Dictionary(uniqueKeysWithValues: rows.map { ($0.sequence, $0) })
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: UInt64(seeds(1).first ?? 1))
        var taken = 0
        let count = 1_000 * seeds(1).count
        for round in 0..<count {
            var changed = bytes
            // The file's head and the first page's are hit as often as they are long, and once each at the begin.
            let place = round < 100 ? round : Int.random(in: 0..<bytes.count, using: &generator)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            if try judge(changed, written, in: folder.path + "/j") { taken += 1 }
        }
        #expect(taken > count / 2, "most bits are in rows, and the others are still read: \(taken)")
    }

    @Test func `P14 a journal cut off anywhere hands out nothing but what was written`() throws {
        let (bytes, rows) = Self.closed
        let written = Dictionary(uniqueKeysWithValues: rows.map { ($0.sequence, $0) })
        let folder = TemporaryFolder()
        for length in stride(from: 0, to: bytes.count, by: 509) {
            _ = try judge(Array(bytes.prefix(length)), written, in: folder.path + "/j")
        }
        #expect(try judge(bytes, written, in: folder.path + "/j"))
    }

    @Test func `P12 what is torn off beside the file is left out, and what came before it stays`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        var rows: [JournalRow] = []
        for _ in 0..<12 {
            let new = Journals.rows(writer.newest + 1, 2, size: 300)
            try writer.append(new, [])
            rows += new
        }
        let file = Journals.bytes(folder.path + "/events.sqlite")
        let wal = Journals.bytes(folder.path + "/events.sqlite-wal")
        #expect(wal.count > 40_000)
        let torn = TemporaryFolder()
        var counts: Set<Int> = []
        for length in stride(from: 0, through: wal.count, by: 617) {
            try Journals.put(file, wal: Array(wal.prefix(length)), in: torn.path + "/j")
            guard let opened = try? JournalWriter(torn.path + "/j", at: 9) else { continue }
            let found = try Journals.all(torn.path + "/j")
            #expect(found.rows == Array(rows.prefix(found.rows.count)) && found.unreadable.isEmpty)
            #expect(opened.newest == Int64(found.rows.count))
            counts.insert(found.rows.count)
            // It goes on from there.
            try opened.append(Journals.rows(opened.newest + 1, 1), [])
        }
        #expect(
            counts.count > 8 && counts.allSatisfy { $0.isMultiple(of: 2) },
            "whole transactions: \(counts)"
        )
    }
}
