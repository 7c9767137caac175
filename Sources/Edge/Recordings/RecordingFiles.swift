/// Where the files of a recording are: a folder of the disk, or bytes in memory as tests have them.
private import Glibc

/// The files beside a header, read in pieces; a file is opened for each piece, so that none stays open.
public struct RecordingFiles: Sendable {
    /// The folder's path, which is empty or ends in a slash.
    private let folder: String
    /// Files whose bytes are at hand.
    private var held: [String: [UInt8]]
    /// Whether there are no other files.
    private let isAllHeld: Bool

    /// The files of a folder, whose path is empty or ends in a slash.
    public init(folder: String) {
        self.folder = folder
        held = [:]
        isAllHeld = false
    }

    /// Files in memory, by their names; `folder` is for messages only.
    public init(memory: [String: [UInt8]], folder: String = "") {
        self.folder = folder
        held = memory
        isAllHeld = true
    }

    /// The path by which messages name a file.
    func path(of name: String) -> String { folder + name }

    /// Keeps the bytes of a file of the disk that is read again and again.
    mutating func hold(_ name: String) throws(RecordingError) {
        guard held[name] == nil else { return }
        held[name] = try bytes(of: name, in: 0..<byteCount(of: name))
    }

    /// The bytes in a file.
    func byteCount(of name: String) throws(RecordingError) -> Int {
        if let bytes = held[name] { return bytes.count }
        guard !isAllHeld else { throw RecordingError.noFile(path(of: name)) }
        return try OpenFile(path(of: name)).size
    }

    /// The bytes of a file in `range`, which must lie within it.
    func bytes(of name: String, in range: Range<Int>) throws(RecordingError) -> [UInt8] {
        guard let bytes = held[name] else {
            guard !isAllHeld else { throw RecordingError.noFile(path(of: name)) }
            return try OpenFile(path(of: name)).read(range)
        }
        guard range.upperBound <= bytes.count else { throw RecordingError.shortened(path(of: name)) }
        return Array(bytes[range])
    }

    /// The whole of a file of at most `limit` bytes.
    func whole(_ name: String, atMost limit: Int) throws(RecordingError) -> [UInt8] {
        let count = try byteCount(of: name)
        guard count <= limit else {
            throw RecordingError(
                .unsupported,
                path(of: name),
                "\(count) bytes, more than the \(limit) that are read; is it the right file?"
            )
        }
        return try bytes(of: name, in: 0..<count)
    }
}

extension RecordingError {
    /// There is no file at a path.
    static func noFile(_ path: String) -> RecordingError {
        let advice =
            path.hasSuffix(".hea")
            ? "give RECORD or RECORD.hea, the signal files beside it"
            : "the record's header names it, so put it beside the header"
        return RecordingError(.notFound, path, "no such file; \(advice)")
    }

    /// A file ends before bytes that it had a moment ago.
    fileprivate static func shortened(_ path: String) -> RecordingError {
        RecordingError(.mismatch, path, "it has become shorter while it was read; fetch the record anew")
    }
}

/// A regular file that is open for reading until this value ends.
private struct OpenFile: ~Copyable {
    let path: String
    let size: Int
    private let descriptor: Int32

    init(_ path: String) throws(RecordingError) {
        // Not to wait where the path is a pipe. Safe: the call reads the string, which outlives it.
        let opened = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw RecordingError(
                    .unreadable,
                    path,
                    "cannot be read (errno \(errno)); check its permissions"
                )
            }
            throw RecordingError.noFile(path)
        }
        var facts = stat()
        // Safe: a local of this call.
        guard unsafe fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw RecordingError(.unreadable, path, "not a regular file")
        }
        self.path = path
        descriptor = opened
        size = Int(facts.st_size)
    }

    deinit { close(descriptor) }

    func read(_ range: Range<Int>) throws(RecordingError) -> [UInt8] {
        guard range.upperBound <= size else {
            throw RecordingError.shortened(path)
        }
        var fault: Int32 = 0
        let descriptor = descriptor
        // Safe: the closure writes at most `range.count` bytes of the buffer, which lives as long as it.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let part = unsafe pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    range.count - count,
                    off_t(range.lowerBound + count)
                )
                if part > 0 {
                    count += part
                } else if part == 0 {
                    return
                } else if errno != EINTR {
                    fault = errno
                    return
                }
            }
        }
        guard fault == 0 else {
            throw RecordingError(
                .unreadable,
                path,
                "cannot be read (errno \(fault)); check disk and permissions"
            )
        }
        guard bytes.count == range.count else {
            throw RecordingError.shortened(path)
        }
        return bytes
    }
}
