internal import ECGSignal
private import Foundation
internal import GRDB
public import Wire

/// Reads a journal page by page while another thread writes it.
///
/// It belongs to one thread. What it hands out is exactly what was written: each row is judged by its own check, and what
/// cannot be read is named by its numbers.
public final class JournalReader {
    /// What is asked for.
    public struct Question: Sendable {
        /// The first number that is wanted.
        public var from: Int64
        /// The last number that is wanted.
        public var to: Int64
        /// The patient concerned; nil for all.
        public var patient: String?
        /// How many events are told at most.
        public var limit: Int
        /// Whether events of that topic are wanted, and the asker may read them.
        public var isWanted: @Sendable (_ topic: String) -> Bool

        /// Makes a question of its parts.
        public init(
            from: Int64 = 1,
            to: Int64 = .max,
            patient: String? = nil,
            limit: Int = 500,
            isWanted: @escaping @Sendable (_ topic: String) -> Bool = { _ in true }
        ) {
            self.from = from
            self.to = to
            self.patient = patient
            self.limit = limit
            self.isWanted = isWanted
        }
    }

    /// Part of the answer.
    public struct Page: Sendable, Equatable {
        /// The newest place of the journal.
        public var place: JournalPlace
        /// The events that were asked for, in the order of their numbers.
        public var rows: [JournalRow] = []
        /// The numbers from the first that was asked for to the last that the journal has let go of; nil where none is gone.
        public var truncated: ClosedRange<Int64>?
        /// Numbers whose rows are damaged or missing, in order.
        public var unreadable: [ClosedRange<Int64>] = []
        /// Where the next page begins; nil where this was the last one.
        public var next: Int64?
        /// The last number that was looked at.
        fileprivate var reached: Int64 = 0

        fileprivate init(place: JournalPlace) { self.place = place }
    }

    /// Rows that a page looks at, wanted or not.
    static let scannedMax = 5_000
    /// Bytes of the events on a page, and one event more: what a reader takes that lets in 256 KiB as all do.
    static let bytesMax = 200_000
    /// Numbers that are passed over where the file itself cannot be read further.
    static let passedOver: Int64 = 100

    private let path: String
    private let database: DatabaseQueue

    /// Opens the journal of a folder, which must be there.
    public init(_ folder: String) throws(JournalError) {
        path = JournalFile.path(in: folder)
        database = try JournalFile.open(path, readonly: true)
    }

    /// The newest place of the journal in a folder; nil where there is no journal, or one that was not finished when it was
    /// made.
    ///
    /// The file stays as it is; SQLite may leave its empty `-wal` and its `-shm` beside it.
    public static func newest(in folder: String) throws(JournalError) -> JournalPlace? {
        let path = JournalFile.path(in: folder)
        guard try JournalFile.isThere(path) else { return nil }
        let database = try JournalFile.open(path, readonly: true)
        return try JournalFile.reporting(path) {
            try database.read { try JournalReader.newest(in: $0, path) }
        }
    }

    private static func newest(in database: Database, _ path: String) throws -> JournalPlace? {
        guard let epoch = try JournalFile.epoch(of: database, path) else { return nil }
        let newest = try JournalFile.whole("SELECT max(sequence) FROM events", in: database) ?? 0
        return JournalPlace(epoch: epoch, sequence: max(0, newest))
    }

    /// The page that begins where the question does.
    public func page(_ question: Question) throws(JournalError) -> Page {
        let (database, path) = (database, path)
        return try JournalFile.reporting(path) {
            try database.read { database in
                guard let place = try JournalReader.newest(in: database, path) else {
                    throw JournalError(.damaged, path, "is damaged (it holds nothing)")
                }
                let oldest = try JournalFile.whole("SELECT min(sequence) FROM events", in: database) ?? 1
                var page = Page(place: place)
                let first = max(1, question.from)
                let last = min(question.to, place.sequence)
                if first < oldest, question.to >= first {
                    page.truncated = first...min(oldest - 1, question.to)
                }
                let begin = max(first, oldest)
                guard begin <= last else { return page }
                page.reached = begin - 1
                do {
                    try JournalReader.fill(&page, begin...last, question, from: database)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                    page.passOver(after: begin, to: last)
                }
                return page
            }
        }
    }

    /// The states that the journal holds, and how many rows of them are damaged and were left out.
    public func states() throws(JournalError) -> (states: [JournalState], damaged: Int) {
        let database = database
        return try JournalFile.reporting(path) { try database.read { try JournalFile.states(in: $0) } }
    }

    private static func fill(
        _ page: inout Page,
        _ numbers: ClosedRange<Int64>,
        _ question: Question,
        from database: Database
    ) throws {
        let ofPatient = question.patient == nil ? "" : " AND patient = ?"
        var arguments: StatementArguments = [numbers.lowerBound, numbers.upperBound]
        if let patient = question.patient { arguments += [patient] }
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT sequence, topic, patient, written, event, check32 FROM events
                WHERE sequence >= ? AND sequence <= ?\(ofPatient) ORDER BY sequence LIMIT \(scannedMax + 1)
                """,
            arguments: arguments
        )
        var (scanned, bytes) = (0, 0)
        while let row = try cursor.next() {
            // A number that is none is that of a row which cannot be placed.
            guard let sequence = Int64.fromDatabaseValue(row[0]), sequence > page.reached else { continue }
            if scanned == scannedMax || page.rows.count == question.limit || bytes >= bytesMax {
                page.next = page.reached + 1
                return
            }
            scanned += 1
            if question.patient == nil, sequence > page.reached + 1 {
                page.miss(page.reached + 1...sequence - 1)
            }
            page.reached = sequence
            guard let valid = JournalReader.row(row, sequence) else {
                page.miss(sequence...sequence)
                continue
            }
            guard question.isWanted(valid.topic), question.patient.map({ $0 == valid.patient }) ?? true
            else { continue }
            page.rows.append(valid)
            bytes += valid.event.count
        }
        if question.patient == nil, page.reached < numbers.upperBound {
            page.miss(page.reached + 1...numbers.upperBound)
        }
    }

    /// The row of those columns; nil where it is not what was written.
    static func row(_ row: Row, _ sequence: Int64) -> JournalRow? {
        guard let topic = String.fromDatabaseValue(row[1]), let patient = String.fromDatabaseValue(row[2]),
            let written = Int64.fromDatabaseValue(row[3]), let event = Data.fromDatabaseValue(row[4]),
            let check = Int64.fromDatabaseValue(row[5])
        else { return nil }
        let valid = JournalRow(
            sequence: sequence,
            topic: topic,
            patient: patient,
            written: written,
            event: Array(event)
        )
        return JournalFile.check(of: valid) == check ? valid : nil
    }
}

extension JournalReader.Page {
    fileprivate mutating func miss(_ numbers: ClosedRange<Int64>) {
        if let last = unreadable.last, last.upperBound + 1 == numbers.lowerBound {
            unreadable[unreadable.count - 1] = last.lowerBound...numbers.upperBound
        } else {
            unreadable.append(numbers)
        }
    }

    /// The file cannot be read further: some numbers are given up, and the next page begins behind them.
    fileprivate mutating func passOver(after begin: Int64, to last: Int64) {
        let first = max(begin, reached + 1)
        guard first <= last else { return }
        let end = min(last, first + JournalReader.passedOver - 1)
        miss(first...end)
        reached = end
        next = end < last ? end + 1 : nil
    }
}
