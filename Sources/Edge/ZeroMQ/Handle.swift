/// A pointer that libzmq gave out and only libzmq looks into.
///
/// Why it may be `Sendable`, proof by owner; the type is internal and has exactly two owners' kinds:
/// - `Context`: libzmq's contract calls a context thread-safe; its pointer is ended once, in `deinit`.
/// - A socket belongs to one `SocketCore`, a class without `Sendable`, so the compiler keeps it on one thread.
///   The one exception is the monitor's PAIR: made by the socket's thread, handed to the monitor's thread before
///   that thread starts (`pthread_create` is the full fence that libzmq asks for) and never touched again by the
///   giver.
@safe struct Handle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    /// Nothing where libzmq answered null.
    init?(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    /// For the call at hand; the owner says how long it is valid.
    @unsafe var raw: UnsafeMutableRawPointer { unsafe pointer }
}
