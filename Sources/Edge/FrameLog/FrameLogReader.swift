public import ECGSignal
internal import Wire

/// Reads a log entry by entry, in pieces, so that a log of days needs no more memory than one of minutes.
public struct FrameLogReader: Sendable {
    /// What the log rests on, as its first segment that is there has it.
    public let header: FrameLogHeader
    /// Bytes of all its segments, when it was opened.
    public let byteCount: Int
    /// The number of its segments, when it was opened.
    public let segmentCount: Int
    /// Bytes at the end that are no whole record: the daemon was ended in the midst of writing, or still writes.
    public private(set) var tornByteCount = 0
    /// Entries read so far.
    public private(set) var entryCount = 0
    /// Whether the last entry read was the shutdown, after which nothing comes.
    public private(set) var hasShutdown = false

    private var paths: ArraySlice<String>
    private var pieces: PieceReader
    private var segment: FrameLogHeader
    private var newest: MonotonicNanoseconds = .min
    /// Where the record of the newest entry begins in its file.
    private var bodyStart = 0
    private var isOver = false

    /// Whether the path is a log: a file that begins as a segment does, or a folder with segments.
    public static func isLog(_ path: String) -> Bool {
        switch LogFiles.isFolder(path) {
        case nil: return false
        case true?: return !((try? LogFiles.segments(in: path)) ?? []).isEmpty
        case false?:
            var pieces = PieceReader(path)
            return (try? pieces.take(RecordFormat.magic.count)) == RecordFormat.magic
        }
    }

    /// Opens a log: the folder that holds it and no other, or the file of a segment, from which on it is read.
    public init(_ path: String) throws(FrameLogError) {
        let paths = try FrameLogReader.segmentPaths(path)
        var pieces = PieceReader(paths[0])
        header = try FrameLogReader.wholeHeader(&pieces)
        segment = header
        self.pieces = pieces
        self.paths = paths[1...]
        segmentCount = paths.count
        byteCount = paths.reduce(0) { $0 + LogFiles.byteCount(of: $1) }
    }

    /// The header of the segment in a file; the folder is not looked at.
    static func header(of segment: String) throws(FrameLogError) -> FrameLogHeader {
        var pieces = PieceReader(segment)
        return try wholeHeader(&pieces)
    }

    private static func wholeHeader(_ pieces: inout PieceReader) throws(FrameLogError) -> FrameLogHeader {
        guard let header = try readHeader(&pieces) else {
            throw FrameLogError(.damaged, pieces.path, "its header is torn off; nothing can be read")
        }
        return header
    }

    /// The logs that a path names, each by a path that `init` takes: a folder may hold those of several runs, oldest first.
    public static func logs(_ path: String) throws(FrameLogError) -> [String] {
        guard LogFiles.isFolder(path) == true else { return [path] }
        let names = try LogFiles.segments(in: path)
        return names.indices.filter { $0 == 0 || names[$0 - 1].log != names[$0].log }
            .map { "\(path)/\(names[$0].text)" }
    }

    /// When the newest entry of a log came, by the wall clock: its last segment is read, and no other.
    ///
    /// It is as far as the log can be read; nil where the last segment holds no entry.
    public static func end(of path: String) throws(FrameLogError) -> UTCNanoseconds? {
        for segment in try segmentPaths(path).reversed() {
            guard var reader = try? FrameLogReader(segment) else { continue }
            var end: UTCNanoseconds?
            while let entry = try? reader.next() { end = entry.arrival.utc }
            if end != nil { return end }
        }
        return nil
    }

