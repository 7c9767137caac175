private import CZeroMQ
private import Glibc
internal import Threads

/// The thread that answers libzmq's questions about who may enter, by ZAP (RFC 27), for the sockets of one context.
///
/// It is there before the first socket of its context can be opened and ends with the context. Without it nobody enters,
/// since every socket of such a context enforces its domain.
struct Authenticator {
    private let thread: WorkerThread

    /// Binds the address that libzmq asks at and answers from then on; the context of `context` outlives it.
    init(in context: Handle, _ doorkeeper: Doorkeeper) throws(ZeroMQError) {
        // Safe: the context is alive, and the new socket belongs to this function until the thread takes it.
        guard let router = unsafe Handle(zmq_socket(context.raw, ZMQ_ROUTER)) else {
            throw .last("zmq_socket")
        }
        do throws(ZeroMQError) {
            if unsafe zmq_bind(router.raw, Authenticator.address) != 0 {
                throw .last("zmq_bind", endpoint: Authenticator.address)
            }
            do throws(ThreadError) {
                thread = try WorkerThread.start(name: "doorkeeper", stackBytes: 512 << 10) {
                    Authenticator.serve(router, doorkeeper)
                }
            } catch {
                throw ZeroMQError(code: error.code, call: "pthread_create")
            }
        } catch {
            _ = unsafe zmq_close(router.raw)
            throw error
        }
    }

    /// Where libzmq asks (RFC 27).
    private static let address = "inproc://zeromq.zap.01"
    /// Frames of a request at most; what has more is read to its end and is none.
    private static let framesMax = 16

    func join() { thread.join() }

    /// Answers until the context is closed.
    private static func serve(_ router: Handle, _ doorkeeper: Doorkeeper) {
        while let request = next(router) {
            guard let answer = doorkeeper.answer(to: request) else { continue }
            for (place, frame) in answer.enumerated() {
                let flags = ZMQ_DONTWAIT | (place == answer.count - 1 ? 0 : ZMQ_SNDMORE)
                // Safe: libzmq copies the bytes during the call. Where the asker is gone its answer is dropped.
                let code = unsafe frame.withUnsafeBytes { bytes in
                    unsafe zmq_send(router.raw, bytes.baseAddress, bytes.count, flags)
                }
                if code < 0 { break }
            }
        }
        // Safe: the socket belongs to this thread, which does not use it any more.
        _ = unsafe zmq_close(router.raw)
    }

    /// Waits for a whole request; nil once the context is closed.
    private static func next(_ router: Handle) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        while true {
            // The frames of a request have at most 255 bytes; libzmq would cut a longer one and tell its full length.
            var bytes = [UInt8](repeating: 0, count: 1_024)
            var count: Int32
            // Safe: libzmq writes at most `bytes.count` bytes; the socket is this thread's own.
            repeat {
                count = unsafe zmq_recv(router.raw, &bytes, bytes.count, 0)
            } while count < 0 && zmq_errno() == EINTR
            if count < 0 { return nil }
            if frames.count <= framesMax { frames.append(Array(bytes.prefix(Int(count)))) }
            var more: Int32 = 0
            var size = MemoryLayout<Int32>.size
            // Safe: libzmq writes the four bytes of a local.
            guard unsafe zmq_getsockopt(router.raw, ZMQ_RCVMORE, &more, &size) == 0 else { return nil }
            if more == 0 { return frames.count > framesMax ? [] : frames }
        }
    }
}
