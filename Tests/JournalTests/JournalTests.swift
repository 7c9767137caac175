import Foundation
import GRDB
import Journal
import TestSupport
import Testing
import Wire

/// What a journal promises: what it took is there, in its numbers, and what cannot be trusted is never handed out.
@Suite struct JournalTests {
    @Test func `P12 what was taken is there after the file is opened again, numbered without a hole`() throws
    {
        let folder = TemporaryFolder()
        var expected: [JournalRow] = []
        var epoch: UInt64?
        for round in 0..<5 {
            let writer = try JournalWriter(folder.path, at: 7)
            #expect(epoch == nil || epoch == writer.epoch)
            epoch = writer.epoch
            #expect(writer.newest == Int64(expected.count))
            for count in 1...3 {
                let rows = Journals.rows(writer.newest + 1, count + round)
                try writer.append(rows, [Journals.state("p\(round)", "state \(count)")])
                expected += rows
                // The very bytes, read beside the writer.
                #expect(try Journals.all(folder.path).rows == expected)
            }
        }
        let writer = try JournalWriter(folder.path, at: 8)
        let states = try writer.states()
        #expect(states.damaged == 0)
        #expect(states.states == (0..<5).map { Journals.state("p\($0)", "state 3") })
        try writer.append([], [JournalState(patient: "p0", device: "d1", bytes: [])])
        #expect(try writer.states().states.map(\.patient) == ["p1", "p2", "p3", "p4"])
    }

    @Test func `files are for their owner alone`() throws {
        let folder = TemporaryFolder()
        let journal = folder.path + "/journal"
        let writer = try JournalWriter(journal, at: 7)
        try writer.append(Journals.rows(1, 1), [])
        for name in ["", "/events.sqlite", "/events.sqlite-wal", "/events.sqlite-shm"] {
            let facts = try FileManager.default.attributesOfItem(atPath: journal + name)
            let mode = try #require(facts[.posixPermissions] as? NSNumber).intValue
            #expect(mode & 0o077 == 0, "\(name)")
        }
        #expect(writer.newest == 1)
    }

    @Test func `a backup that was put in its place is for its owner alone once it is opened`() throws {
        let folder = TemporaryFolder()
        do { try JournalWriter(folder.path, at: 7).append(Journals.rows(1, 3), []) }
        let bytes = Journals.bytes(folder.path + "/events.sqlite")
        try Journals.put(bytes, in: folder.path)
        let path = folder.path + "/events.sqlite"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let writer = try JournalWriter(folder.path, at: 8)
        try writer.append(Journals.rows(writer.newest + 1, 1), [])
        for ending in ["", "-wal", "-shm"] {
            let facts = try FileManager.default.attributesOfItem(atPath: path + ending)
            let mode = try #require(facts[.posixPermissions] as? NSNumber).intValue
            #expect(mode & 0o077 == 0, "\(ending): \(String(mode, radix: 8))")
        }
    }

