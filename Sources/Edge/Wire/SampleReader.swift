/// The samples of one lead, from the bytes of the wire to millivolts.
///
/// value in nV = encoded x nanovolts per unit; millivolts = that / 1e6 in Double, rounded once to Float.

internal import FoundationEssentials

/// Why a lead's samples cannot be taken, in the order of the table of refusals.
struct SampleFault: Error {
    /// The rows of the table of refusals that samples can meet.
    enum Row { case range, length, nonFinite }
    /// The row that refuses the samples.
    let row: Row
    /// What, where, which number.
    let detail: String
}

/// Largest magnitude a sample may have: 10 V, far beyond any amplifier on skin.
let nanovoltsMax = 1e10

/// Reads the leads of one chunk after another; it keeps the buffer that every lead's encoded values pass through.
struct SampleReader: Sendable {
    private var encoding = SampleEncoding.int16
    private var sampleCount = 0
    private var nanovoltsPerUnit = 0.0
    /// `[time]`: the encoded values of the lead at hand; Double holds every Int32 and every Float exactly.
    private var encoded: [Double] = []

    /// Begins a chunk of `sampleCount` samples a lead.
    mutating func begin(_ encoding: SampleEncoding, sampleCount: Int, nanovoltsPerUnit: Double) {
        self.encoding = encoding
        self.sampleCount = sampleCount
        self.nanovoltsPerUnit = nanovoltsPerUnit
        guard encoded.count != sampleCount else { return }
        encoded.removeAll(keepingCapacity: true)
        encoded.append(contentsOf: repeatElement(0, count: sampleCount))
    }

    /// `[time]`, millivolts; NaN wherever `invalid` or `missing` says so.
    ///
    /// `invalid` is filler, what stands there may be anything; `missing` are samples that must not be used. Data
    /// that does not hold its samples has no values to judge, so LENGTH speaks for it alone.
    mutating func millivolts(
        _ data: Data,
        invalid: [Range<Int>],
        missing: [Range<Int>]
    ) throws(SampleFault) -> [Float] {
        try readEncoded(data.span)
        for range in invalid {
            for index in range { encoded[index] = 0 }
        }
        var millivolts = [Float](repeating: 0, count: sampleCount)
        if convert(encoded.span, nanovoltsPerUnit, into: &millivolts) > 0 { try judge() }
        for range in invalid { blank(&millivolts, range) }
        for range in missing { blank(&millivolts, range) }
        return millivolts
    }

    private mutating func readEncoded(_ bytes: Span<UInt8>) throws(SampleFault) {
        let isWhole =
            switch encoding {
            case .int16: readInt16(bytes, into: &encoded)
            case .int32: readInt32(bytes, into: &encoded)
            case .float32: readFloat32(bytes, into: &encoded)
            case .delta: readDelta(bytes, into: &encoded)
            }
        guard isWhole else {
            let what =
                encoding == .delta ? "shortest zigzag varints within int32" : "samples of \(encoding.name)"
            throw SampleFault(
                row: .length,
                detail: "\(bytes.count) bytes of data do not hold exactly \(sampleCount) \(what)"
            )
        }
    }

    /// Says which sample is at fault; those that `invalid` covers are 0 by now.
    private func judge() throws(SampleFault) {
        var nonFinite: Int?
        for (index, value) in encoded.enumerated() {
            if !value.isFinite {
                nonFinite = nonFinite ?? index
            } else if nanovoltsPerUnit.isFinite, abs(value * nanovoltsPerUnit) > nanovoltsMax {
                throw SampleFault(
                    row: .range,
                    detail: "sample \(index) is larger than 10 V; send what is filler as invalid"
                )
            }
        }
        if let nonFinite {
            throw SampleFault(
                row: .nonFinite,
                detail: "sample \(nonFinite) is no number and not covered by invalid"
            )
        }
    }
}

private func blank(_ millivolts: inout [Float], _ range: Range<Int>) {
    for index in range { millivolts[index] = .nan }
}

