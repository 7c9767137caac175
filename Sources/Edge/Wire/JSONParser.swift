/// Reads JSON from outside: strict (RFC 8259, each name once, no lone surrogate) and bounded.

/// Why bytes were refused as JSON.
public enum JSONFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There are more bytes than are taken.
    case tooLarge(byteCount: Int, limit: Int)
    /// Arrays and objects are nested deeper than is read.
    case tooDeep(limit: Int)
    /// The bytes are not JSON; the first fault is at this byte.
    case malformed(offset: Int, reason: String)

    /// What is wrong, where, and with which value.
    public var description: String {
        switch self {
        case .tooLarge(let byteCount, let limit): "JSON of \(byteCount) bytes; at most \(limit)"
        case .tooDeep(let limit): "JSON nested deeper than \(limit)"
        case .malformed(let offset, let reason): "JSON, byte \(offset): \(reason)"
        }
    }
}

extension JSONValue {
    /// The most bytes that a control request may have.
    public static let requestBytesMax = 65_536

    /// The deepest nesting that is read.
    public static let depthMax = 32

    /// The one value that `bytes` hold.
    public init(parsing bytes: [UInt8], byteCountMax: Int = JSONValue.requestBytesMax) throws(JSONFailure) {
        guard bytes.count <= byteCountMax else {
            throw .tooLarge(byteCount: bytes.count, limit: byteCountMax)
        }
        var parser = Parser(bytes: bytes)
        self = try parser.document()
    }
}

private struct Parser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONFailure) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private func failure(_ reason: String) -> JSONFailure { .malformed(offset: position, reason: reason) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFailure) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some: return try number()
        case nil: throw failure("a value is missing")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFailure) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("unknown word") }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONFailure) -> JSONValue {
        guard depth <= JSONValue.depthMax else { throw .tooDeep(limit: JSONValue.depthMax) }
        position += 1
        var pairs: [(String, JSONValue)] = []
        skipSpace()
        if take("}") { return .object([:]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name is missing") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            pairs.append((name, try value(depth: depth)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("the object does not end") }
        let object = JSONObject(pairs)
        guard object.members.count == pairs.count else { throw failure("a name stands twice in the object") }
        return .object(object)
    }

    private mutating func array(depth: Int) throws(JSONFailure) -> JSONValue {
        guard depth <= JSONValue.depthMax else { throw .tooDeep(limit: JSONValue.depthMax) }
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            values.append(try value(depth: depth))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("the array does not end") }
        return .array(values)
    }

    // MARK: Numbers

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, (48...57).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONFailure) -> JSONValue {
        let start = position
        _ = take("-")
        let startsWithZero = next == UInt8(ascii: "0")
        let wholeCount = digits()
        guard wholeCount > 0, wholeCount == 1 || !startsWithZero else { throw failure("no number") }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard digits() > 0 else { throw failure("no digit after the point") }
        }
        if take("e") || take("E") {
            isWhole = false
            _ = take("+") || take("-")
            guard digits() > 0 else { throw failure("no digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int64(text), whole.magnitude < 1 << 53 { return .integer(whole) }
        guard let real = Double(text), real.isFinite else { throw failure("a number beyond Double") }
        return .number(real)
    }

    // MARK: Strings

    private mutating func string() throws(JSONFailure) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<32: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("the string does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFailure) {
        guard let byte = next else { throw failure("the string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal4()
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\"), take("u") else { throw failure("a lone surrogate") }
                let low = try hexadecimal4()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("a lone surrogate") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("a lone surrogate") }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw failure("unknown escape")
        }
    }

    private mutating func hexadecimal4() throws(JSONFailure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hex digits are missing")
            }
            position += 1
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
