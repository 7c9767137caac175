/// Writes values as the compact bytes of a checkpoint.
///
/// Whatever is `Encodable` can be written: members stand one after the other in the order in which they are declared, without
/// their names, so only a program with the same declarations reads them; whoever keeps the bytes keeps a version beside
/// them. Whole numbers take one byte for each seven bits, floating-point numbers their bits, lists their count first; a
/// byte of 0 is followed by how many there are in a row. Two things are not written, and refused: dictionaries by text or
/// number, and lists of optional values.
public enum BinaryCoding {
    /// The bytes of a value.
    ///
    /// - Throws: `BinaryFault` where the value holds what these bytes have no form for.
    public static func bytes(of value: some Encodable) throws -> [UInt8] {
        let sink = Sink()
        try value.encode(to: ValueEncoder(sink: sink))
        return packed(sink.bytes)
    }

    /// The members that are written of a value, each by the names on the way to it, and how many bytes they take.
    ///
    /// Where these change, so does the form of the bytes, and with it must the version that is kept beside them.
    public static func members(of value: some Encodable) throws -> [String: Int] {
        let sink = Sink()
        sink.members = [:]
        try value.encode(to: ValueEncoder(sink: sink))
        return sink.members ?? [:]
    }

    /// Bytes in which each run of zeros is a zero and its length.
    private static func packed(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(bytes.count)
        var zeros: UInt8 = 0
        for byte in bytes {
            if zeros > 0, byte != 0 || zeros == .max {
                packed.append(zeros)
                zeros = 0
            }
            if byte != 0 {
                packed.append(byte)
            } else {
                if zeros == 0 { packed.append(0) }
                zeros += 1
            }
        }
        if zeros > 0 { packed.append(zeros) }
        return packed
    }

    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        var unpacked: [UInt8] = []
        unpacked.reserveCapacity(2 * bytes.count)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            guard byte == 0 else {
                unpacked.append(byte)
                continue
            }
            guard place < bytes.count else { throw BinaryFault.torn }
            guard bytes[place] > 0 else { throw BinaryFault.outOfBounds }
            unpacked.append(contentsOf: repeatElement(0, count: Int(bytes[place])))
            place += 1
        }
        return unpacked
    }

    /// The CRC-32C of bytes.
    public static func check(of bytes: [UInt8]) -> UInt32 {
        let table = table
        var check = UInt32.max
        for byte in bytes { check = table[Int(UInt8(truncatingIfNeeded: check) ^ byte)] ^ check >> 8 }
        return ~check
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    /// The value that bytes stand for, all of them.
    ///
    /// - Throws: `BinaryFault` or what the value's own checks throw, where they are no such value.
    public static func value<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8]
    ) throws -> Value {
        let source = Source(try unpacked(bytes))
        let value = try Value(from: ValueDecoder(source: source))
        guard source.isAtEnd else { throw BinaryFault.surplus }
        return value
    }
}

/// Why bytes are no value, or a value has no bytes.
public enum BinaryFault: Error, Sendable, Equatable {
    /// The bytes end too soon.
    case torn
    /// More bytes follow than the value has.
    case surplus
    /// A number, text or case is none that the value can have.
    case outOfBounds
    /// The value holds what these bytes have no form for.
    case unsupported
}
