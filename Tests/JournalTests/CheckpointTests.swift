import ECGSignal
import Foundation
import GRDB
import Journal
import TestSupport
import Testing

/// Checkpoints in a journal: the newest four of each stream, in the transactions of their events.
@Suite struct CheckpointTests {
    private static func stream(_ patient: String) -> StreamIdentity {
        StreamIdentity(patient: patient, device: "d1", epoch: 7)
    }

    private static func checkpoint(
        _ patient: String,
        _ ready: GridIndex,
        _ size: Int = 100
    ) -> JournalCheckpoint {
        JournalCheckpoint(
            stream: stream(patient),
            place: LogPlace(run: "r1", entry: Int(ready) + 2),
            ready: ready,
            bytes: ready < 0 ? [] : [UInt8](repeating: UInt8(truncatingIfNeeded: ready), count: size),
            written: 5 + ready
        )
    }

    @Test func `P18 the newest four of each stream are there after the file is opened again`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        for ready in GridIndex(0)..<7 {
            try writer.append(
                Journals.rows(writer.newest + 1, 1),
                [],
                [Self.checkpoint("p1", ready), Self.checkpoint("p2", 10 * ready)]
            )
        }
        let again = try JournalWriter(folder.path, at: 8)
        let (checkpoints, damaged) = try again.checkpoints()
        #expect(damaged == 0)
        #expect(
            checkpoints.filter { $0.stream.patient == "p1" } == (3..<7).map { Self.checkpoint("p1", $0) }
        )
        #expect(
            checkpoints.filter { $0.stream.patient == "p2" } == (3..<7).map { Self.checkpoint("p2", 10 * $0) }
        )
        let events = try again.newestEvents(3)
        #expect(events == Journals.rows(5, 3).reversed() && events.first?.written == 1_007)
        #expect(try again.newestEvents(3, since: 1_003) == Journals.rows(3, 5).reversed())
        #expect(try again.newestEvents(3, since: 1_006) == events)
    }

    @Test func `a stream that begins anew or is over has none from before`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        try writer.append([], [], (0..<3).map { Self.checkpoint("p1", $0) } + [Self.checkpoint("p2", 4)])
        try writer.append([], [], [Self.checkpoint("p1", -1)])
        #expect(
            try writer.checkpoints().checkpoints == [Self.checkpoint("p1", -1), Self.checkpoint("p2", 4)]
        )
        let over = JournalCheckpoint(stream: Self.stream("p2"), place: nil, ready: 0, bytes: [])
        try writer.append([], [], [over])
        #expect(try writer.checkpoints().checkpoints == [Self.checkpoint("p1", -1)])
    }

    @Test func `P14 a damaged checkpoint is left out and counted`() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter(folder.path, at: 7)
        try writer.append([], [], (0..<4).map { Self.checkpoint("p1", $0) })
        for column in ["state = x'00'", "entry = entry + 1", "run = 'r2'", "written = 0", "patient = 'a b'"] {
            let database = try DatabaseQueue(path: folder.path + "/events.sqlite")
            try database.write {
                try $0.execute(sql: "UPDATE checkpoints SET \(column) WHERE ready = 2")
            }
            let found = try JournalWriter(folder.path, at: 8).checkpoints()
            #expect(found.damaged == 1 && found.checkpoints.map(\.ready) == [0, 1, 3], "\(column)")
        }
    }

    @Test func `P26 a journal from before there were checkpoints is gone on with`() throws {
        let folder = TemporaryFolder()
        try JournalWriter(folder.path, at: 7).append(Journals.rows(1, 3), [Journals.state("p1", "s")])
        let database = try DatabaseQueue(path: folder.path + "/events.sqlite")
        try database.write { try $0.execute(sql: "DROP TABLE checkpoints") }
        try database.close()
        let writer = try JournalWriter(folder.path, at: 8)
        #expect(try writer.checkpoints().checkpoints.isEmpty && writer.newest == 3)
        try writer.append([], [], [Self.checkpoint("p1", 1)])
        #expect(try writer.checkpoints().checkpoints == [Self.checkpoint("p1", 1)])
    }
}
