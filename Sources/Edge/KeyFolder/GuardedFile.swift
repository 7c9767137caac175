private import Glibc

/// Files that must not be everybody's: read only where nobody else may read or change them, written so that nobody else
/// ever could.
enum GuardedFile {
    /// What others may do with a file at most.
    enum Openness {
        /// Nothing: it holds a secret.
        case secret
        /// Read it: it says who may do what. It is written so that others may not, since ids of patients stand in it.
        case rights
        /// Read it: it is for everybody.
        case readable

        /// The bits that must not be set.
        fileprivate var forbidden: mode_t { self == .secret ? 0o077 : 0o022 }
        /// The mode that it is written with.
        fileprivate var mode: mode_t { self == .readable ? 0o644 : 0o600 }
        /// What whoever may do too much can have done with it, and what is to be done about that.
        fileprivate var harm: (may: String, remedy: String) {
            switch self {
            case .secret: ("read or change", ", and draw a new key where somebody may have read it")
            case .rights, .readable: ("change", ", and look at what stands in it")
            }
        }
    }

    /// The bytes of a file; the descriptor that is judged is the one that is read.
    static func read(_ path: String, _ openness: Openness, bytesMax: Int) throws(KeyFolderError) -> [UInt8] {
        // Without O_NONBLOCK a pipe would hold up whoever opens it until somebody writes.
        // Safe: the string lives through the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw KeyFolderError(
                code == ENOENT ? .notFound : .inputOutput,
                "\(path): \(code == ENOENT ? "no such file" : "cannot be opened (errno \(code))")"
            )
        }
        defer { _ = close(descriptor) }
        var facts = stat()
        // Safe: the call writes into a local.
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw KeyFolderError(.refused, "\(path): is no file")
        }
        guard facts.st_mode & openness.forbidden == 0 else {
            let mode = String(facts.st_mode & 0o777, radix: 8)
            throw KeyFolderError(
                .refused,
                "\(path): its mode is \(mode), so others may \(openness.harm.may) it; "
                    + "chmod \(String(openness.mode, radix: 8)) \(path)\(openness.harm.remedy)"
            )
        }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw KeyFolderError(
                .refused,
                "\(path): belongs to user \(facts.st_uid), who may change it; chown it to the user that runs this"
            )
        }
        guard facts.st_size <= bytesMax else {
            throw KeyFolderError(.refused, "\(path): \(facts.st_size) bytes; it has at most \(bytesMax)")
        }
        return try read(descriptor, path, bytesMax: bytesMax)
    }

    private static func read(
        _ descriptor: Int32,
        _ path: String,
        bytesMax: Int
    ) throws(KeyFolderError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            // Safe: at most `piece.count` bytes are written into the array.
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw KeyFolderError(.inputOutput, "\(path): cannot be read (errno \(errno))")
            }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
            guard bytes.count <= bytesMax else {
                throw KeyFolderError(.refused, "\(path): it has at most \(bytesMax) bytes")
            }
        }
    }

    /// Writes a file that is not there yet; it has its mode from its first moment on.
    static func create(_ path: String, _ openness: Openness, _ text: String) throws(KeyFolderError) {
        // Safe: the string lives through the call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, openness.mode)
        guard descriptor >= 0 else {
            let code = errno
            guard code == EEXIST else {
                throw KeyFolderError(.inputOutput, "\(path): cannot be made (errno \(code))")
            }
            throw KeyFolderError(.exists, "\(path): is there already, and is not written over")
        }
        var bytes = Array(text.utf8)[...]
        var code: Int32 = 0
        while !bytes.isEmpty, code == 0 {
            // Safe: the bytes are read during the call alone.
            let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno != EINTR { code = errno }
            } else {
                bytes = bytes.dropFirst(count)
            }
        }
        // The process's umask may have taken bits that readers need.
        if code == 0, fchmod(descriptor, openness.mode) != 0 || fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        guard code == 0 else {
            _ = unsafe unlink(path)
            throw KeyFolderError(.inputOutput, "\(path): cannot be written (errno \(code))")
        }
    }

    /// Writes a file anew as a whole: whoever reads it meanwhile has the former one.
    static func replace(_ path: String, _ openness: Openness, _ text: String) throws(KeyFolderError) {
        let fresh = path + ".new"
        do throws(KeyFolderError) { try create(fresh, openness, text) } catch {
            guard error.kind == .exists else { throw error }
            throw KeyFolderError(
                .exists,
                "\(fresh): is there already; another command writes \(path) now, or was ended in the midst: remove it then"
            )
        }
        // Safe: the strings live through the call.
        guard unsafe rename(fresh, path) == 0 else {
            let code = errno
            _ = unsafe unlink(fresh)
            throw KeyFolderError(.inputOutput, "\(path): cannot be replaced (errno \(code))")
        }
    }

    /// Makes a folder that is its owner's alone, where there is none; one that others may write into is refused.
    /// - Returns: Whether it was made.
    @discardableResult static func prepareFolder(_ path: String) throws(KeyFolderError) -> Bool {
        // Safe: the string lives through the call.
        if unsafe mkdir(path, 0o700) == 0 { return true }
        let code = errno
        guard code == EEXIST else {
            throw KeyFolderError(.inputOutput, "\(path): cannot be made (errno \(code))")
        }
        try checkFolder(path)
        return false
    }

    /// Refuses a folder in which others may put files of theirs in the place of ours.
    static func checkFolder(_ path: String) throws(KeyFolderError) {
        var facts = stat()
        // Safe: the call writes into a local, and the string lives through it.
        guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw KeyFolderError(.notFound, "\(path): no such folder; shinden keys generate makes one")
        }
        guard facts.st_mode & 0o022 == 0 else {
            throw KeyFolderError(
                .refused,
                "\(path): its mode is \(String(facts.st_mode & 0o777, radix: 8)), so others may put keys of theirs there; "
                    + "chmod 700 \(path)"
            )
        }
    }
}
