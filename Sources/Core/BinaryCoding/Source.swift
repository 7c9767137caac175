/// Where bytes come from.
final class Source {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// Bytes that are left: no list has more elements.
    var left: Int { bytes.count - place }

    private func byte() throws -> UInt8 {
        guard place < bytes.count else { throw BinaryFault.torn }
        defer { place += 1 }
        return bytes[place]
    }

    func read(_ type: Bool.Type) throws -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw BinaryFault.outOfBounds
        }
    }

    func read(_ type: String.Type) throws -> String {
        let count = try unsigned()
        guard count <= UInt64(left) else { throw BinaryFault.torn }
        let end = place + Int(count)
        defer { place = end }
        guard let text = String(validating: bytes[place..<end], as: UTF8.self) else {
            throw BinaryFault.outOfBounds
        }
        return text
    }

    /// The text that comes next, which stays there; nil where none does.
    func peekedText() -> String? {
        let start = place
        defer { place = start }
        return try? read(String.self)
    }

    func read(_ type: Double.Type) throws -> Double { Double(bitPattern: try fixed()) }

    func read(_ type: Float.Type) throws -> Float { Float(bitPattern: try fixed()) }

    func read<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        if Number.bitWidth == 8 { return Number(truncatingIfNeeded: try byte()) }
        if Number.bitWidth > 64 { return Number(truncatingIfNeeded: try fixed() as UInt128) }
        let raw = try unsigned()
        let number =
            Number.isSigned
            ? Number(exactly: Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
            : Number(exactly: raw)
        guard let number else { throw BinaryFault.outOfBounds }
        return number
    }

    func read<Vector: SIMD>(_ type: Vector.Type) throws -> Vector where Vector.Scalar == Int32 {
        var value = Vector()
        for lane in 0..<Vector.scalarCount { value[lane] = try read(Int32.self) }
        return value
    }

    func read<Vector: SIMD>(_ type: Vector.Type) throws -> Vector where Vector.Scalar == Float {
        var value = Vector()
        for lane in 0..<Vector.scalarCount { value[lane] = try read(Float.self) }
        return value
    }

    /// A value of the kinds of which there are most; nil where it is of another one.
    func readAtOnce<Value>(_ type: Value.Type) throws -> Value? {
        if type == Float.self { return same(try read(Float.self), as: type) }
        if type == Double.self { return same(try read(Double.self), as: type) }
        if type == Int.self { return same(try read(Int.self), as: type) }
        if type == SIMD4<Int32>.self { return same(try read(SIMD4<Int32>.self), as: type) }
        if type == SIMD4<Float>.self { return same(try read(SIMD4<Float>.self), as: type) }
        if type == SIMD8<Float>.self { return same(try read(SIMD8<Float>.self), as: type) }
        if type == Int16.self { return same(try read(Int16.self), as: type) }
        if type == UInt8.self { return same(try read(UInt8.self), as: type) }
        return nil
    }

    /// The count of a list.
    func count() throws -> Int {
        let low = Int(try byte())
        let count = low | Int(try byte()) << 8
        // An element without a byte would be a member without a value.
        guard count <= left else { throw BinaryFault.torn }
        return count
    }

    private func unsigned() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = try byte()
            guard shift < 63 || next < 2 else { throw BinaryFault.outOfBounds }
            value |= UInt64(next & 127) << shift
            if next < 128 { return value }
        }
        throw BinaryFault.outOfBounds
    }

    private func fixed<Number: FixedWidthInteger>() throws -> Number {
        var value: Number = 0
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            value |= Number(truncatingIfNeeded: try byte()) << shift
        }
        return value
    }
}
