/// JSON as values: what events are made of and control requests are read into.

/// One JSON value.
public enum JSONValue: Sendable, Equatable {
    /// Members by name, each name once.
    case object(JSONObject)
    /// Values in their order.
    case array([JSONValue])
    /// Any text.
    case string(String)
    /// A whole number; beyond 2^53 readers lose digits, so identities are strings.
    case integer(Int64)
    /// A finite number; `decimal` makes rounded ones.
    case number(Double)
    /// True or false.
    case bool(Bool)
    /// A value that is not known.
    case null

    /// `value` rounded half to even of its exact binary value; null where it is no finite number, and never -0.
    ///
    /// `places` is the number of decimals, 6 at most.
    public static func decimal(_ value: Double, places: Int) -> JSONValue {
        value.isFinite ? .number(DecimalRounding(value, places: places).value) : .null
    }

    /// `value`, or null where there is none.
    public static func integerOrNull(_ value: Int64?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

    /// `value`, or null where there is none.
    public static func stringOrNull(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    /// The object, where it is one.
    public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }

    /// The text, where it is one.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The whole number, where it is one.
    public var whole: Int64? { if case .integer(let whole) = self { whole } else { nil } }

    /// The number, whole or not, where it is one.
    public var real: Double? {
        switch self {
        case .integer(let whole): Double(whole)
        case .number(let real): real
        default: nil
        }
    }

    /// The values, where it is an array.
    public var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
}

/// The members of a JSON object in canonical order: names by their UTF-16 code units, each once.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// A name with its value.
    public struct Member: Sendable, Equatable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public let value: JSONValue
    }

    /// The members in canonical order.
    public private(set) var members: [Member]

    /// Those members; of two with one name the later counts.
    public init(_ pairs: some Sequence<(String, JSONValue)>) {
        var sorted = pairs.enumerated().sorted { left, right in
            if JSONObject.areSame(left.element.0, right.element.0) { return left.offset > right.offset }
            return JSONObject.precedes(left.element.0, right.element.0)
        }.map { Member(name: $0.element.0, value: $0.element.1) }
        var kept = 0
        for index in sorted.indices {
            if kept > 0, JSONObject.areSame(sorted[kept - 1].name, sorted[index].name) { continue }
            sorted[kept] = sorted[index]
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        members = sorted
    }

    /// Those members; of two with one name the later counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// The value of that name, if there is one.
    public subscript(name: String) -> JSONValue? {
        members.first { JSONObject.areSame($0.name, name) }?.value
    }

    /// This object with `others` in it; theirs count where a name stands in both.
    public func with(_ others: JSONObject) -> JSONObject {
        JSONObject((members + others.members).map { ($0.name, $0.value) })
    }

    /// Compares names by their code units, because Swift's `==` takes names that only look alike for one name, for
    /// example the Kelvin sign and the letter K.
    private static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// Orders names by their UTF-16 code units (RFC 8785, 3.2.3); for plain ASCII that is the order of the bytes.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf16.lexicographicallyPrecedes(right.utf16)
    }
}

/// A number rounded to the decimal that is nearest to it, ties to even; 0 for -0.
///
/// value = m 2^e exactly, so m 10^places 2^e is rounded in integers. From 2^53 / 10^places on the spacing of
/// Doubles is wider than that of the decimals, and the number is its own rounding.
struct DecimalRounding {
    /// The number of decimals, 0 to 6.
    let places: Int
    /// 10 to the power of `places`.
    let scale: UInt64
    /// The magnitude of the rounded number times `scale`; nil where the number is its own rounding.
    let whole: UInt64?
    /// The nearest Double of the rounded number.
    let value: Double

    /// Rounds a finite number to so many decimals, 6 at most.
    init(_ value: Double, places: Int) {
        self.places = min(max(places, 0), 6)
        scale = (0..<self.places).reduce(1) { scale, _ in scale * 10 }
        whole = DecimalRounding.whole(value, scale)
        switch whole {
        case nil: self.value = value
        case 0: self.value = 0
        case .some(let whole):
            let nearest = Double(whole) / Double(scale)
            self.value = value < 0 ? -nearest : nearest
        }
    }

    private static func whole(_ value: Double, _ scale: UInt64) -> UInt64? {
        guard value != 0 else { return 0 }
        guard value.magnitude * Double(scale) < 0x1p53 else { return nil }
        let mantissa = UInt128(value.significandBitPattern | (value.isNormal ? 1 << 52 : 0))
        let shift = 52 - (value.isNormal ? Int(value.exponent) : -1_022)
        guard shift > 0 else { return nil }
        guard shift < 127 else { return 0 }
        let scaled = mantissa * UInt128(scale)
        let half = UInt128(1) << (shift - 1)
        let rest = scaled & (half << 1 - 1)
        var whole = scaled >> shift
        if rest > half || (rest == half && whole & 1 == 1) { whole += 1 }
        return UInt64(whole)
    }
}
