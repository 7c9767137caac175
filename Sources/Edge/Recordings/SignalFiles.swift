/// The signal files of one record without segments: where each signal's samples are, checked against the files' sizes.
///
/// A file holds *frames*: of each of its signals in header order so many samples as the header says (one, unless the
/// signals have different rates). Any stretch of frames can be read by itself.
struct SignalFiles: Sendable {
    /// The signals that share a file.
    struct Group: Sendable {
        let file: String
        let format: SignalFormat
        let byteOffset: Int
        /// Samples of a frame, over all its signals.
        let frameSamples: Int
        /// The places of its signals in the header, and of each one's first sample in a frame.
        let members: [(signal: Int, offset: Int)]
        /// Whole frames that the file holds; at least those that the header counts.
        let framesPresent: Int
    }

    let path: String
    private(set) var files: RecordingFiles
    let signals: [WFDBHeader.Signal]
    let groups: [Group]
    /// Frames that count, at least 1; a signal with a skew has its last ones missing where the file ends.
    let frames: Int
    private(set) var remarks: [RecordingRemark] = []
    /// For each signal of format 8, the values before every `checkpointFrames` frames.
    private var checkpoints: [Int: [Int32]] = [:]

    /// Frames between two kept values of a signal in format 8.
    private static let checkpointFrames = 8_192

    /// Finds the files of a header with signal lines and checks their sizes.
    ///
    /// Files of format 8 are read, since none of their values is known without all before it; files that have at most
    /// `heldBytes` together are kept.
    init(
        _ header: WFDBHeader,
        path: String,
        files: RecordingFiles,
        heldBytes: Int
    ) throws(RecordingError) {
        var bytes = 0
        self.path = path
        self.files = files
        signals = header.signals
        var groups: [Group] = []
        var frames = header.frames
        for members in try SignalFiles.byFile(header.signals, path: path) {
            let first = header.signals[members[0]]
            let size = try files.byteCount(of: first.file)
            bytes += size
            let layout = SignalFiles.layout(of: members, header.signals)
            let payload = max(0, size - first.byteOffset)
            let present = first.format.sampleCount(in: payload) / layout.frameSamples
            let counted = frames ?? present
            guard counted > 0 else {
                throw RecordingError(.mismatch, path, line: first.line, "\(first.file) has no samples")
            }
            guard counted <= present else {
                let wanted = first.byteOffset + first.format.byteCount(for: counted * layout.frameSamples)
                throw RecordingError(
                    .mismatch,
                    path,
                    line: first.line,
                    "\(first.file) has \(size) bytes where the header claims \(wanted) bytes for \(counted) samples of "
                        + "\(members.count) signals in format \(first.format.rawValue); fetch the record anew"
                )
            }
            let bytesLeft = payload - first.format.wholeGroupBytes(for: counted * layout.frameSamples)
            if bytesLeft > 0 {
                remarks.append(
                    counted < present || frames != nil
                        ? .fileLonger(file: first.file, samples: counted, bytesLeft: bytesLeft)
                        : .fileEndsWithinFrame(file: first.file, bytesLeft: bytesLeft)
                )
            }
            frames = counted
            groups.append(
                Group(
                    file: first.file,
                    format: first.format,
                    byteOffset: first.byteOffset,
                    frameSamples: layout.frameSamples,
                    members: layout.members,
                    framesPresent: present
                )
            )
        }
        self.groups = groups
        self.frames = frames ?? 0
        if bytes <= heldBytes { for group in groups { try self.files.hold(group.file) } }
        for group in groups where group.format == .differences8 { try keepCheckpoints(of: group) }
    }

    /// The places of the signals by file, in header order; each file once, with one format and one byte offset.
    private static func byFile(
        _ signals: [WFDBHeader.Signal],
        path: String
    ) throws(RecordingError) -> [[Int]] {
        var groups: [[Int]] = []
        for (place, signal) in signals.enumerated() {
            if let last = groups.last?.last, signals[last].file == signal.file {
                guard signals[last].format == signal.format, signals[last].byteOffset == signal.byteOffset
                else {
                    throw RecordingError(
                        .unsupported,
                        path,
                        line: signal.line,
                        "the signals of \(signal.file) differ in format or byte offset; write one format a file"
                    )
                }
                groups[groups.count - 1].append(place)
            } else if groups.contains(where: { signals[$0[0]].file == signal.file }) {
                throw RecordingError(
                    .unsupported,
                    path,
                    line: signal.line,
                    "the signals of \(signal.file) do not stand together"
                )
            } else if signal.file == "~" {
                throw RecordingError(
                    .unsupported,
                    path,
                    line: signal.line,
                    "the signals have no file: this is the layout of a record with segments; give that record"
                )
            } else {
                groups.append([place])
            }
        }
        return groups
    }

