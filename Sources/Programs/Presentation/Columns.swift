/// Text laid out for a terminal, where a Japanese character takes two columns.
public enum Columns {
    /// How many columns a text takes: two for East Asian wide and full-width characters, none for combining marks.
    ///
    /// The ranges are the W and F classes of Unicode's annex 11 as far as terminals agree on them.
    public static func width(of text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + width(of: $1) } }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x0300...0x036F, 0x200B...0x200F, 0x3099...0x309A, 0xFE00...0xFE0F: 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F,
            0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }

    /// The text with blanks behind it until it takes so many columns.
    public static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(of: text)))
    }

    /// The text in lines of at most so many columns; every line but the first is indented.
    ///
    /// A line ends behind a semicolon or a colon where what follows, up to the next one, fits on a line of its own; else
    /// it ends between two words. A word that is wider than the room stands alone. Blanks inside a line stay as they are.
    public static func wrapped(_ text: String, to columns: Int, indent: Int = 4) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        /// Puts words behind the line where they fit, else on a new line.
        func put(_ words: String, after gap: String) {
            if line.isEmpty {
                line = width(of: gap + words) <= columns ? gap + words : words
            } else if width(of: line + gap + words) <= columns {
                line += gap + words
            } else {
                lines.append(line)
                line = margin + words
            }
        }
        for clause in clauses(of: text) {
            let whole = clause.enumerated().map { $0 == 0 ? $1.word : $1.gap + $1.word }.joined()
            if width(of: margin + whole) <= columns {
                put(whole, after: clause[0].gap)
            } else {
                for piece in clause { put(piece.word, after: piece.gap) }
            }
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }

    /// The words of a text with the blanks before each, in clauses that end with a semicolon or a colon.
    private static func clauses(of text: String) -> [[(gap: String, word: String)]] {
        var clauses: [[(gap: String, word: String)]] = []
        var gap = ""
        var isOpen = false
        for (place, piece) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            // Between two pieces stood one blank; an empty piece is a further one.
            if place > 0 { gap += " " }
            guard !piece.isEmpty else { continue }
            if isOpen {
                clauses[clauses.count - 1].append((gap, String(piece)))
            } else {
                clauses.append([(gap, String(piece))])
            }
            isOpen = !piece.hasSuffix(";") && !piece.hasSuffix(":")
            gap = ""
        }
        return clauses
    }
}
