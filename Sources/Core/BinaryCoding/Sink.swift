/// Where bytes are collected.
final class Sink {
    var bytes: [UInt8] = []
    /// The bytes of members so far, by the names on the way to them; nil where nobody asks.
    var members: [String: Int]?
    /// The names of the members that are being written, where somebody asks.
    private var way: [String] = []

    /// Notes a member that is a value of one kind.
    func note(_ key: some CodingKey) { if members != nil { end(begin(key)) } }

    /// Begins a member that may have members of its own; where its bytes begin.
    func begin(_ key: some CodingKey) -> Int {
        if members != nil { way.append(key.stringValue) }
        return bytes.count
    }

    /// Ends the member that was begun last, whose bytes begin at `start`.
    func end(_ start: Int) {
        guard members != nil else { return }
        members?[way.joined(separator: "."), default: 0] += bytes.count - start
        way.removeLast()
    }

    /// Writes a value of the kinds of which there are most in one piece; false where it is of another one.
    ///
    /// The way through containers takes ten times as long.
    func writeAtOnce<Value>(_ value: Value) -> Bool {
        if Value.self == Float.self {
            write(same(value, as: Float.self))
        } else if Value.self == Double.self {
            write(same(value, as: Double.self))
        } else if Value.self == Int.self {
            write(same(value, as: Int.self))
        } else if Value.self == SIMD4<Int32>.self {
            write(same(value, as: SIMD4<Int32>.self))
        } else if Value.self == SIMD4<Float>.self {
            write(same(value, as: SIMD4<Float>.self))
        } else if Value.self == SIMD8<Float>.self {
            write(same(value, as: SIMD8<Float>.self))
        } else if Value.self == Int16.self {
            write(same(value, as: Int16.self))
        } else if Value.self == UInt8.self {
            write(same(value, as: UInt8.self))
        } else {
            return false
        }
        return true
    }

    func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    func write(_ value: String) {
        write(unsigned: UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    func write(_ value: Double) { write(fixed: value.bitPattern) }

    func write(_ value: Float) { write(fixed: value.bitPattern) }

    func write<Vector: SIMD>(_ value: Vector) where Vector.Scalar == Int32 {
        for lane in 0..<Vector.scalarCount { write(value[lane]) }
    }

    func write<Vector: SIMD>(_ value: Vector) where Vector.Scalar == Float {
        for lane in 0..<Vector.scalarCount { write(value[lane]) }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    ///
    /// The sign stands in the lowest bit.
    func write<Number: FixedWidthInteger>(_ value: Number) {
        if Number.bitWidth == 8 {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else if Number.bitWidth > 64 {
            write(fixed: UInt128(truncatingIfNeeded: value))
        } else if Number.isSigned {
            let wide = Int64(truncatingIfNeeded: value)
            write(unsigned: UInt64(bitPattern: wide << 1 ^ wide >> 63))
        } else {
            write(unsigned: UInt64(truncatingIfNeeded: value))
        }
    }

    private func write(unsigned value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private func write(fixed value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
