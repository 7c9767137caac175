/// The two checks of the wire: CRC-32 names a patient's partition, CRC-32C guards a frame.

/// A reflected 32-bit cyclic redundancy check; all bits are set before it and inverted after it.
public struct Checksum: Sendable {
    /// Eight tables of 256 entries; entry [k][b] is the remainder of byte b followed by k zero bytes.
    private let tables: [UInt32]

    /// CRC-32 as zlib, PNG and Ethernet have it.
    public static let crc32 = Checksum(reflectedPolynomial: 0xEDB8_8320)

    /// CRC-32C (Castagnoli) as iSCSI has it, RFC 3720 B.4.
    public static let crc32c = Checksum(reflectedPolynomial: 0x82F6_3B78)

    private init(reflectedPolynomial: UInt32) {
        var tables: [UInt32] = []
        tables.reserveCapacity(2_048)
        for byte in 0..<UInt32(256) {
            var remainder = byte
            for _ in 0..<8 {
                remainder = remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ reflectedPolynomial
            }
            tables.append(remainder)
        }
        for index in 256..<2_048 {
            let shorter = tables[index - 256]
            tables.append(shorter >> 8 ^ tables[Int(shorter & 255)])
        }
        self.tables = tables
    }

    /// The check of the bytes of `parts`, one after the other.
    public func value(of parts: [UInt8]...) -> UInt32 {
        ~parts.reduce(UInt32.max) { register, bytes in advance(register, over: bytes.span) }
    }

    /// The check of the first `count` bytes, or of all where there are fewer.
    public func value(ofFirst count: Int, in bytes: [UInt8]) -> UInt32 {
        ~advance(.max, over: bytes.span.extracting(first: count))
    }

    /// The check of the bytes of a text.
    public func value(of text: String) -> UInt32 {
        ~text.utf8.reduce(UInt32.max) { register, byte in
            register >> 8 ^ tables[Int((register ^ UInt32(byte)) & 255)]
        }
    }

    /// Eight bytes a step ("slicing"; Kounavis and Berry 2005), then the rest one by one.
    private func advance(_ register: UInt32, over bytes: Span<UInt8>) -> UInt32 {
        let tables = tables.span
        var register = register
        var index = 0
        while index + 8 <= bytes.count {
            let low =
                register
                ^ (UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                    | UInt32(bytes[index + 3]) << 24)
            let nearer =
                tables[1_792 + Int(low & 255)] ^ tables[1_536 + Int(low >> 8 & 255)]
                ^ tables[1_280 + Int(low >> 16 & 255)] ^ tables[1_024 + Int(low >> 24)]
            let farther =
                tables[768 + Int(bytes[index + 4])] ^ tables[512 + Int(bytes[index + 5])]
                ^ tables[256 + Int(bytes[index + 6])] ^ tables[Int(bytes[index + 7])]
            register = nearer ^ farther
            index += 8
        }
        while index < bytes.count {
            register = register >> 8 ^ tables[Int((register ^ UInt32(bytes[index])) & 255)]
            index += 1
        }
        return register
    }
}

/// The third frame of a data message: CRC-32C of `topic 0x00 body`, 4 bytes, least significant first.
func checkFrame(topic: [UInt8], body: [UInt8]) -> [UInt8] {
    let value = Checksum.crc32c.value(of: topic, [0], body)
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// The last frame of an acknowledged chunk: CRC-32C of `key topic 0x00 body`, 4 bytes, least significant first.
func checkFrame(key: [UInt8], topic: [UInt8], body: [UInt8]) -> [UInt8] {
    let value = Checksum.crc32c.value(of: key, topic, [0], body)
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
