private import CZeroMQ
private import Glibc

/// A signal by which any thread ends another thread's `Poller.wait`.
///
/// It is an eventfd that lives as long as the last reference to it, so that nobody writes to a descriptor that was
/// closed and given out again.
public final class WakeUp: Sendable {
    let fileDescriptor: Int32

    /// Makes a wake-up that has not been signalled.
    public init() throws(ZeroMQError) {
        fileDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if fileDescriptor < 0 { throw ZeroMQError(code: errno, call: "eventfd") }
    }

    deinit { _ = Glibc.close(fileDescriptor) }

    /// Makes the poller's entry readable until `reset`; a further signal changes nothing.
    public func signal() {
        var one: UInt64 = 1
        // Safe: the call reads the eight bytes of a local. A full counter (EAGAIN) is readable already.
        while unsafe write(fileDescriptor, &one, 8) < 0 && errno == EINTR {}
    }

    /// Takes the signal back, so that the entry is not readable again until the next one.
    /// - Returns: Whether it had been signalled.
    @discardableResult
    public func reset() -> Bool {
        var count: UInt64 = 0
        var code: Int
        // Safe: the call writes the eight bytes of a local.
        repeat { code = unsafe read(fileDescriptor, &count, 8) } while code < 0 && errno == EINTR
        return code == 8
    }
}
