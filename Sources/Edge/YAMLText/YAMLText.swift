public import Yams

/// YAML that comes from outside, read so that a short text cannot take long.
public enum YAMLText {
    /// Why a text was not read.
    public struct TooManyAliases: Error, CustomStringConvertible {
        /// What is wrong, and what to do.
        public let description = "more than \(YAMLText.aliasesMax) aliases (*NAME); write the values out"
    }

    /// The most aliases that a text may have.
    ///
    /// A few that stand for each other stand for millions of values, which Yams goes through one by one where they are a
    /// key.
    static let aliasesMax = 10

    /// What the text of `bytes` holds; nil where it is empty.
    ///
    /// Its values are words until somebody asks for a number: Yams computes `1:30` to the base 60, with operations that
    /// trap where they overflow.
    /// - Throws: `TooManyAliases`, or `YamlError` where it is no YAML.
    public static func node(of bytes: [UInt8]) throws -> Node? {
        guard aliasCount(in: bytes) <= aliasesMax else { throw TooManyAliases() }
        return try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
    }

    /// How often an asterisk stands as in every alias: before a letter, a digit, `_` or `-`, and not behind what is part of
    /// a word, as it does in the middle of a public key.
    private static func aliasCount(in bytes: [UInt8]) -> Int {
        let before = [UInt8(ascii: " ")] + bytes
        return zip(before, zip(bytes, bytes.dropFirst())).count { former, pair in
            pair.0 == UInt8(ascii: "*") && " \t\r\n,[{:".utf8.contains(former) && isWord(pair.1)
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
