/// Canonical JSON (RFC 8785): one byte string per value, so that events can be compared and hashed.
///
/// Names are sorted, there is no white space, escapes are the shortest, and numbers have the shortest form that
/// ECMAScript gives them.

extension JSONValue {
    /// The canonical bytes.
    public var canonical: [UInt8] {
        var text = CanonicalWriter()
        write(to: &text)
        return text.bytes
    }

    /// The canonical text.
    public var canonicalText: String { String(decoding: canonical, as: UTF8.self) }

    private func write(to text: inout CanonicalWriter) {
        switch self {
        case .object(let object):
            text.object { text in
                for member in object.members {
                    text.name(member.name)
                    member.value.write(to: &text)
                }
            }
        case .array(let values):
            text.array { text in
                for value in values { value.write(to: &text) }
            }
        case .string(let string): text.string(string)
        case .integer(let whole): text.integer(whole)
        case .number(let real): text.number(real)
        case .bool(let isTrue): text.bool(isTrue)
        case .null: text.null()
        }
    }
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
