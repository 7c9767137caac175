/// Tables as spreadsheets write them: commas between fields, quotes around a field that holds a comma, a quote or a line end.
///
///     file   = row *(line-end row) [line-end]         line-end = LF or CRLF
///     row    = field *("," field)
///     field  = *(any byte but comma, quote, line end)  or  quote *(any byte but quote, or two quotes) quote
///
/// RFC 4180, with LF taken as a line end and a UTF-8 byte order mark skipped; an empty line is skipped. A table is valid when
/// every row has as many fields as the header, no two columns share a name and there are at most 1,000 of them.

private import FoundationEssentials

/// A table with named columns.
public struct CommaSeparatedTable: Sendable {
    /// One row with the line it begins on, from 1.
    public struct Row: Sendable {
        /// Line of the file, from 1.
        public let line: Int
        /// One field a column.
        public let fields: [String]
    }

    /// The most bytes a table may have: PTB-XL's largest published table has 6 MB.
    static let bytesMax = 64 * 1_048_576
    /// The most columns: PTB-XL's tables have 28.
    static let columnsMax = 1_000

    /// The file, for messages.
    public let path: String
    /// The header's names, in file order.
    public let columns: [String]
    /// All rows after the header.
    public let rows: [Row]

    /// Reads the file at `path`.
    public init(path: String) throws(DataSetError) {
        try self.init(bytes: readFile(path, atMost: CommaSeparatedTable.bytesMax), path: path)
    }

    /// Reads a table's bytes; `path` is for messages.
    public init(bytes: [UInt8], path: String) throws(DataSetError) {
        var reader = RowReader(bytes: bytes, path: path)
        guard let header = try reader.next() else {
            throw DataSetError(.malformed, path, "the table is empty; its first line names the columns")
        }
        guard header.fields.count <= CommaSeparatedTable.columnsMax else {
            throw DataSetError(
                .malformed,
                path,
                line: header.line,
                "\(header.fields.count) columns, more than the \(CommaSeparatedTable.columnsMax) that are read"
            )
        }
        var names: Set<String> = []
        for name in header.fields where !names.insert(name).inserted {
            throw DataSetError(.malformed, path, line: header.line, "column \"\(name)\" stands there twice")
        }
        var rows: [Row] = []
        while let row = try reader.next() {
            guard row.fields.count == header.fields.count else {
                throw DataSetError(
                    .malformed,
                    path,
                    line: row.line,
                    "\(row.fields.count) fields where the header names \(header.fields.count); put a field that holds "
                        + "a comma between quotes"
                )
            }
            rows.append(row)
        }
        self.path = path
        columns = header.fields
        self.rows = rows
    }

    /// The place of a column that must be there.
    public func column(_ name: String) throws(DataSetError) -> Int {
        guard let index = optionalColumn(name) else {
            throw DataSetError(
                .malformed,
                path,
                line: 1,
                "column \"\(name)\" is missing; the columns are \(columns.joined(separator: ", "))"
            )
        }
        return index
    }

    /// The place of a column; nil where the table has none of that name.
    public func optionalColumn(_ name: String) -> Int? { columns.firstIndex(of: name) }
}

/// Takes a table apart, row by row.
private struct RowReader {
    let bytes: [UInt8]
    let path: String
    var position = 0
    var line = 1

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next row that is not an empty line; nil at the end.
    mutating func next() throws(DataSetError) -> CommaSeparatedTable.Row? {
        while position < bytes.count, skipLineEnd() {}
        guard position < bytes.count else { return nil }
        let first = line
        var fields = [try field()]
        while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
            position += 1
            fields.append(try field())
        }
        guard position == bytes.count || skipLineEnd() else {
            throw DataSetError(
                .malformed,
                path,
                line: line,
                "text follows a closing quote; write a quote inside a field twice"
            )
        }
        return CommaSeparatedTable.Row(line: first, fields: fields)
    }

    private mutating func skipLineEnd() -> Bool {
        if bytes[position] == UInt8(ascii: "\n") {
            position += 1
        } else if bytes[position...].starts(with: [UInt8(ascii: "\r"), UInt8(ascii: "\n")]) {
            position += 2
        } else {
            return false
        }
        line += 1
        return true
    }

    private mutating func field() throws(DataSetError) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, !isFieldEnd(at: position) { position += 1 }
            return try text(bytes[start..<position])
        }
        let opened = line
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\n") { line += 1 }
                content.append(byte)
            } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                content.append(byte)
                position += 1
            } else {
                return try text(content[...])
            }
        }
        throw DataSetError(.malformed, path, line: opened, "a quote is opened here and never closed")
    }

    private func isFieldEnd(at index: Int) -> Bool {
        let byte = bytes[index]
        return byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n")
            || (byte == UInt8(ascii: "\r") && index + 1 < bytes.count
                && bytes[index + 1] == UInt8(ascii: "\n"))
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(DataSetError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DataSetError(.malformed, path, line: line, "a field is not UTF-8; save the table as UTF-8")
        }
        return text
    }
}

/// The bytes of a regular file of at most `limit` bytes.
func readFile(_ path: String, atMost limit: Int) throws(DataSetError) -> [UInt8] {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let attributes: [FileAttributeKey: Any]
    do { attributes = try FileManager.default.attributesOfItem(atPath: url.path) } catch {
        throw DataSetError(.notFound, path, "no such file; check the path")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? UInt64
    else { throw DataSetError(.unreadable, path, "not a regular file") }
    guard size <= UInt64(limit) else {
        throw DataSetError(.malformed, path, "\(size) bytes, more than the \(limit) that are read")
    }
    do { return [UInt8](try Data(contentsOf: url)) } catch {
        throw DataSetError(.unreadable, path, "cannot be read; check its permissions")
    }
}
