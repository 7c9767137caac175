private import Glibc

/// The file that an ipc endpoint is, looked at before libzmq binds it: libzmq removes whatever stands there.
enum IPCPath {
    /// What stands at a path.
    enum Occupant: Equatable {
        /// Nothing, or a socket that nobody listens at any more.
        case nobody
        /// A socket at which a program listens.
        case listener
        /// A file of another kind.
        case otherFile
    }

    /// What stands at `path`; an abstract name (`@x`) is libzmq's own to judge.
    static func occupant(of path: String) -> Occupant {
        guard !path.hasPrefix("@"), path != "*" else { return .nobody }
        var facts = stat()
        // Safe: the call writes into one local value and keeps no pointer.
        guard unsafe lstat(path, &facts) == 0 else { return .nobody }
        guard facts.st_mode & S_IFMT == S_IFSOCK else { return .otherFile }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { return .nobody }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Safe: `Endpoint` has bounded the path to 107 bytes, one fewer than the field holds, which is zero.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            for (place, byte) in path.utf8.prefix(field.count - 1).enumerated() {
                unsafe field[place] = byte
            }
        }
        // Safe: the address lives through the call, which is told its size.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // EAGAIN: somebody listens, whose queue is full.
        return result == 0 || errno == EAGAIN ? .listener : .nobody
    }
}
