import Foundation
import Journal
import TestSupport
import Wire

/// Journals of tests: made, copied and changed byte by byte.
enum Journals {
    /// Events numbered from `first` on, each with a text of its own that tells its number.
    static func rows(_ first: Int64, _ count: Int, patient: String = "p1", size: Int = 200) -> [JournalRow] {
        (0..<Int64(count)).map { offset in
            JournalRow(
                sequence: first + offset,
                topic: "ev1._.alarm.\(patient).",
                patient: patient,
                written: 1_000 + first + offset,
                event: Array(
                    "{\"n\":\(first + offset),\"pad\":\"\(String(repeating: "x", count: size))\"}".utf8
                )
            )
        }
    }

    static func state(_ patient: String, _ text: String) -> JournalState {
        JournalState(patient: patient, device: "d1", bytes: Array(text.utf8))
    }

    /// The bytes of a file; none where it is not there.
    static func bytes(_ path: String) -> [UInt8] {
        FileManager.default.contents(atPath: path).map { Array($0) } ?? []
    }

    /// Makes a folder anew with those bytes as its journal, and as what stands beside it.
    static func put(_ bytes: [UInt8], wal: [UInt8] = [], in folder: String) throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: folder + "/events.sqlite"))
        if !wal.isEmpty { try Data(wal).write(to: URL(filePath: folder + "/events.sqlite-wal")) }
    }

    /// What all pages of an answer came to.
    struct Found {
        var rows: [JournalRow] = []
        var unreadable: [ClosedRange<Int64>] = []
        /// How many numbers are told to be gone.
        var gone = 0
        var pages = 0
        /// The newest number that the reader knows of.
        var newest: Int64 = 0
    }

    /// All rows that can be read, and the numbers that are told as unreadable.
    static func all(_ folder: String, _ question: JournalReader.Question = .init()) throws -> Found {
        let reader = try JournalReader(folder)
        var found = Found()
        var next: Int64? = question.from
        while let from = next, found.pages < 10_000 {
            var asked = question
            asked.from = from
            let page = try reader.page(asked)
            found.rows += page.rows
            found.unreadable += page.unreadable
            found.gone += page.truncated?.count ?? 0
            found.pages += 1
            found.newest = page.place.sequence
            next = page.next
        }
        return found
    }
}
