/// A recording as WFDB keeps it: every channel's samples as stored, checked against the header's own sums.

private import Digest
public import ECGSignal
private import FoundationEssentials

/// A single-segment WFDB record of format 16 or 212.
public struct Recording: Sendable {
    /// One signal of the record.
    public struct Channel: Sendable, Equatable {
        /// As the header has it.
        public let name: String
        /// `[time]`, stored value less baseline: units of `nanovoltsPerUnit`; 0 where missing.
        public let digital: [Int32]
        /// Where WFDB's invalid code stands, ascending and apart.
        public let missing: [Range<Int>]
        /// Nanovolts of one unit, above 0 and at most 1e6.
        public let nanovoltsPerUnit: Double

        /// `[time]`, millivolts, rounded once; NaN where missing.
        public func millivolts() -> [Float] {
            var values = digital.map { Float(Double($0) * nanovoltsPerUnit / 1e6) }
            for range in missing {
                for index in range { values[index] = .nan }
            }
            return values
        }
    }

    /// The header's base name without `.hea`.
    public let name: String
    /// The header's path.
    public let path: String
    /// Of every channel.
    public let rate: SampleRate
    /// The header's base time as UTC; on 1970-01-01 where its date is not usable; nil without a time.
    public let baseTime: UTCNanoseconds?
    /// Of every channel; at least 1.
    public let sampleCount: Int
    /// In header order.
    public let channels: [Channel]
    /// The header's comment lines without the leading `#`.
    public let comments: [String]
    /// The bytes of the signal files, in header order.
    public let signalBytes: [UInt8]

    /// Reads `RECORD` or `RECORD.hea` and the signal files beside it.
    public static func load(_ path: String) throws(RecordingError) -> Recording {
        let headerPath = path.hasSuffix(".hea") ? path : path + ".hea"
        let header = try readFile(headerPath, atMost: RecordingLimits.headerBytesMax)
        let folder = headerPath.lastIndex(of: "/").map { headerPath[...$0] } ?? ""
        return try Recording(path: headerPath, header: header) { (file, limit) throws(RecordingError) in
            try readFile(folder + file, atMost: limit)
        }
    }

    /// Decodes a header; `signalFile` gives a named file's bytes, or refuses one above the given size.
    public init(
        path: String,
        header: [UInt8],
        signalFile: (_ name: String, _ bytesMax: Int) throws(RecordingError) -> [UInt8]
    ) throws(RecordingError) {
        let parsed = try WFDBHeader(bytes: header, path: path)
        let base = path.split(separator: "/").last ?? ""
        name = String(base.hasSuffix(".hea") ? base.dropLast(4) : base)
        guard !name.isEmpty else { throw RecordingError(.malformed, path, "the record has no name") }
        self.path = path
        rate = parsed.rate
        baseTime = parsed.baseTime
        comments = parsed.comments
        var decoded = DecodedSignals(path: path, sampleCount: parsed.sampleCount)
        for group in try parsed.groups(path: path) {
            let bytes = try signalFile(group[0].file, RecordingLimits.signalBytesMax - decoded.bytes.count)
            try decoded.append(group, bytes: bytes)
        }
        sampleCount = decoded.sampleCount ?? 0
        channels = decoded.channels
        signalBytes = decoded.bytes
    }

    /// The epoch of the recording's stream: the first 8 bytes of a SHA-256, high byte first; 1 instead of 0.
    ///
    /// Over the signal files in header order, then 0x00 and the text of each option that was given.
    public func epoch(leads: String? = nil, nameLeads: String? = nil) -> UInt64 {
        var hashed = signalBytes
        for text in [leads, nameLeads].compactMap(\.self) {
            hashed.append(0)
            hashed.append(contentsOf: text.utf8)
        }
        let first = UInt64(SHA256.hex(hashed).prefix(16), radix: 16) ?? 0
        return first == 0 ? 1 : first
    }

    /// The name with every character outside `[A-Za-z0-9_-]` as `-`, at most 64: the stream's patient.
    public var streamPatientID: String {
        let cleaned = name.map { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
                ? character : "-"
        }
        let id = String(cleaned.prefix(64))
        return id == "_" ? "-" : id
    }
}

/// The channels read so far; every file must hold as many samples as the first.
private struct DecodedSignals {
    let path: String
    var sampleCount: Int?
    var channels: [Recording.Channel] = []
    var bytes: [UInt8] = []

