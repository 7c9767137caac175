import DataSets
import TestSupport
import Testing

@Suite struct TableTests {
    private func table(_ text: String) throws(DataSetError) -> CommaSeparatedTable {
        try CommaSeparatedTable(bytes: Array(text.utf8), path: "t.csv")
    }

    @Test func `a quoted field keeps commas, quotes and line ends`() throws {
        let table = try table("a,b\r\n\"x, \"\"y\"\"\nz\",2\n\n,\n")
        #expect(table.columns == ["a", "b"])
        #expect(table.rows.map(\.fields) == [["x, \"y\"\nz", "2"], ["", ""]])
        #expect(table.rows.map(\.line) == [2, 5])
    }

    @Test func `a byte order mark is no part of the first name`() throws {
        let table = try CommaSeparatedTable(bytes: [0xEF, 0xBB, 0xBF] + Array("a\n1".utf8), path: "t.csv")
        #expect(try table.column("a") == 0)
        #expect(table.rows.map(\.fields) == [["1"]])
    }

    @Test(arguments: [
        ("", "empty"), ("a,a\n", "twice"), ("a,b\n1\n", "1 fields"), ("a\n\"1\n", "never closed"),
        ("a\n\"1\"2\n", "closing quote"),
    ])
    func `a table that breaks the rules is refused with what is wrong`(text: String, word: String) {
        #expect {
            try table(text)
        } throws: { error in
            (error as? DataSetError).map { $0.kind == .malformed && $0.reason.contains(word) } ?? false
        }
    }

    @Test func `a table of more than 1,000 columns is refused by its header`() throws {
        let names = (0..<1_001).map { "c\($0)" }
        #expect(try table(names.prefix(1_000).joined(separator: ",")).columns.count == 1_000)
        #expect {
            try table(names.joined(separator: ","))
        } throws: { ("\($0)").contains("1001 columns, more than the 1000") }
    }

    @Test func `a field that is not UTF-8 is refused`() {
        #expect(throws: DataSetError.self) {
            try CommaSeparatedTable(bytes: [0x61, 0x0A, 0xFF, 0x0A], path: "t.csv")
        }
    }

    @Test(arguments: seeds(50))
    func `what is written with quotes is read back`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab,\"\n é;")
        let rows = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            (0..<3).map { _ in
                String(
                    (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                    }
                )
            }
        }
        let text = ([["p", "q", "r"]] + rows).map { row in
            row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
        }.joined(separator: "\r\n")
        #expect(try table(text).rows.map(\.fields) == rows)
    }
}
