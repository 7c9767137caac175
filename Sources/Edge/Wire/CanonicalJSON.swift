/// Canonical JSON (RFC 8785): one byte string per value, so that events can be compared and hashed.
///
/// Names are sorted, there is no white space, escapes are the shortest, and numbers have the shortest form that
/// ECMAScript gives them.

extension JSONValue {
    /// The canonical bytes.
    public var canonical: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4_096)
        append(to: &bytes)
        return bytes
    }

    /// The canonical text.
    public var canonicalText: String { String(decoding: canonical, as: UTF8.self) }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .object(let object): append(object, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .string(let text): appendQuoted(text, to: &bytes)
        case .integer(let whole): bytes.append(contentsOf: "\(whole)".utf8)
        case .number(let real): bytes.append(contentsOf: ecmaScriptText(of: real).utf8)
        case .bool(let isTrue): bytes.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    private func append(_ object: JSONObject, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendQuoted(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

/// RFC 8785, 3.2.2.2: seven short escapes, \u00xx for the other controls, everything else as it is.
private func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case 8: bytes.append(contentsOf: "\\b".utf8)
        case 9: bytes.append(contentsOf: "\\t".utf8)
        case 10: bytes.append(contentsOf: "\\n".utf8)
        case 12: bytes.append(contentsOf: "\\f".utf8)
        case 13: bytes.append(contentsOf: "\\r".utf8)
        case 0..<32:
            bytes.append(contentsOf: (byte < 16 ? "\\u000" : "\\u00").utf8)
            bytes.append(contentsOf: String(byte, radix: 16).utf8)
        default: bytes.append(byte)
        }
    }
    bytes.append(UInt8(ascii: "\""))
}

/// The number as ECMAScript's Number::toString writes it; `null` where it is not finite.
///
/// Both it and `description` have the shortest digits that give the number back; only where point and exponent
/// stand differs.
func ecmaScriptText(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    guard number != 0 else { return "0" }
    let parts = number.magnitude.description.split(separator: "e")
    let point = parts[0].split(separator: ".")
    var digits = point.joined()
    // The place of the decimal point is counted from the first digit; then zeros at either end are cut off.
    var pointPosition = point[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let leadingZeros = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leadingZeros)
    pointPosition -= leadingZeros
    while digits.last == "0" { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    switch pointPosition {
    case digits.count...21:
        return sign + digits + String(repeating: "0", count: pointPosition - digits.count)
    case 1...21:
        return sign + digits.prefix(pointPosition) + "." + digits.dropFirst(pointPosition)
    case -5...0:
        return sign + "0." + String(repeating: "0", count: -pointPosition) + digits
    default:
        let exponent = pointPosition - 1
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "" : "+") + "\(exponent)"
    }
}
