public import ECGSignal
private import Foundation
private import GRDB
private import Wire

/// Writes a journal: events and states in one transaction, on the disk once `append` has returned.
///
/// It belongs to one thread. After an error nothing is known of the file until it is opened anew: whoever holds a writer lets
/// go of it then. What `append` refused may be in the file all the same, where the disk failed after it had written; the
/// next opening says so by `newest`.
public final class JournalWriter {
    /// The identity of the journal.
    public let epoch: UInt64
    /// The number of the newest event; 0 before the first.
    public private(set) var newest: Int64

    private let path: String
    private let database: DatabaseQueue
    /// The oldest rows are looked at so many at a time.
    private static let trimCount = 2_000

    /// Opens the journal of a folder, which is made where it is not there.
    ///
    /// `afterFailure` says that an earlier writer ended in an error: then all that stands beside the file is written into it
    /// and synced, so that nothing rests on a sync that failed.
    public init(
        _ folder: String,
        at now: UTCNanoseconds,
        afterFailure: Bool = false
    ) throws(JournalError) {
        let path = JournalFile.path(in: folder)
        try JournalWriter.make(path, in: folder)
        let opened = try JournalFile.open(path, readonly: false)
        let (epoch, newest) = try JournalFile.reporting(path) {
            try opened.writeWithoutTransaction { database in
                let epoch =
                    try JournalFile.epoch(of: database, path) ?? JournalWriter.create(database, at: now)
                try JournalCheckpoints.make(in: database)
                if afterFailure { _ = try database.checkpoint(.truncate) }
                return (epoch, try JournalWriter.newest(in: database, path))
            }
        }
        JournalWriter.shut(path)
        self.path = path
        database = opened
        self.epoch = epoch
        self.newest = newest
    }

