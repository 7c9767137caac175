/// A pointer that libzmq gave out and only libzmq looks into.
///
/// The type may be `Sendable` because only two kinds of owner hold one, and both are safe:
/// - A `Context` holds the pointer of its libzmq context, which libzmq's contract calls thread-safe, and ends it once,
///   in `deinit`.
/// - A `SocketCore` holds the pointer of one socket. The class is not `Sendable`, so the compiler keeps it on one
///   thread. The one exception is the PAIR socket of a monitor: the socket's thread makes it, hands it to the monitor's
///   thread before that thread starts (`pthread_create` is the full fence that libzmq asks for) and never touches it
///   again.
@safe struct Handle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    /// Takes a pointer of libzmq; nil where libzmq answered null.
    init?(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    /// The pointer for the call at hand; its owner knows how long it stays valid.
    @unsafe var raw: UnsafeMutableRawPointer { unsafe pointer }
}
