private import CZeroMQ

/// The libzmq that this program runs on.
public enum Library {
    /// Its version, for example `4.3.4`.
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        // Safe: the call writes into three local values.
        unsafe zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it can encrypt and ask for keys.
    public static var hasCurve: Bool { unsafe zmq_has("curve") == 1 }
}
