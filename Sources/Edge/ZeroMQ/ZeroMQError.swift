private import CZeroMQ
private import Glibc

/// A call into libzmq, or a part of this room, that did not succeed.
public struct ZeroMQError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller decides by.
    public enum Reason: Equatable, Sendable {
        /// Another socket, of this program or another, holds the endpoint (EADDRINUSE).
        case addressInUse
        /// The address is not one of this machine (EADDRNOTAVAIL, ENODEV).
        case addressNotAvailable
        /// Nothing is there, or there is no room; it may succeed later (EAGAIN).
        case again
        /// A ROUTER knows no peer of that identity (EHOSTUNREACH).
        case hostUnreachable
        /// A signal arrived while the call waited (EINTR).
        case interrupted
        /// The context was closed (ETERM); the socket can only be dropped.
        case terminated
        /// No descriptor or no socket is left (EMFILE, ENFILE).
        case outOfDescriptors
        /// The system forbids it (EACCES, EPERM).
        case notPermitted
        /// The endpoint, option or message is not one libzmq can take (EINVAL and relatives).
        case invalid
        /// Another error; `code` tells which.
        case other
    }

    /// The errno of the call.
    public let code: Int32
    /// The call that failed, for example `zmq_bind`.
    public let call: String
    /// The endpoint that the call was about, where there is one.
    public let endpoint: String?
    /// What went wrong, in the library's words or ours.
    public let message: String

    /// An error that this room itself reports.
    init(code: Int32, call: String, endpoint: String? = nil, message: String) {
        self.code = code
        self.call = call
        self.endpoint = endpoint
        self.message = message
    }

    /// The error of libzmq's last call on this thread.
    static func last(_ call: String, endpoint: String? = nil) -> Self {
        Self(code: zmq_errno(), call: call, endpoint: endpoint)
    }

    /// The error of an errno, in the library's words.
    init(code: Int32, call: String, endpoint: String? = nil) {
        // Safe: libzmq answers with a constant or with the C library's thread-local text, which is copied here at once.
        let text = unsafe zmq_strerror(code).map { unsafe String(cString: $0) }
        self.init(code: code, call: call, endpoint: endpoint, message: text ?? "error \(code)")
    }

    /// The kind of failure, for a caller that decides by it.
    public var reason: Reason {
        switch code {
        case EADDRINUSE: .addressInUse
        case EADDRNOTAVAIL, ENODEV: .addressNotAvailable
        case EAGAIN: .again
        case EHOSTUNREACH: .hostUnreachable
        case EINTR: .interrupted
        case ETERM: .terminated
        case EMFILE, ENFILE: .outOfDescriptors
        case EACCES, EPERM: .notPermitted
        case EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO, ENAMETOOLONG, ENOTSUP: .invalid
        default: .other
        }
    }

    /// One sentence: the call, the endpoint, what happened, what to do.
    public var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        let advice = advice.map { "; \($0)" } ?? ""
        return "\(call)\(place): \(message) (errno \(code))\(advice)"
    }

    private var advice: String? {
        switch reason {
        case .addressInUse: "stop the program that holds it or choose another endpoint"
        case .addressNotAvailable: "choose an address of this machine"
        case .again: "try again later"
        case .hostUnreachable: "the peer is gone; drop the message"
        case .interrupted: "a signal arrived; decide whether to go on"
        case .terminated: "the context was closed; drop the socket"
        case .outOfDescriptors: "raise the limit of open files (ulimit -n)"
        case .notPermitted: "check the rights on the path or port"
        case .invalid, .other: nil
        }
    }
}
