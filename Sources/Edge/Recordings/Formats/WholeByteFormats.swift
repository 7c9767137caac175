/// Formats whose samples are whole bytes.
///
/// | format | a sample |
/// | --- | --- |
/// | 8 | the difference to the sample before it, 8 bits in two's complement |
/// | 16, 24, 32 | two's complement, low byte first |
/// | 61 | 16 bits in two's complement, high byte first |
/// | 80, 160 | 8 and 16 bits in offset binary: 128 and 32,768 mean 0; low byte first |
extension SignalFormat {
    func decodeWholeBytes(
        _ bytes: [UInt8],
        from first: Int,
        step: Int,
        count: Int,
        into values: inout [Int32]
    ) {
        let width = bytesPerGroup
        var at = first * width
        let stride = step * width
        switch self {
        case .differences8:
            for _ in 0..<count {
                values.append(Int32(Int8(bitPattern: bytes[at])))
                at += stride
            }
        case .little16:
            for _ in 0..<count {
                values.append(Int32(Int16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)))
                at += stride
            }
        case .little24:
            for _ in 0..<count {
                let low = UInt32(bytes[at]) << 8 | UInt32(bytes[at + 1]) << 16
                values.append(Int32(bitPattern: low | UInt32(bytes[at + 2]) << 24) >> 8)
                at += stride
            }
        case .little32:
            for _ in 0..<count {
                let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
                let high = UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
                values.append(Int32(bitPattern: low | high))
                at += stride
            }
        case .big16:
            for _ in 0..<count {
                values.append(Int32(Int16(bitPattern: UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]))))
                at += stride
            }
        case .offset8:
            for _ in 0..<count {
                values.append(Int32(bytes[at]) - 128)
                at += stride
            }
        case .offset16:
            for _ in 0..<count {
                values.append((Int32(bytes[at]) | Int32(bytes[at + 1]) << 8) - 32_768)
                at += stride
            }
        case .packed212, .packed310, .packed311: preconditionFailure("a packed format")
        }
    }
}