    /// The files of the log that a path names, at least one.
    private static func segmentPaths(_ path: String) throws(FrameLogError) -> [String] {
        guard let isFolder = LogFiles.isFolder(path) else {
            throw FrameLogError(.notFound, path, "no such file or folder")
        }
        if isFolder {
            let names = try LogFiles.segments(in: path)
            guard let first = names.first else {
                throw FrameLogError(.notFound, path, "a folder without segments of a frame log")
            }
            guard names.allSatisfy({ $0.log == first.log }) else {
                let firsts = names.indices.filter { $0 == 0 || names[$0 - 1].log != names[$0].log }
                let listed = firsts.prefix(10).map { names[$0].text }.joined(separator: ", ")
                throw FrameLogError(
                    .choice,
                    path,
                    "it holds the logs of \(firsts.count) runs; name the first file of one: \(listed)"
                )
            }
            return names.map { "\(path)/\($0.text)" }
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        guard let name = parts.last.flatMap({ SegmentName(String($0)) }) else { return [path] }
        let place = parts.count == 1 ? "." : folder.isEmpty ? "/" : folder
        return try LogFiles.segments(in: place).filter { $0.log == name.log && $0.number >= name.number }
            .map { "\(place)/\($0.text)" }
    }

    /// The header of the segment that `pieces` begins; nil where the file ends before it does.
    private static func readHeader(_ pieces: inout PieceReader) throws(FrameLogError) -> FrameLogHeader? {
        let prefix = try pieces.take(RecordFormat.prefixBytes)
        guard prefix.prefix(RecordFormat.magic.count) == RecordFormat.magic[..<min(prefix.count, 16)] else {
            throw FrameLogError(.damaged, pieces.path, "it does not begin as a frame log does")
        }
        guard prefix.count == RecordFormat.prefixBytes else { return nil }
        guard prefix == RecordFormat.prefix else {
            let version = prefix[16...].reversed().reduce(0) { $0 << 8 | Int($1) }
            throw FrameLogError(
                .damaged,
                pieces.path,
                "version \(version) of the format; this program reads version \(RecordFormat.version)"
            )
        }
        switch try readRecord(&pieces) {
        case .torn: return nil
        case .body(let body) where body.kind == .header:
            if let header = FrameLogHeader(json: Array(body.rest)) { return header }
        case .end, .body: break
        }
        throw FrameLogError(.damaged, pieces.path, "its first record is no header that can be read")
    }

    private enum Read {
        case body(RecordFormat.Body)
        case torn(Int)
        case end
    }

    private static func readRecord(_ pieces: inout PieceReader) throws(FrameLogError) -> Read {
        let start = pieces.offset
        let head = try pieces.take(RecordFormat.headBytes)
        if head.isEmpty { return .end }
        guard head.count == RecordFormat.headBytes else { return .torn(head.count) }
        guard let (length, check) = RecordFormat.bodyLength(ofHead: head) else {
            throw damage(pieces.path, start, "its length does not match its check")
        }
        let body = try pieces.take(length)
        guard body.count == length else { return .torn(head.count + body.count) }
        guard Checksum.crc32c.value(ofFirst: length, in: body) == check else {
            throw damage(pieces.path, start, "its bytes do not match their check")
        }
        do throws(RecordFormat.Fault) { return .body(try RecordFormat.body(body)) } catch {
            throw damage(pieces.path, start, error.reason)
        }
    }

    private static func damage(_ path: String, _ offset: Int, _ reason: String) -> FrameLogError {
        FrameLogError(
            .damaged,
            path,
            "the record at byte \(offset): \(reason); nothing from there on is used"
        )
    }

    /// The next entry; nil at the end of the log.
    ///
    /// - Throws: Where bytes are damaged or cannot be read; then there are no further entries.
    public mutating func next() throws(FrameLogError) -> LoggedEntry<RawMessage>? {
        try nextBody().map { body throws(FrameLogError) in try entry(of: body) }
    }

    /// The entry of the body that was read last.
    mutating func entry(of body: RecordFormat.Body) throws(FrameLogError) -> LoggedEntry<RawMessage> {
        do throws(RecordFormat.Fault) { return try RecordFormat.entry(of: body) } catch {
            isOver = true
            entryCount -= 1
            throw FrameLogReader.damage(pieces.path, bodyStart, error.reason)
        }
    }

    /// The next entry, of which nothing but the stamp has been looked at; nil at the end of the log.
    mutating func nextBody() throws(FrameLogError) -> RecordFormat.Body? {
        guard !isOver else { return nil }
        do throws(FrameLogError) {
            if let body = try nextOfLog() { return body }
            isOver = true
            return nil
        } catch {
            isOver = true
            throw error
        }
    }

    private mutating func nextOfLog() throws(FrameLogError) -> RecordFormat.Body? {
        while true {
            let start = pieces.offset
            switch try FrameLogReader.readRecord(&pieces) {
            case .body(let body) where body.kind == .header:
                throw FrameLogReader.damage(pieces.path, start, "a second header")
            case .body(let body):
                guard body.arrival.monotonic >= newest else {
                    throw FrameLogReader.damage(
                        pieces.path,
                        start,
                        "its clock is behind the record before it"
                    )
                }
                newest = body.arrival.monotonic
                bodyStart = start
                entryCount += 1
                hasShutdown = body.kind == .shutdown
                return body
            case .torn(let count):
                guard paths.isEmpty else {
                    throw FrameLogReader.damage(pieces.path, start, "it is torn off, and a segment follows")
                }
                tornByteCount = count
                return nil
            case .end: guard try beginNextSegment() else { return nil }
            }
        }
    }

    /// Goes on with the next segment; false where there is none, or none with a whole header.
    private mutating func beginNextSegment() throws(FrameLogError) -> Bool {
        guard let path = paths.popFirst() else { return false }
        pieces = PieceReader(path)
        guard let next = try FrameLogReader.readHeader(&pieces) else {
            guard paths.isEmpty else { throw FrameLogError(.damaged, path, "its header is torn off") }
            tornByteCount = pieces.offset
            return false
        }
        guard next.segment == segment.segment + 1, next.firstEntry == header.firstEntry + entryCount,
            next.run == header.run, next.revisions == header.revisions
        else {
            throw FrameLogError(
                .damaged,
                path,
                "segment \(next.segment) begins with entry \(next.firstEntry) of run \(next.run), which does not follow "
                    + "entry \(header.firstEntry + entryCount - 1) of run \(header.run); a segment is missing"
            )
        }
        segment = next
        return true
    }
}
