/// Times as events write them: RFC 3339, UTC, milliseconds.

public import ECGSignal

/// `2026-01-02T03:04:05.678Z`: the millisecond in which `time` lies, for any time from 1677 to 2262.
public func timestamp(_ time: UTCNanoseconds) -> String {
    var writer = CanonicalWriter()
    writer.timestamp(time)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// `value` >= 0 with leading zeros.
func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
