private import CZeroMQ
private import Glibc

/// A bell that any thread rings to end another thread's `Poller.wait`.
///
/// An eventfd that lives as long as the last reference, so nobody rings a descriptor that was closed and given
/// out again.
public final class WakeUp: Sendable {
    let fileDescriptor: Int32

    /// A bell that has not rung.
    public init() throws(ZeroMQError) {
        fileDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if fileDescriptor < 0 { throw ZeroMQError(code: errno, call: "eventfd") }
    }

    deinit { _ = Glibc.close(fileDescriptor) }

    /// Makes the poller's entry readable until `reset`; ringing again changes nothing.
    public func signal() {
        var one: UInt64 = 1
        // Safe: eight bytes of a local. A full counter (EAGAIN) is readable already.
        while unsafe write(fileDescriptor, &one, 8) < 0 && errno == EINTR {}
    }

    /// Hears the bell: not readable again until the next `signal`.
    /// - Returns: whether it had rung.
    @discardableResult
    public func reset() -> Bool {
        var count: UInt64 = 0
        var code: Int
        // Safe: eight bytes of a local.
        repeat { code = unsafe read(fileDescriptor, &count, 8) } while code < 0 && errno == EINTR
        return code == 8
    }
}