    /// Makes the files their owner's alone: a backup that was copied to its place has the mode that the copier gave it, the files
    /// that SQLite puts beside it have its mode, and names of patients stand in all of them.
    private static func shut(_ path: String) {
        for ending in ["", "-wal", "-shm"] {
            try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + ending)
        }
    }

    /// The number of the newest row, found from the newest that is valid.
    ///
    /// Damaged rows that follow on it keep their numbers, so that no number is given out twice; a number that does not follow
    /// on is a damaged one, and its row is taken away.
    private static func newest(in database: Database, _ path: String) throws -> Int64 {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT sequence, topic, patient, written, event, check32 FROM events
                ORDER BY sequence DESC LIMIT \(tailCount)
                """
        )
        var damaged: [Int64] = []
        var newest: Int64 = 0
        while let row = try rows.next() {
            guard let sequence = Int64.fromDatabaseValue(row[0]) else { continue }
            if JournalReader.row(row, sequence) != nil {
                newest = sequence
                break
            }
            damaged.append(sequence)
        }
        guard damaged.count < tailCount, newest > 0 || damaged.isEmpty else {
            throw JournalError(.damaged, path, "is damaged (its newest rows are not what was written)")
        }
        for sequence in damaged.reversed() where sequence == newest + 1 { newest = sequence }
        if damaged.contains(where: { $0 > newest }) {
            try database.execute(sql: "DELETE FROM events WHERE sequence > ?", arguments: [newest])
        }
        return newest
    }

    /// Rows at the end of the file that are looked at when it is opened.
    private static let tailCount = 64

    /// Makes folder and file, for their owner alone.
    private static func make(_ path: String, in folder: String) throws(JournalError) {
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw JournalError(
                .inputOutput,
                folder,
                "the folder cannot be made; check its parent's permissions"
            )
        }
        guard try !JournalFile.isThere(path) else { return }
        guard files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw JournalError(
                .inputOutput,
                path,
                "cannot be made; give the disk room, check the permissions"
            )
        }
    }

    private static func create(_ database: Database, at now: UTCNanoseconds) throws -> UInt64 {
        let epoch = UInt64.random(in: 1...UInt64.max)
        try database.inTransaction(.immediate) {
            try database.execute(
                sql: """
                    CREATE TABLE journal (epoch TEXT NOT NULL, begun INTEGER NOT NULL) STRICT;
                    CREATE TABLE events (
                        sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, patient TEXT NOT NULL,
                        written INTEGER NOT NULL, event BLOB NOT NULL, check32 INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX events_of_patient ON events (patient, sequence);
                    CREATE TABLE states (
                        patient TEXT NOT NULL, device TEXT NOT NULL, state BLOB NOT NULL,
                        check32 INTEGER NOT NULL, PRIMARY KEY (patient, device)
                    ) STRICT;
                    """
            )
            try database.execute(
                sql: "INSERT INTO journal VALUES (?, ?)",
                arguments: [hexadecimal16(epoch), now]
            )
            try database.execute(sql: "PRAGMA application_id = \(JournalFile.applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(JournalFile.version)")
            return .commit
        }
        return epoch
    }

    /// Writes events, states and checkpoints in one transaction, and returns once they are on the disk.
    ///
    /// The events are numbered from `newest + 1` on. Of two states of one patient and device the later one counts, and an
    /// empty one takes the row away.
    public func append(
        _ rows: [JournalRow],
        _ states: [JournalState],
        _ checkpoints: [JournalCheckpoint] = []
    ) throws(JournalError) {
        guard !rows.isEmpty || !states.isEmpty || !checkpoints.isEmpty else { return }
        for (offset, row) in rows.enumerated() {
            precondition(row.sequence == newest + 1 + Int64(offset), "numbers of the journal follow on")
        }
        let database = database
        try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try JournalWriter.insert(rows, into: database)
                    try JournalWriter.put(states, into: database)
                    try JournalCheckpoints.insert(checkpoints, into: database)
                    return .commit
                }
            }
        }
        newest += Int64(rows.count)
    }

    private static func insert(_ rows: [JournalRow], into database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)")
        for row in rows {
            try statement.execute(arguments: [
                row.sequence, row.topic, row.patient, row.written, Data(row.event),
                JournalFile.check(of: row),
            ])
        }
    }

    private static func put(_ states: [JournalState], into database: Database) throws {
        let put = try database.cachedStatement(sql: "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)")
        let remove = try database.cachedStatement(sql: "DELETE FROM states WHERE patient = ? AND device = ?")
        for state in states {
            if state.bytes.isEmpty {
                try remove.execute(arguments: [state.patient, state.device])
            } else {
                try put.execute(arguments: [
                    state.patient, state.device, Data(state.bytes), JournalFile.check(of: state),
                ])
            }
        }
    }

    /// The states that the journal holds, and how many rows of them are damaged and were left out.
    public func states() throws(JournalError) -> (states: [JournalState], damaged: Int) {
        let database = database
        return try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { try JournalFile.states(in: $0) }
        }
    }

    /// The checkpoints that the journal holds, by how far their streams had come, and how many rows of them are damaged and
    /// were left out.
    public func checkpoints() throws(JournalError) -> (checkpoints: [JournalCheckpoint], damaged: Int) {
        let database = database
        return try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { try JournalCheckpoints.all(in: $0) }
        }
    }

    /// The newest `count` events that are valid, the newest first, and as many more as were written at `time` or later, 50,000
    /// in all.
    public func newestEvents(
        _ count: Int,
        since time: UTCNanoseconds = .max
    ) throws(JournalError) -> [JournalRow] {
        let (database, eventsMax) = (database, 50_000)
        return try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { database in
                let rows = try Row.fetchCursor(
                    database,
                    sql: """
                        SELECT sequence, topic, patient, written, event, check32 FROM events
                        ORDER BY sequence DESC LIMIT ?
                        """,
                    arguments: [eventsMax]
                )
                var events: [JournalRow] = []
                while let row = try rows.next() {
                    guard let sequence = Int64.fromDatabaseValue(row[0]),
                        let event = JournalReader.row(row, sequence)
                    else { continue }
                    guard events.count < count || event.written >= time else { break }
                    events.append(event)
                }
                return events
            }
        }
    }

    /// Takes away the oldest events, as far as the limits ask for it and at most two thousand; the newest stays in any case.
    /// - Returns: whether there may be more to take away.
    @discardableResult public func trim(
        to limits: JournalLimits,
        at now: UTCNanoseconds
    ) throws(JournalError) -> Bool {
        let (database, newest) = (database, newest)
        return try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { database in
                let isTooBig = try JournalWriter.usedBytes(of: database) > limits.bytesMax
                let oldest = now - Int64(limits.hours) * 3_600_000_000_000
                var cut: Int64?
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT sequence, written FROM events ORDER BY sequence LIMIT ?",
                    arguments: [JournalWriter.trimCount]
                )
                var count = 0
                while let row = try rows.next() {
                    guard let sequence = Int64.fromDatabaseValue(row[0]), sequence < newest else { break }
                    let isOver = Int64.fromDatabaseValue(row[1]).map { $0 < oldest } ?? true
                    guard isOver || isTooBig else { break }
                    cut = sequence
                    count += 1
                }
                guard let cut else { return false }
                try database.execute(sql: "DELETE FROM events WHERE sequence <= ?", arguments: [cut])
                return count == JournalWriter.trimCount
            }
        }
    }

    /// Bytes of the file that hold something.
    public func usedBytes() throws(JournalError) -> Int {
        let database = database
        return try JournalFile.reporting(path) {
            try database.writeWithoutTransaction { try JournalWriter.usedBytes(of: $0) }
        }
    }

    private static func usedBytes(of database: Database) throws -> Int {
        let pages = try JournalFile.whole("PRAGMA page_count", in: database) ?? 0
        let free = try JournalFile.whole("PRAGMA freelist_count", in: database) ?? 0
        let size = try JournalFile.whole("PRAGMA page_size", in: database) ?? 0
        return Int(clamping: (pages - free).multipliedReportingOverflow(by: size).partialValue)
    }
}
