private import CMachine
private import Glibc

/// Whether a folder can be written into, tried out: a file is made in it, written, synced and taken away.
///
/// Permissions alone do not tell, since a disk may be full or mounted read-only, and root may do what others may not.
/// Folders that are missing are made for the trial and taken away again, so nothing is left behind.
public enum FolderTrial {
    /// Why a folder cannot be used.
    public enum Failure: Error, Sendable, Equatable {
        /// Something else than a folder stands at that path.
        case noFolder(String)
        /// The system refused a call, with this errno.
        case refused(String, Int32)
    }

    /// Tries a folder.
    /// - Returns: bytes that may still be written there.
    public static func freeBytes(in path: String) throws(Failure) -> Int {
        var made: [String] = []
        // Safe: the texts outlive the calls.
        defer { for folder in made.reversed() { _ = unsafe rmdir(folder) } }
        for folder in missing(of: path).reversed() {
            guard unsafe mkdir(folder, 0o700) == 0 else { throw .refused(folder, errno) }
            made.append(folder)
        }
        guard isFolder(path) else { throw .noFolder(path) }
        try write(path + "/.shinden-doctor-\(getpid())")
        var bytes: UInt64 = 0
        // Safe: the call reads the text and writes one local value.
        guard unsafe machine_free_bytes(path, &bytes) == 0 else { throw .refused(path, errno) }
        return Int(clamping: bytes)
    }

    /// The folders of the path that are not there, the innermost first.
    private static func missing(of path: String) -> [String] {
        var missing: [String] = []
        var rest = path
        while !rest.isEmpty, rest != "/", rest != ".", !isThere(rest) {
            missing.append(rest)
            guard let cut = rest.lastIndex(of: "/") else { break }
            rest = String(rest[..<cut])
        }
        return missing
    }

    private static func isThere(_ path: String) -> Bool {
        // Safe: the text outlives the call.
        unsafe access(path, F_OK) == 0
    }

    private static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        // Safe: the call reads the text and writes one local value.
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Writes one page and takes it away.
    private static func write(_ path: String) throws(Failure) {
        // Safe: the text outlives the call.
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .refused(path, errno) }
        defer {
            _ = close(file)
            // Safe: as above.
            _ = unsafe unlink(path)
        }
        let page = [UInt8](repeating: 0, count: 4_096)
        // Safe: the array outlives the call, which reads `page.count` bytes of it.
        guard unsafe Glibc.write(file, page, page.count) == page.count, fsync(file) == 0 else {
            throw .refused(path, errno)
        }
    }
}
