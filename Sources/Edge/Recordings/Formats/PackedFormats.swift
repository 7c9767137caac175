/// Formats that pack samples of 10 or 12 bits in two's complement into bytes.
///
/// - 212, two samples in three bytes: low 8 bits of the first; its high 4 bits in the low nibble, those of the second
///   in the high nibble; low 8 bits of the second.
/// - 310, three samples in two little-endian words of 16 bits: bits 1 to 10 of the first word; bits 1 to 10 of the
///   second; the high 5 bits of the first word below the high 5 bits of the second.
/// - 311, three samples in one little-endian word of 32 bits: bits 0 to 9, 10 to 19, 20 to 29.
extension SignalFormat {
    func decodePacked(
        _ bytes: [UInt8],
        from first: Int,
        step: Int,
        count: Int,
        into values: inout [Int32]
    ) {
        for number in 0..<count {
            let index = first + number * step
            switch self {
            case .packed212: values.append(twelveBits(bytes, index))
            case .packed310: values.append(tenBitsInTwoWords(bytes, index))
            default: values.append(tenBitsInOneWord(bytes, index))
            }
        }
    }

    private func twelveBits(_ bytes: [UInt8], _ index: Int) -> Int32 {
        let at = index / 2 * 3
        let twelve =
            index.isMultiple(of: 2)
            ? UInt32(bytes[at]) | UInt32(bytes[at + 1] & 0x0F) << 8
            : UInt32(bytes[at + 2]) | UInt32(bytes[at + 1] & 0xF0) << 4
        return Int32(bitPattern: twelve << 20) >> 20
    }

    private func tenBitsInTwoWords(_ bytes: [UInt8], _ index: Int) -> Int32 {
        let at = index / 3 * 4
        let first = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
        let second = UInt32(bytes[at + 2]) | UInt32(bytes[at + 3]) << 8
        let ten =
            switch index % 3 {
            case 0: first >> 1
            case 1: second >> 1
            default: (first >> 11) | ((second >> 11) << 5)
            }
        return Int32(bitPattern: ten << 22) >> 22
    }

    private func tenBitsInOneWord(_ bytes: [UInt8], _ index: Int) -> Int32 {
        let at = index / 3 * 4
        let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
        let word = low | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
        return Int32(bitPattern: (word >> UInt32(index % 3 * 10)) << 22) >> 22
    }
}
