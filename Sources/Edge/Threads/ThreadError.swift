private import Glibc

/// The system did not start a thread.
public struct ThreadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The errno of the call, EAGAIN where the system has no room for a thread.
    public let code: Int32

    /// What failed, with the system's own words for the number.
    public var description: String {
        // Safe: the C library answers a text of its own that stays valid until this thread asks again; it is copied here.
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "pthread_create: \(reason); the system limits threads (ulimit -u) or memory"
    }
}
