/// A recording as WFDB keeps it: opened by its header, checked against the header's own sums, read in pieces.

private import Digest
public import ECGSignal

/// A WFDB record, of one segment or many.
///
/// Opening reads every byte once, in pieces, for its digest and its checksums; after that any stretch of any channel can
/// be read by itself, so that a recording of a day takes no more memory than one of ten seconds. docs/RECORDINGS.md says
/// what is read and what is refused.
public struct Recording: Sendable {
    /// One signal of the record.
    public struct Channel: Sendable, Equatable {
        /// As the header has it.
        public let name: String
        /// As the header has it; mV where it says nothing.
        public let unit: PhysicalUnit
        /// Samples in a frame; more than 1 where signals have different rates.
        public let samplesPerFrame: Int
        /// Nil where it is not one that a stream can have, 100 to 2,000 Hz.
        public let rate: SampleRate?
        /// Samples per second, rounded to Double.
        public let hertz: Double
        /// Samples of the channel, also those that are missing.
        public let sampleCount: Int
        /// Nanovolts of one unit of `integers`; nil where the unit is no voltage or changes with the segments.
        public let nanovoltsPerUnit: Double?
        /// Physical units of one unit of `integers`; nil where the gain changes with the segments.
        public let unitsPerStep: Double?
    }

    /// The header's base name without `.hea`.
    public let name: String
    /// The header's path.
    public let path: String
    /// Frames per second: the sampling rate, unless signals have different rates.
    public let rate: FrameRate
    /// The header's base time as UTC; on 1970-01-01 where its date is not usable; nil without a time.
    public let baseTime: UTCNanoseconds?
    /// Frames of the record, at least 1.
    public let frameCount: Int
    /// In header order.
    public let channels: [Channel]
    /// The header's comment lines without the leading `#`.
    public let comments: [String]
    /// What a person should know of how header and files were read.
    public let remarks: [RecordingRemark]
    /// Of what the samples are and mean: a hash over the signal bytes that count, formats, rates, gains and baselines.
    public let contentDigest: [UInt8]
    private let signals: SegmentedSignals

    /// Opens `RECORD` or `RECORD.hea` with the signal files and segments beside it.
    public static func load(_ path: String) throws(RecordingError) -> Recording {
        let headerPath = try RecordPath.header(of: path)
        let folder = headerPath.lastIndex(of: "/").map { String(headerPath[...$0]) } ?? ""
        return try Recording(
            header: String(headerPath.dropFirst(folder.count)),
            in: RecordingFiles(folder: folder)
        )
    }

    /// Opens the record of a header file among others.
    public init(header file: String, in files: RecordingFiles) throws(RecordingError) {
        path = files.path(of: file)
        name = file.hasSuffix(".hea") ? String(file.dropLast(4)) : file
        guard !name.isEmpty else { throw RecordingError(.malformed, path, "the record has no name") }
        let bytes = try files.whole(file, atMost: RecordingLimits.headerBytesMax)
        let header = try WFDBHeader(bytes: bytes, path: path)
        let opened = try OpenedRecord(header, path: path, files: files)
        rate = header.rate
        baseTime = header.baseTime
        comments = header.comments
        signals = SegmentedSignals(segments: opened.segments)
        frameCount = signals.frames
        channels = opened.channels
        var content = BLAKE2b()
        var remarks = header.remarks + opened.remarks
        for segment in opened.segments {
            guard let signals = segment.signals else { continue }
            remarks += signals.remarks
            remarks += try signals.verify(into: &content)
        }
        content.update(Array(opened.meaning.utf8))
        contentDigest = content.digest()
        self.remarks = RecordingRemark.shortened(remarks)
    }

    /// Seconds from the first sample to the end.
    public var seconds: Double { Double(frameCount) / rate.hertz }

    /// A stretch of one channel, by the indices of its samples; it must lie within the recording.
    public func samples(of channel: Int, in range: Range<Int>) throws(RecordingError) -> RecordedSamples {
        precondition(range.lowerBound >= 0 && range.upperBound <= channels[channel].sampleCount, "outside")
        let facts = channels[channel]
        let isReal = facts.unitsPerStep == nil
        var result = RecordedSamples.missing(0, isReal: isReal)
        try signals.read(channel, samples: range, samplesPerFrame: facts.samplesPerFrame) { count, stored in
            // A segment in which the channel is something else than in the others says nothing of it.
            guard let stored, stored.signal.calibration.unit.isVoltage == facts.unit.isVoltage else {
                result.append(.missing(count, isReal: isReal))
                return
            }
            result.append(RecordedSamples(stored: stored.values, of: stored.signal, isReal: isReal))
        }
        return result
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

    /// The epoch of the recording's stream: the first 8 bytes of a BLAKE2b, high byte first; 1 instead of 0.
    ///
    /// Over the content's digest and which channel is read as which lead, so that another gain or another naming is
    /// another stream, and `--leads i,ii` and `--leads II,I` are one.
    public func epoch(of assignments: [LeadAssignment.Assignment]) -> UInt64 {
        var hash = BLAKE2b()
        hash.update(contentDigest)
        let leads = assignments.sorted { $0.lead < $1.lead }.map { "\($0.channel)=\($0.lead.name)" }
        hash.update(Array(leads.joined(separator: ",").utf8))
        let first = hash.digest().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return first == 0 ? 1 : first
    }
}

extension RecordedSamples {
    /// Stored values as what they mean: less their baseline, upright, in millivolts or units where `isReal`.
    fileprivate init(stored: [Int32], of signal: WFDBHeader.Signal, isReal: Bool) {
        let invalid = signal.format.invalid
        let baseline = Int64(signal.calibration.baseline)
        let isNegative = signal.calibration.gain < 0
        var steps = [Int32](repeating: 0, count: stored.count)
        var missing: [Range<Int>] = []
        for (index, value) in stored.enumerated() {
            guard value != invalid else {
                if let last = missing.last, last.upperBound == index {
                    missing[missing.count - 1] = last.lowerBound..<index + 1
                } else {
                    missing.append(index..<index + 1)
                }
                continue
            }
            let step = Int64(value) - baseline
            steps[index] = Int32(clamping: isNegative ? -step : step)
        }
        self.missing = missing
        guard isReal else {
            values = .integers(steps)
            return
        }
        if let nanovolts = signal.calibration.nanovoltsPerUnit {
            values = .reals(steps.map { Float(Double($0) * nanovolts / 1e6) })
        } else {
            values = .reals(steps.map { Float(Double($0) / signal.calibration.gain.magnitude) })
        }
    }
}
