/// The identity of a stream: its patient, its device and the epoch of the device's counters.
///
/// Every event names its stream by these three.
public struct StreamIdentity: Hashable, Comparable, Sendable, Codable {
    /// The patient's id, 1 to 64 letters, digits, `-` and `_`.
    public let patient: String
    /// The device's id, 1 to 64 letters, digits, `-` and `_`.
    public let device: String
    /// A random number, not 0, that the device draws whenever its counters start anew.
    public let epoch: UInt64

    /// Makes an identity of two ids that the caller has checked with `isValidID`.
    public init(patient: String, device: String, epoch: UInt64) {
        self.patient = patient
        self.device = device
        self.epoch = epoch
    }

    /// The name of the stream, `patient.device.epoch`, with the epoch as 16 lower-case hex digits.
    public var name: String { "\(patient).\(device).\(hexadecimal16(epoch))" }

    /// Orders streams by name, so that every listing has the same order.
    public static func < (left: StreamIdentity, right: StreamIdentity) -> Bool {
        (left.patient, left.device, left.epoch) < (right.patient, right.device, right.epoch)
    }

    /// Whether `text` may name a patient, device or ward: `[A-Za-z0-9_-]{1,64}`, and not `_` alone.
    public static func isValidID(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), text != "_" else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}

/// Writes `value` as 16 lower-case hex digits.
public func hexadecimal16(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
