/// The bytes of a journal: one SQLite database, `events.sqlite` in a folder of its own, with what SQLite keeps beside it
/// (`-wal`, `-shm`).
///
///     application_id   0x5348444A, the letters SHDJ: whose file it is
///     user_version     1, the version of this format
///     journal          one row: epoch (16 hex digits, drawn when the file was made), begun (nanoseconds UTC)
///     events           sequence (1, 2, 3 ...), topic, patient, written (nanoseconds UTC), event (the JSON that was
///                      published, without latencyms), check32
///     states           patient, device, state (canonical JSON of what outlives a restart), check32
///     checkpoints      patient, device, epoch (16 hex digits), ready, run, entry, written (nanoseconds
///                      UTC), state (what is known of a stream), check32
///
/// `check32` of an event is the CRC-32C of `SEQUENCE TOPIC PATIENT WRITTEN`, a zero byte and the event; of a state that of
/// `PATIENT DEVICE`, a zero byte and the state, of a checkpoint that of `STREAM READY RUN ENTRY
/// WRITTEN`, a zero byte and the state. A row counts as valid where its columns have their types, its check holds and its
/// number follows on; any other is reported and never handed out.
///
/// SQLite writes ahead (WAL) and syncs at each commit (`synchronous=FULL`): a transaction that has come back outlasts a loss
/// of power. One that was torn off is left out by the checks of SQLite's own frames when the file is opened again.

internal import Foundation
internal import GRDB
private import Glibc
internal import Wire

/// What the writer and the readers of a journal have in common.
enum JournalFile {
    /// The letters SHDJ.
    static let applicationID: Int64 = 0x5348_444A
    /// The version that this program writes and the newest that it reads.
    static let version: Int64 = 1
    /// The file in its folder.
    static let name = "events.sqlite"
    /// What a file of SQLite begins with.
    private static let magic = Array("SQLite format 3\u{0}".utf8)

    /// The path of the file in that folder.
    static func path(in folder: String) -> String { folder + "/" + name }