/// The number of samples that are not finite or beyond the limit; `millivolts` is as long as `encoded`.
private func convert(
    _ encoded: Span<Double>,
    _ nanovoltsPerUnit: Double,
    into millivolts: inout [Float]
) -> Int64 {
    var faultCount: Int64 = 0
    var output = millivolts.mutableSpan
    for index in encoded.indices {
        let nanovolts = encoded[index] * nanovoltsPerUnit
        faultCount &+= abs(nanovolts) <= nanovoltsMax ? 0 : 1
        output[index] = Float(nanovolts / 1e6)
    }
    return faultCount
}

// The readers: whether `bytes` are exactly one sample for each element of `values`.

private func readInt16(_ bytes: Span<UInt8>, into values: inout [Double]) -> Bool {
    guard bytes.count == values.count * 2 else { return false }
    var output = values.mutableSpan
    for index in output.indices {
        let bits = UInt16(bytes[index * 2]) | UInt16(bytes[index * 2 + 1]) << 8
        output[index] = Double(Int16(bitPattern: bits))
    }
    return true
}

private func readInt32(_ bytes: Span<UInt8>, into values: inout [Double]) -> Bool {
    guard bytes.count == values.count * 4 else { return false }
    var output = values.mutableSpan
    for index in output.indices { output[index] = Double(Int32(bitPattern: word(bytes, index))) }
    return true
}

private func readFloat32(_ bytes: Span<UInt8>, into values: inout [Double]) -> Bool {
    guard bytes.count == values.count * 4 else { return false }
    var output = values.mutableSpan
    for index in output.indices { output[index] = Double(Float(bitPattern: word(bytes, index))) }
    return true
}

private func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
    UInt32(bytes[index * 4]) | UInt32(bytes[index * 4 + 1]) << 8 | UInt32(bytes[index * 4 + 2]) << 16
        | UInt32(bytes[index * 4 + 3]) << 24
}

/// Shortest varints only, values and differences within int32.
private func readDelta(_ bytes: Span<UInt8>, into values: inout [Double]) -> Bool {
    guard bytes.count >= values.count else { return false }
    var output = values.mutableSpan
    var position = 0
    var value: Int64 = 0
    for index in output.indices {
        guard position < bytes.count else { return false }
        var byte = bytes[position]
        position += 1
        var zigzag = UInt64(byte & 127)
        var shift: UInt64 = 7
        while byte >= 128 {
            guard position < bytes.count, shift <= 28 else { return false }
            byte = bytes[position]
            position += 1
            guard byte != 0 else { return false }
            zigzag |= UInt64(byte & 127) << shift
            shift += 7
        }
        guard zigzag <= UInt64(UInt32.max) else { return false }
        let difference = Int64(zigzag >> 1) ^ -Int64(zigzag & 1)
        value += difference
        guard value == Int64(Int32(truncatingIfNeeded: value)) else { return false }
        output[index] = Double(value)
    }
    return position == bytes.count
}

/// The ranges of (offset, count) pairs; nil unless they are even in number, ascending, apart, and within the chunk.
func ranges(ofPairs pairs: [UInt32], within sampleCount: Int) -> [Range<Int>]? {
    guard pairs.count.isMultiple(of: 2) else { return nil }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(pairs.count / 2)
    for index in stride(from: 0, to: pairs.count, by: 2) {
        let start = Int(pairs[index])
        let end = start + Int(pairs[index + 1])
        guard start < end, end <= sampleCount, ranges.last.map({ $0.upperBound < start }) ?? true else {
            return nil
        }
        ranges.append(start..<end)
    }
    return ranges
}

/// Whether offsets are strictly ascending and within the chunk.
func areAscending(_ offsets: [UInt32], within sampleCount: Int) -> Bool {
    var next = 0
    for offset in offsets {
        guard Int(offset) >= next, Int(offset) < sampleCount else { return false }
        next = Int(offset) + 1
    }
    return true
}
