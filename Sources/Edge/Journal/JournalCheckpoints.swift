internal import ECGSignal
private import Foundation
internal import GRDB
internal import Wire

/// The table of checkpoints in a journal.
enum JournalCheckpoints {
    /// Checkpoints that are kept of a stream.
    static let countMax = 4

    /// Makes the table where it is not there: a program that does not know it leaves it alone.
    static func make(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS checkpoints (
                    patient TEXT NOT NULL, device TEXT NOT NULL, epoch TEXT NOT NULL, ready INTEGER NOT NULL,
                    run TEXT NOT NULL, entry INTEGER NOT NULL, written INTEGER NOT NULL, state BLOB NOT NULL,
                    check32 INTEGER NOT NULL,
                    PRIMARY KEY (patient, device, epoch, ready)
                ) STRICT
                """
        )
    }

    /// Writes checkpoints and takes those away that are one too many.
    static func insert(_ checkpoints: [JournalCheckpoint], into database: Database) throws {
        for checkpoint in checkpoints {
            let stream = checkpoint.stream
            let name: StatementArguments = [stream.patient, stream.device, hexadecimal16(stream.epoch)]
            // A stream that begins has none from before.
            if checkpoint.place == nil || checkpoint.ready < 0 {
                try database.cachedStatement(
                    sql: "DELETE FROM checkpoints WHERE patient = ? AND device = ? AND epoch = ?"
                ).execute(arguments: name)
            }
            guard let place = checkpoint.place else { continue }
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ).execute(
                arguments: name + [
                    checkpoint.ready, place.run, place.entry, checkpoint.written, Data(checkpoint.bytes),
                    check(of: checkpoint),
                ]
            )
            try database.cachedStatement(
                sql: """
                    DELETE FROM checkpoints WHERE patient = ? AND device = ? AND epoch = ? AND ready < (
                        SELECT ready FROM checkpoints WHERE patient = ? AND device = ? AND epoch = ?
                        ORDER BY ready DESC LIMIT 1 OFFSET \(countMax - 1))
                    """
            ).execute(arguments: name + name)
        }
    }

    /// The checkpoints that are there, and how many rows are damaged and were left out.
    static func all(in database: Database) throws -> (checkpoints: [JournalCheckpoint], damaged: Int) {
        guard try database.tableExists("checkpoints") else { return ([], 0) }
        var checkpoints: [JournalCheckpoint] = []
        var damaged = 0
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT patient, device, epoch, ready, run, entry, state, check32, written FROM checkpoints
                ORDER BY ready
                """
        )
        while let row = try rows.next() {
            if let checkpoint = checkpoint(of: row) { checkpoints.append(checkpoint) } else { damaged += 1 }
        }
        return (checkpoints, damaged)
    }

    private static func checkpoint(of row: Row) -> JournalCheckpoint? {
        guard let patient = String.fromDatabaseValue(row[0]), let device = String.fromDatabaseValue(row[1]),
            StreamIdentity.isValidID(patient), StreamIdentity.isValidID(device),
            let epoch = String.fromDatabaseValue(row[2]).flatMap({ UInt64($0, radix: 16) }),
            let ready = Int64.fromDatabaseValue(row[3]), let run = String.fromDatabaseValue(row[4]),
            let entry = Int.fromDatabaseValue(row[5]), let bytes = Data.fromDatabaseValue(row[6]),
            let check = Int64.fromDatabaseValue(row[7]), let written = Int64.fromDatabaseValue(row[8])
        else { return nil }
        let checkpoint = JournalCheckpoint(
            stream: StreamIdentity(patient: patient, device: device, epoch: epoch),
            place: LogPlace(run: run, entry: entry),
            ready: ready,
            bytes: Array(bytes),
            written: written
        )
        return self.check(of: checkpoint) == check ? checkpoint : nil
    }

    /// The check of a row.
    private static func check(of checkpoint: JournalCheckpoint) -> Int64 {
        let place = checkpoint.place.map { "\($0.run) \($0.entry)" } ?? ""
        let head = "\(checkpoint.stream.name) \(checkpoint.ready) \(place) \(checkpoint.written)\u{0}"
        return Int64(Checksum.crc32c.value(of: Array(head.utf8), checkpoint.bytes))
    }
}
