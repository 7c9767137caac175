private import Foundation
private import Glibc

/// The files of a folder of logs, by the calls of the system.
enum LogFiles {
    /// The segments in a folder, oldest first.
    static func segments(in folder: String) throws(FrameLogError) -> [SegmentName] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { SegmentName($0) }
                .sorted { ($0.log, $0.number) < ($1.log, $1.number) }
        } catch {
            throw FrameLogError(.inputOutput, folder, "the folder cannot be read; check its permissions")
        }
    }

    /// Bytes of a file; 0 where it is gone.
    static func byteCount(of path: String) -> Int {
        var facts = stat()
        // Safe: the call reads the string and writes a local, both of which outlive it.
        return unsafe stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// When a file was written last, seconds since 1970 by the wall clock; nil where it is gone.
    static func lastWritten(_ path: String) -> Int? {
        var facts = stat()
        // Safe: as above.
        return unsafe stat(path, &facts) == 0 ? facts.st_mtim.tv_sec : nil
    }

    /// Whether the path is a folder; nil where nothing is there.
    static func isFolder(_ path: String) -> Bool? {
        var facts = stat()
        // Safe: as above.
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a folder that only its owner may enter, unless it is there.
    static func makeFolder(_ path: String) throws(FrameLogError) {
        if isFolder(path) == true { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            let isDisk = [.fileWriteOutOfSpace, .fileWriteVolumeReadOnly].contains(
                (error as? CocoaError)?.code
            )
            throw FrameLogError(
                isDisk ? .disk : .inputOutput,
                path,
                "the folder cannot be made; name one whose parent may be written to"
            )
        }
    }

    /// Makes the names in a folder outlast a loss of power.
    static func sync(_ folder: String) throws(FrameLogError) { try sync(folder, O_DIRECTORY) }

    /// Makes what a file holds outlast a loss of power.
    static func sync(file: String) throws(FrameLogError) { try sync(file, 0) }

    private static func sync(_ path: String, _ kind: Int32) throws(FrameLogError) {
        // Safe: the call reads the string, which outlives it.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | kind)
        guard descriptor >= 0 else {
            throw FrameLogError(
                .inputOutput,
                path,
                "cannot be opened (errno \(errno)); check its permissions"
            )
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw FrameLogError(refusal: errno, path, "cannot be synced", "look at the disk")
        }
    }

    /// Takes a file away; one that is gone already is as good.
    static func remove(_ path: String) throws(FrameLogError) {
        // Safe: the call reads the string, which outlives it.
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw FrameLogError(refusal: errno, path, "cannot be removed", "check the folder's permissions")
        }
    }
}

/// The mark of the one daemon that writes into a folder; held until this value ends.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    /// The mark of a folder that was free; nil where it is not there, or where the disk has no room for the mark.
    static func taken(in folder: String, isThere: Bool) throws(FrameLogError) -> FolderLock? {
        guard isThere else { return nil }
        do throws(FrameLogError) { return try FolderLock(folder) } catch {
            guard error.kind == .disk else { throw error }
            return nil
        }
    }

    private init(_ folder: String) throws(FrameLogError) {
        let path = folder + "/lock"
        // Safe: the call reads the string, which outlives it.
        var opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // On a disk that is read-only the file of an earlier run can be locked all the same. Safe: as above.
        if opened < 0, errno == EROFS { opened = unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else {
            throw FrameLogError(refusal: errno, path, "cannot be made", "check the permissions")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw FrameLogError(
                .choice,
                folder,
                "another daemon records there; give each a folder of its own"
            )
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Whether a daemon holds the folder now; nothing is made there.
    static func isHeld(_ folder: String) -> Bool {
        // Safe: the call reads the string, which outlives it.
        let opened = unsafe open(folder + "/lock", O_RDWR | O_CLOEXEC)
        guard opened >= 0 else { return false }
        defer { close(opened) }
        return flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}

/// A new file that grows at its end; nobody but its owner may read it.
struct GrowingFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Makes the file, which must not be there.
    init(creating path: String) throws(FrameLogError) {
        // Safe: the call reads the string, which outlives it.
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw FrameLogError(refusal: errno, path, "cannot be made", "give it room")
        }
        self.path = path
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Appends the bytes; where it fails, some of them may stand in the file.
    func append(_ bytes: [UInt8]) throws(FrameLogError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Safe: the slice outlives the call, which reads `count` bytes of it.
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                throw FrameLogError(refusal: errno, path, "cannot be written", "give the disk room")
            }
        }
    }

    /// Makes what was written outlast a loss of power.
    func sync() throws(FrameLogError) {
        guard fdatasync(descriptor) == 0 else {
            throw FrameLogError(refusal: errno, path, "cannot be synced", "look at the disk")
        }
    }
}

/// A file that is read from its begin to its end, opened anew for each piece, so that none stays open.
struct PieceReader: Sendable {
    /// Bytes that are read at once.
    private static let pieceBytes = 1 << 20
    let path: String
    /// Bytes handed out so far.
    private(set) var offset = 0
    private var held: ArraySlice<UInt8> = []

    init(_ path: String) { self.path = path }

    /// The next `count` bytes, or fewer where the file ends.
    mutating func take(_ count: Int) throws(FrameLogError) -> [UInt8] {
        while held.count < count {
            let more = try read(from: offset + held.count, max(PieceReader.pieceBytes, count - held.count))
            if more.isEmpty { break }
            held = held.isEmpty ? more[...] : held + more
        }
        let taken = Array(held.prefix(count))
        held = held.dropFirst(taken.count)
        offset += taken.count
        return taken
    }

    private func read(from start: Int, _ count: Int) throws(FrameLogError) -> [UInt8] {
        // Not to wait where the path is a pipe. Safe: the call reads the string, which outlives it.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { throw FrameLogError(.notFound, path, "no such file") }
            throw FrameLogError(.inputOutput, path, "cannot be read (errno \(errno)); check its permissions")
        }
        defer { close(descriptor) }
        var fault: Int32 = 0
        // Safe: the closure writes at most `count` bytes of the buffer, which lives as long as it.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = unsafe pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(start + filled)
                )
                if part > 0 {
                    filled += part
                } else if part == 0 {
                    return
                } else if errno != EINTR {
                    fault = errno
                    return
                }
            }
        }
        guard fault == 0 else {
            throw FrameLogError(.inputOutput, path, "cannot be read (errno \(fault)); look at the disk")
        }
        return bytes
    }
}