    /// Adds the signals of one file.
    mutating func append(_ group: [WFDBHeader.Signal], bytes fileBytes: [UInt8]) throws(RecordingError) {
        let first = group[0]
        let file = WFDBSignalFile(
            format: first.format,
            byteOffset: first.byteOffset,
            channelCount: group.count,
            bytes: fileBytes
        )
        guard let count = sampleCount ?? file.sampleCount, file.holds(count) else {
            let claim =
                sampleCount.map { "\(file.byteCount(for: $0)) bytes for \($0) samples" } ?? "whole samples"
            throw RecordingError(
                .mismatch,
                path,
                line: first.line,
                "\(first.file) has \(fileBytes.count) bytes where the header claims \(claim) of \(group.count) "
                    + "signals in format \(first.format.rawValue); fetch the record anew"
            )
        }
        guard count > 0 else {
            throw RecordingError(.mismatch, path, line: first.line, "\(first.file) has no samples")
        }
        sampleCount = count
        bytes.append(contentsOf: fileBytes)
        for (index, signal) in group.enumerated() {
            channels.append(try channel(signal, values: file.values(ofChannel: index, samples: count)))
        }
    }

    /// One signal, checked against its first value and sum.
    private func channel(
        _ signal: WFDBHeader.Signal,
        values: [Int32]
    ) throws(RecordingError) -> Recording.Channel {
        let sum = values.reduce(UInt16(0)) { $0 &+ UInt16(truncatingIfNeeded: $1) }
        if let checksum = signal.checksum, checksum != sum {
            throw RecordingError(
                .mismatch,
                path,
                line: signal.line,
                "\(signal.file), channel \(signal.name): the samples' sum is \(Int16(bitPattern: sum)), the header's "
                    + "\(Int16(bitPattern: checksum)); fetch the record anew"
            )
        }
        if let expected = signal.firstValue, expected != values[0] {
            throw RecordingError(
                .mismatch,
                path,
                line: signal.line,
                "\(signal.file), channel \(signal.name): the first value is \(values[0]), the header's \(expected); "
                    + "fetch the record anew"
            )
        }
        var missing: [Range<Int>] = []
        var digital = values
        for index in values.indices {
            if values[index] == signal.format.invalid {
                digital[index] = 0
                if let last = missing.last, last.upperBound == index {
                    missing[missing.count - 1] = last.lowerBound..<index + 1
                } else {
                    missing.append(index..<index + 1)
                }
            } else {
                digital[index] = values[index] - signal.baseline
            }
        }
        return Recording.Channel(
            name: signal.name,
            digital: digital,
            missing: missing,
            nanovoltsPerUnit: signal.nanovoltsPerUnit
        )
    }
}

extension WFDBHeader {
    /// The signals by file, in header order; each file once, with one format and one byte offset.
    fileprivate func groups(path: String) throws(RecordingError) -> [[Signal]] {
        var groups: [[Signal]] = []
        for signal in signals {
            if let first = groups.last?.first, first.file == signal.file {
                guard first.format == signal.format, first.byteOffset == signal.byteOffset else {
                    throw RecordingError(
                        .unsupported,
                        path,
                        line: signal.line,
                        "the signals of \(signal.file) differ in format or byte offset; write one format a file"
                    )
                }
                groups[groups.count - 1].append(signal)
            } else if groups.contains(where: { $0[0].file == signal.file }) {
                throw RecordingError(
                    .unsupported,
                    path,
                    line: signal.line,
                    "the signals of \(signal.file) do not stand together"
                )
            } else {
                groups.append([signal])
            }
        }
        return groups
    }
}

/// The bytes of a regular file of at most `limit` bytes.
private func readFile(_ path: String, atMost limit: Int) throws(RecordingError) -> [UInt8] {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let attributes: [FileAttributeKey: Any]
    do { attributes = try FileManager.default.attributesOfItem(atPath: url.path) } catch {
        throw RecordingError(
            .notFound,
            path,
            "no such file; give RECORD or RECORD.hea, the signal files beside it"
        )
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? UInt64
    else {
        throw RecordingError(.unreadable, path, "not a regular file")
    }
    guard size <= UInt64(limit) else {
        throw RecordingError(
            .unsupported,
            path,
            "\(size) bytes, more than the \(limit) that are read; cut the record"
        )
    }
    do { return [UInt8](try Data(contentsOf: url)) } catch {
        throw RecordingError(.unreadable, path, "cannot be read (\(error)); check its permissions")
    }
}