    private static func layout(
        of members: [Int],
        _ signals: [WFDBHeader.Signal]
    ) -> (members: [(signal: Int, offset: Int)], frameSamples: Int) {
        var offset = 0
        let placed = members.map { signal in
            defer { offset += signals[signal].samplesPerFrame }
            return (signal: signal, offset: offset)
        }
        return (placed, offset)
    }

    // MARK: reading

    /// The stored values of one signal in `frames` of the file, whatever its skew; the file holds them all.
    ///
    /// `[time]`, as many values as the signal has samples in those frames.
    func storedValues(
        of signal: Int,
        inGroup number: Int,
        frames: Range<Int>
    ) throws(RecordingError) -> [Int32] {
        let group = groups[number]
        guard group.format == .differences8 else {
            return decode(signal, of: group, try bytes(of: group, frames: frames), frames: frames)
        }
        let begin = frames.lowerBound / SignalFiles.checkpointFrames
        let whole = begin * SignalFiles.checkpointFrames..<frames.upperBound
        var sum = checkpoints[signal]?[begin] ?? 0
        let values = decode(signal, of: group, try bytes(of: group, frames: whole), frames: whole).map {
            difference in
            sum &+= difference
            return sum
        }
        return Array(
            values.dropFirst((frames.lowerBound - whole.lowerBound) * signals[signal].samplesPerFrame)
        )
    }

    /// The bytes of the groups that hold `frames`, the last one filled up with zeros.
    func bytes(of group: Group, frames: Range<Int>) throws(RecordingError) -> [UInt8] {
        let samples = frames.lowerBound * group.frameSamples..<frames.upperBound * group.frameSamples
        let first = samples.lowerBound / group.format.samplesPerGroup * group.format.bytesPerGroup
        let end = group.format.byteCount(for: samples.upperBound)
        let at = group.byteOffset + first..<group.byteOffset + end
        var bytes = try files.bytes(of: group.file, in: at)
        let whole = group.format.wholeGroupBytes(for: samples.upperBound) - first
        if bytes.count < whole { bytes += [UInt8](repeating: 0, count: whole - bytes.count) }
        return bytes
    }

    /// The values of one signal in `frames` out of the bytes of their groups; differences in format 8.
    func decode(_ signal: Int, of group: Group, _ bytes: [UInt8], frames: Range<Int>) -> [Int32] {
        let offset = group.members.first { $0.signal == signal }?.offset ?? 0
        let first = frames.lowerBound * group.frameSamples
        let start = first - first / group.format.samplesPerGroup * group.format.samplesPerGroup + offset
        let perFrame = signals[signal].samplesPerFrame
        var values: [Int32] = []
        values.reserveCapacity(frames.count * perFrame)
        guard perFrame > 1 else {
            group.format.decode(
                bytes,
                from: start,
                step: group.frameSamples,
                count: frames.count,
                into: &values
            )
            return values
        }
        for frame in 0..<frames.count {
            group.format.decode(
                bytes,
                from: start + frame * group.frameSamples,
                step: 1,
                count: perFrame,
                into: &values
            )
        }
        return values
    }

    /// `frames` cut into pieces of about a megabyte, each with its number of bytes within bounds.
    func pieces(of group: Group, frames: Range<Int>) -> [Range<Int>] {
        let frameBytes = max(1, group.format.byteCount(for: group.frameSamples))
        // A multiple of 6 frames holds whole groups of 1, 2 and 3 samples.
        let size = max(6, RecordingLimits.pieceBytes / frameBytes / 6 * 6)
        return stride(from: frames.lowerBound, to: frames.upperBound, by: size).map {
            $0..<min($0 + size, frames.upperBound)
        }
    }

    private mutating func keepCheckpoints(of group: Group) throws(RecordingError) {
        var sums = group.members.map { signals[$0.signal].firstValue ?? 0 }
        for member in group.members { checkpoints[member.signal] = [] }
        for start in stride(from: 0, to: group.framesPresent, by: SignalFiles.checkpointFrames) {
            let range = start..<min(start + SignalFiles.checkpointFrames, group.framesPresent)
            let bytes = try bytes(of: group, frames: range)
            for (number, member) in group.members.enumerated() {
                checkpoints[member.signal]?.append(sums[number])
                sums[number] = decode(member.signal, of: group, bytes, frames: range).reduce(sums[number], &+)
            }
        }
    }
}
