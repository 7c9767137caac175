/// Where bytes are collected.
final class Sink {
    var bytes: [UInt8] = []
    /// The bytes of members so far, by their names; nil where nobody asks.
    var members: [String: Int]?

    /// Notes a member, whose bytes begin at `start`.
    func note(_ key: some CodingKey, from start: Int? = nil) {
        guard members != nil else { return }
        members?[key.stringValue, default: 0] += start.map { bytes.count - $0 } ?? 0
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
