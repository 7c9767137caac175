/// A Swift file in two views of the same line structure: its code alone, and its comments alone.
///
/// String literals, names in backticks and comments are blanked in `code`, so that a rule that looks for a word
/// or counts braces sees neither. Interpolated expressions count as part of their string; regex literals are read
/// as code.
struct SwiftText {
    /// One entry a line; what is not code is blank.
    private(set) var code: [String]
    /// One entry a line; what is not comment is blank.
    private(set) var comments: [String]

    private var bytes: [UInt8]
    private var codeBytes: [UInt8]
    private var commentBytes: [UInt8]
    private var position = 0

    /// Scans `text` to its end; an unfinished literal or comment ends there.
    init(_ text: String) {
        bytes = Array(text.utf8)
        // Newlines stand in both views, every other byte starts out as a blank.
        codeBytes = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        commentBytes = codeBytes
        code = []
        comments = []
        while position < bytes.count { scanNext() }
        code = SwiftText.lines(codeBytes)
        comments = SwiftText.lines(commentBytes)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func starts(with text: StaticString) -> Bool {
        bytes[position...].starts(with: "\(text)".utf8)
    }

    private mutating func scanNext() {
        if starts(with: "//") {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { keepComment() }
        } else if starts(with: "/*") {
            scanBlockComment()
        } else if let hashes = hashesBeforeQuote() {
            scanString(hashes: hashes)
        } else if bytes[position] == UInt8(ascii: "`") {
            scanQuotedName()
        } else {
            codeBytes[position] = bytes[position]
            position += 1
        }
    }

    private mutating func keepComment() {
        commentBytes[position] = bytes[position]
        position += 1
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                keepComment()
            } else if starts(with: "*/") {
                depth -= 1
                keepComment()
            }
            keepComment()
        } while depth > 0 && position < bytes.count
    }

    /// A name in backticks becomes `x` of the same length, so that a declaration still has a name.
    private mutating func scanQuotedName() {
        repeat {
            codeBytes[position] = UInt8(ascii: "x")
            position += 1
        } while position < bytes.count && bytes[position] != UInt8(ascii: "`")
            && bytes[position] != UInt8(ascii: "\n")
        if position < bytes.count, bytes[position] == UInt8(ascii: "`") {
            codeBytes[position] = UInt8(ascii: "x")
            position += 1
        }
    }

    /// The number of `#` before the quote that opens a string here; nil where none opens.
    private func hashesBeforeQuote() -> Int? {
        let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
        let quote = position + hashes
        return quote < bytes.count && bytes[quote] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func scanString(hashes: Int) {
        position += hashes
        let isMultiline = starts(with: "\"\"\"")
        let quotes = isMultiline ? 3 : 1
        position += quotes
        let fence = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        let closing = [UInt8](repeating: UInt8(ascii: "\""), count: quotes) + fence
        let escape = [UInt8(ascii: "\\")] + fence
        while position < bytes.count {
            if bytes[position...].starts(with: closing) {
                position += closing.count
                return
            }
            if !isMultiline, bytes[position] == UInt8(ascii: "\n") { return }
            if bytes[position...].starts(with: escape) {
                position += escape.count
                scanEscape()
            } else {
                position += 1
            }
        }
    }

    /// After a backslash in a string: one escaped character, or an interpolation up to its closing parenthesis.
    private mutating func scanEscape() {
        guard position < bytes.count else { return }
        guard bytes[position] == UInt8(ascii: "(") else {
            position += 1
            return
        }
        var depth = 0
        repeat {
            if let hashes = hashesBeforeQuote() {
                scanString(hashes: hashes)
                continue
            }
            if bytes[position] == UInt8(ascii: "(") { depth += 1 }
            if bytes[position] == UInt8(ascii: ")") { depth -= 1 }
            position += 1
        } while depth > 0 && position < bytes.count
    }
}
