public import ECGSignal

/// How much of the past a folder of logs holds.
public struct FrameLogLimits: Sendable, Equatable {
    /// Hours after which a segment goes.
    public var hours = 24
    /// Bytes of all segments in the folder at most; the oldest goes for a new one.
    ///
    /// A patient with 12 leads at 500 Hz, sent as INT16 in chunks of 200 ms, takes 1.04 GB of samples a day.
    public var bytesMax = 50_000_000_000

    /// The limits by default.
    public init() {}

    /// Bytes of a segment at most: an eighth of all, so that at least seven eighths of what may be kept are kept.
    var segmentBytesMax: Int { min(max(bytesMax / 8, 2_000_000), 64_000_000) }

    /// How long a segment is written to at most, nanoseconds: an eighth of the hours.
    var segmentNanoseconds: MonotonicNanoseconds { MonotonicNanoseconds(max(1, hours)) * 450_000_000_000 }
}

/// Writes the log of one run into a folder, segment after segment, and takes away what is older than the limits allow.
///
/// It belongs to one thread. After an error nothing may be written with it any more: what stands in the folder then is a
/// log that ends there, perhaps with a torn record.
public struct FrameLogWriter: ~Copyable {
    /// Bytes that are gathered before they are written, even where nobody asks for it.
    private static let bufferBytes = 1 << 20

    private let folder: String
    private let limits: FrameLogLimits
    private var header: FrameLogHeader
    private var name: SegmentName
    private var file: GrowingFile
    /// Bytes of the segment, those in `buffer` among them.
    private var segmentBytes = 0
    private var buffer: [UInt8] = []
    /// Entries of the log so far.
    private var entryCount = 0

    /// Begins the first segment of a log in a folder that is claimed; it goes on with what the folder remembers of
    /// acknowledged chunks.
    public init(
        in claim: borrowing FolderClaim,
        header: FrameLogHeader,
        limits: FrameLogLimits = FrameLogLimits()
    ) throws(FrameLogError) {
        var header = header
        if let receipts = claim.receipts { header.receipts = receipts }
        let folder = claim.folder
        let name = SegmentName(header, number: 1)
        try FrameLogWriter.makeRoom(in: folder, for: name, limits, at: header.arrival.utc)
        let path = "\(folder)/\(name.text)"
        let file = try GrowingFile(creating: path)
        let begin = RecordFormat.prefix + RecordFormat.record(ofHeader: header)
        do throws(FrameLogError) {
            try file.append(begin)
            try LogFiles.sync(folder)
        } catch {
            // An empty segment would count as a run.
            try? LogFiles.remove(path)
            throw error
        }
        self.folder = folder
        self.limits = limits
        self.header = header
        self.name = name
        self.file = file
        segmentBytes = begin.count
    }

    /// Whether a daemon writes into that folder now, so that no other may.
    public static func isInUse(_ folder: String) -> Bool { FolderLock.isHeld(folder) }

    /// What the log remembers of acknowledged chunks, with all that was taken until now; nil where nothing is acknowledged.
    public var receipts: LoggedReceipts? { header.receipts }

    /// Takes the next entry; it is in the file after `flush`.
    public mutating func append(_ entry: LoggedEntry<RawMessage>) throws(FrameLogError) {
        let record = RecordFormat.record(of: entry)
        let age = entry.arrival.monotonic - header.arrival.monotonic
        if segmentBytes + record.count > limits.segmentBytesMax || age >= limits.segmentNanoseconds {
            try beginSegment(at: entry.arrival)
        }
        switch entry.content {
        case .policy(let bytes): header.policy = String(decoding: bytes, as: UTF8.self)
        case .authorisation(let bytes): header.authorisation = String(decoding: bytes, as: UTF8.self)
        case .frame, .tick, .command, .memory, .recovery, .shutdown: break
        }
        header.receipts?.note(entry)
        buffer += record
        segmentBytes += record.count
        entryCount += 1
        if buffer.count >= FrameLogWriter.bufferBytes { try flush() }
    }

    /// Writes what was taken: from then on it outlasts the end of the program, however that comes.
    public mutating func flush() throws(FrameLogError) {
        guard !buffer.isEmpty else { return }
        try file.append(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes what was taken and makes it outlast a loss of power.
    public mutating func sync() throws(FrameLogError) {
        try flush()
        try file.sync()
    }

    private mutating func beginSegment(at arrival: Arrival) throws(FrameLogError) {
        try sync()
        header.segment += 1
        header.firstEntry = entryCount + 1
        header.arrival = arrival
        name = name.next
        try FrameLogWriter.makeRoom(in: folder, for: name, limits, at: arrival.utc)
        file = try GrowingFile(creating: "\(folder)/\(name.text)")
        try LogFiles.sync(folder)
        buffer = RecordFormat.prefix + RecordFormat.record(ofHeader: header)
        segmentBytes = buffer.count
    }

    /// Takes away the oldest segments until a whole new one has room, and those whose time is over.
    ///
    /// This run's own segments are newer than all others, whatever a clock that was set back says.
    private static func makeRoom(
        in folder: String,
        for name: SegmentName,
        _ limits: FrameLogLimits,
        at now: UTCNanoseconds
    ) throws(FrameLogError) {
        let names = try LogFiles.segments(in: folder)
        let inOrder = names.filter { $0.log != name.log } + names.filter { $0.log == name.log }
        let segments = inOrder.map { name in
            let path = "\(folder)/\(name.text)"
            return (path: path, bytes: LogFiles.byteCount(of: path))
        }
        var total = segments.reduce(0) { $0 + $1.bytes }
        let oldest = Int(now / 1_000_000_000) - limits.hours * 3_600
        for (path, bytes) in segments {
            let isOver = LogFiles.lastWritten(path).map { $0 < oldest } ?? false
            guard isOver || total + limits.segmentBytesMax > limits.bytesMax else { continue }
            try LogFiles.remove(path)
            total -= bytes
        }
    }
}
