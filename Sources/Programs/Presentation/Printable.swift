/// Lines that may hold what a file or a peer says, made safe for a terminal.
public enum Printable {
    /// The line with each character that a terminal would obey or that turns the direction of writing as `\u{1b}`; line
    /// ends and tabs stay.
    public static func line(_ line: String) -> String {
        guard line.unicodeScalars.contains(where: isObeyed) else { return line }
        return line.unicodeScalars.reduce(into: "") { text, scalar in
            if isObeyed(scalar) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