    @Test func `pages go on where the one before ended, by count and by bytes`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        var rows: [JournalRow] = []
        for patient in ["p1", "p2", "p3"] {
            rows += Journals.rows(Int64(rows.count) + 1, 40, patient: patient, size: 60_000)
        }
        try writer.append(rows, [])
        let all = try Journals.all(folder.path)
        #expect(
            all.rows == rows && all.unreadable.isEmpty && all.pages == 30,
            "200 kB a page, and one row more"
        )
        let few = try Journals.all(folder.path, .init(limit: 3))
        #expect(few.rows == rows && few.pages == 40)
        let one = try Journals.all(folder.path, .init(patient: "p2", limit: 9))
        #expect(one.rows == Array(rows[40..<80]) && one.unreadable.isEmpty)
        let none = try Journals.all(folder.path, .init(isWanted: { $0.hasPrefix("ev1._.tech.") }))
        #expect(none.rows.isEmpty && none.unreadable.isEmpty)
        let part = try Journals.all(folder.path, .init(from: 100, to: 105))
        #expect(part.rows.map(\.sequence) == [100, 101, 102, 103, 104, 105])
        let beyond = try JournalReader(folder.path).page(.init(from: 121))
        #expect(beyond.rows.isEmpty && beyond.next == nil && beyond.place.sequence == 120)
    }

    @Test
    func `what is older than the limits goes, the newest stays, and a cursor behind learns what is gone`()
        throws
    {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        try writer.append(Journals.rows(1, 5_000, size: 100), [])
        var limits = JournalLimits()
        limits.bytesMax = 1_000_000_000
        // Written at 1,001 to 6,000 nanoseconds; an hour later the first 2,500 are too old.
        limits.hours = 1
        let hour: Int64 = 3_600_000_000_000
        #expect(try writer.trim(to: limits, at: hour + 3_501), "a piece at a time")
        #expect(try !writer.trim(to: limits, at: hour + 3_501))
        let page = try JournalReader(folder.path).page(.init(from: 10))
        #expect(page.truncated == 10...2_500 && page.rows.first?.sequence == 2_501)
        #expect(page.unreadable.isEmpty)
        let before = try JournalReader(folder.path).page(.init(from: 10, to: 20))
        #expect(before.truncated == 10...20 && before.rows.isEmpty)
        // By size: the oldest go until it fits.
        limits.bytesMax = try writer.usedBytes() / 2
        while try writer.trim(to: limits, at: 0) {}
        #expect(try writer.usedBytes() <= limits.bytesMax)
        limits.bytesMax = 1
        while try writer.trim(to: limits, at: 0) {}
        #expect(try Journals.all(folder.path, .init(from: 5_000)).rows.map(\.sequence) == [5_000])
        try writer.append(Journals.rows(5_001, 1), [])
        #expect(try JournalWriter(folder.path, at: 9).newest == 5_001, "a number is never given twice")
    }

    @Test func `P12 a program that looks into the journal while it is written takes nothing away`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        try writer.append(Journals.rows(1, 3), [])
        // A reader of this process comes and goes, as the daemon's do.
        #expect(try Journals.all(folder.path).rows.count == 3)
        #expect(try count(folder) == "3")
        try writer.append(Journals.rows(4, 2), [])
        #expect(try count(folder) == "5")
        try writer.append(Journals.rows(6, 1), [])
        #expect(try Journals.all(folder.path).rows.count == 6)
    }

    /// How many events another program finds, as one that makes a copy opens and closes the journal.
    private func count(_ folder: TemporaryFolder) throws -> String {
        let program = Process()
        program.executableURL = URL(filePath: "/usr/bin/sqlite3")
        program.arguments = [folder.path + "/events.sqlite", "SELECT count(*) FROM events"]
        let output = Pipe()
        program.standardOutput = output
        try program.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        program.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `P14 a foreign file and a newer one are refused and left as they are`() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/events.sqlite"
        func refusal() -> JournalError? {
            do throws(JournalError) {
                _ = try JournalWriter(folder.path, at: 7)
                return nil
            } catch { return error }
        }
        try folder.write("the night's rota, and nothing of ours", to: "events.sqlite")
        let before = Journals.bytes(path)
        #expect(refusal()?.kind == .foreign)
        #expect(Journals.bytes(path) == before)
        try FileManager.default.removeItem(atPath: path)
        for (sql, word) in [
            ("CREATE TABLE rota (name TEXT)", "another program's"),
            (
                "PRAGMA application_id = 1397245002; PRAGMA user_version = 2; CREATE TABLE journal (epoch TEXT)",
                "version 2"
            ),
        ] {
            try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: sql) }
            let error = try #require(refusal())
            #expect(error.kind == .foreign && error.description.contains(word), "\(error)")
            try FileManager.default.removeItem(atPath: path)
        }
        // SQLite would wait at a pipe for ever.
        // Safe: the call reads the text, which outlives it.
        let made = unsafe mkfifo(path, 0o600)
        #expect(made == 0)
        #expect(refusal()?.kind == .foreign)
        try FileManager.default.removeItem(atPath: path)
        // One that was being made when the power went is finished.
        try folder.write("", to: "events.sqlite")
        #expect(try JournalWriter(folder.path, at: 7).newest == 0)
    }

    @Test func `a damaged journal is set aside, and three are kept`() throws {
        let folder = TemporaryFolder()
        var kept: [String] = []
        for second in Int64(0)..<5 {
            try JournalWriter(folder.path, at: 7).append(Journals.rows(1, 3), [])
            let aside = try DamagedJournal.setAside(in: folder.path, at: second * 1_000_000_000)
            #expect(Journals.bytes(aside + "/events.sqlite").count > 0)
            kept.append(aside)
        }
        let left = kept.filter { FileManager.default.fileExists(atPath: $0) }
        #expect(left == kept.suffix(3))
        #expect(try JournalWriter(folder.path, at: 7).newest == 0)
    }
}