    /// Opens the file, which must be there, and sees whose it is; `alone` keeps everybody else out.
    static func open(
        _ path: String,
        readonly: Bool,
        alone: Bool = false
    ) throws(JournalError) -> DatabaseQueue {
        guard try isThere(path) else { throw JournalError(.inputOutput, path, "is not there") }
        return try reporting(path) {
            var configuration = GRDB.Configuration()
            configuration.readonly = readonly
            configuration.busyMode = .timeout(1)
            configuration.prepareDatabase { database in
                if readonly { return }
                if alone { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// Whether a file stands at that path; SQLite would wait for ever at a pipe.
    ///
    /// - Throws: `.foreign` where it is anything but a file, `.inputOutput` where it cannot be told.
    static func isThere(_ path: String) throws(JournalError) -> Bool {
        var facts = stat()
        // Safe: the call reads the text and writes one local value, both of which outlive it.
        if unsafe stat(path, &facts) == 0 {
            guard facts.st_mode & S_IFMT != S_IFREG else { return true }
            throw JournalError(.foreign, path, "is no file; move it away, or give another folder")
        }
        let number = errno
        // Safe: as above.
        if number == ENOENT, unsafe lstat(path, &facts) != 0 { return false }
        let what = number == ENOENT ? "is a link to nothing" : "cannot be looked at (errno \(number))"
        throw JournalError(.inputOutput, path, "\(what); look at the disk and the folder's permissions")
    }

    /// Whether a file that SQLite refused is somebody else's; one that begins as SQLite's is damaged.
    ///
    /// A system lock on a file belongs to the process, and whichever of its descriptors is closed takes it away. So a
    /// journal that is in use is never opened but by SQLite: without the lock, the next program that looks into the file,
    /// a backup, would take what is written ahead for nobody's and delete it.
    private static func isForeign(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        // What cannot be read is nobody's.
        guard let head = try? file.read(upToCount: magic.count) else { return false }
        return head != Data(magic)
    }

    /// Does something with the database, and says in our words why it cannot be done.
    static func reporting<Value>(
        _ path: String,
        _ body: () throws -> Value
    ) throws(JournalError) -> Value {
        do { return try body() } catch let error as JournalError { throw error } catch let error
            as DatabaseError
        {
            let words = error.message ?? "error \(error.extendedResultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_NOTADB where isForeign(path):
                throw JournalError(
                    .foreign,
                    path,
                    "is no journal of events; move it away, or give another folder"
                )
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA:
                throw JournalError(.damaged, path, "is damaged (\(words))")
            case .SQLITE_FULL:
                throw JournalError(.inputOutput, path, "cannot be written (\(words)); give the disk room")
            default:
                throw JournalError(
                    .inputOutput,
                    path,
                    "cannot be used (\(words)); look at the disk's room and health, and at the file's permissions"
                )
            }
        } catch {
            throw JournalError(.inputOutput, path, "cannot be used (\(error)); look at the disk")
        }
    }

    /// The first value of the first row; nil where there is none, or where it is no whole number.
    static func whole(_ sql: String, in database: Database) throws -> Int64? {
        try DatabaseValue.fetchOne(database, sql: sql).flatMap { Int64.fromDatabaseValue($0) }
    }

    /// The identity of the journal; nil where the file has not been finished.
    ///
    /// - Throws: `.foreign` where it is somebody else's or newer, `.damaged` where it holds no identity.
    static func epoch(of database: Database, _ path: String) throws -> UInt64? {
        let application = try whole("PRAGMA application_id", in: database) ?? 0
        let version = try whole("PRAGMA user_version", in: database) ?? 0
        if application == 0, version == 0,
            try whole("SELECT count(*) FROM sqlite_master", in: database) == 0
        {
            return nil
        }
        guard application == applicationID else {
            throw JournalError(
                .foreign,
                path,
                "is another program's database; move it away, or give another folder"
            )
        }
        guard version == JournalFile.version else {
            throw JournalError(
                .foreign,
                path,
                "has version \(version) of the journal's format, and this program reads \(JournalFile.version); "
                    + "use the newer program, or move the file away"
            )
        }
        let epoch = try DatabaseValue.fetchOne(database, sql: "SELECT epoch FROM journal")
        guard let text = epoch.flatMap({ String.fromDatabaseValue($0) }), text.utf8.count == 16,
            let number = UInt64(text, radix: 16), number != 0
        else { throw JournalError(.damaged, path, "is damaged (it holds no identity)") }
        return number
    }

    /// The check of an event's row.
    static func check(of row: JournalRow) -> Int64 {
        let head = "\(row.sequence) \(row.topic) \(row.patient) \(row.written)\u{0}"
        return Int64(Checksum.crc32c.value(of: Array(head.utf8), row.event))
    }

    /// The check of a state's row.
    static func check(of state: JournalState) -> Int64 {
        Int64(Checksum.crc32c.value(of: Array("\(state.patient) \(state.device)\u{0}".utf8), state.bytes))
    }

    /// The states of a journal, and how many rows of them are damaged and were left out.
    static func states(in database: Database) throws -> (states: [JournalState], damaged: Int) {
        var states: [JournalState] = []
        var damaged = 0
        let rows = try Row.fetchCursor(database, sql: "SELECT patient, device, state, check32 FROM states")
        while let row = try rows.next() {
            if let state = state(of: row) { states.append(state) } else { damaged += 1 }
        }
        return (states.sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }, damaged)
    }

    private static func state(of row: Row) -> JournalState? {
        guard let patient = String.fromDatabaseValue(row[0]), let device = String.fromDatabaseValue(row[1]),
            let bytes = Data.fromDatabaseValue(row[2]), let check = Int64.fromDatabaseValue(row[3])
        else { return nil }
        let state = JournalState(patient: patient, device: device, bytes: Array(bytes))
        return JournalFile.check(of: state) == check ? state : nil
    }
}
