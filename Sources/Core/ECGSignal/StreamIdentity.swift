/// Who sends: patient, device and the epoch of the device's counters.
///
/// The name of a stream in every event.
public struct StreamIdentity: Hashable, Comparable, Sendable {
    /// `[A-Za-z0-9_-]{1,64}`.
    public let patient: String
    /// `[A-Za-z0-9_-]{1,64}`.
    public let device: String
    /// Random, not 0; drawn whenever the device's counters start anew.
    public let epoch: UInt64

    /// The identity; the caller has checked the two ids (`isValidID`).
    public init(patient: String, device: String, epoch: UInt64) {
        self.patient = patient
        self.device = device
        self.epoch = epoch
    }

    /// `patient.device.epoch`, the epoch as 16 lower-case hex digits.
    public var name: String { "\(patient).\(device).\(hexadecimal16(epoch))" }

    /// By name, so that listings have one order.
    public static func < (left: StreamIdentity, right: StreamIdentity) -> Bool {
        (left.patient, left.device, left.epoch) < (right.patient, right.device, right.epoch)
    }

    /// Whether `text` may name a patient, device or ward: `[A-Za-z0-9_-]{1,64}`, and not `_` alone.
    public static func isValidID(_ text: some StringProtocol) -> Bool {
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

/// `value` as 16 lower-case hex digits.
public func hexadecimal16(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
