/// The unit in which a signal's gain is stated.
public enum PhysicalUnit: Sendable, Equatable {
    /// A voltage by the header's word for it, and the nanovolts in one of it.
    case voltage(String, nanovolts: Double)
    /// Something else: mmHg, bpm, NU.
    case other(String)

    /// WFDB's default where the header states no unit.
    static let millivolts = PhysicalUnit.voltage("mV", nanovolts: 1e6)

    /// The unit of that name, without regard to case.
    init(_ name: String) {
        switch name.lowercased() {
        case "mv", "millivolt", "millivolts": self = .voltage(name, nanovolts: 1e6)
        // The micro sign, the Greek letter, and the letter u that stands for both.
        case "uv", "\u{B5}v", "\u{3BC}v", "microvolt", "microvolts": self = .voltage(name, nanovolts: 1e3)
        case "nv", "nanovolt", "nanovolts": self = .voltage(name, nanovolts: 1)
        case "v", "volt", "volts": self = .voltage(name, nanovolts: 1e9)
        default: self = .other(name)
        }
    }

    /// Whether it is a voltage.
    public var isVoltage: Bool { if case .voltage = self { true } else { false } }

    /// As the header has it.
    public var name: String {
        switch self {
        case .voltage(let name, _): name
        case .other(let name): name
        }
    }
}

/// What a stored number means: (number - baseline) / gain, in the unit of the gain.
struct Calibration: Sendable, Equatable {
    /// Stored units per physical unit; finite and not 0; negative where the signal was stored upside down.
    var gain = 200.0
    /// The stored number that means 0.
    var baseline: Int32 = 0
    var unit = PhysicalUnit.millivolts

    /// Nanovolts of one stored unit, above 0 and finite; nil where the unit is no voltage.
    var nanovoltsPerUnit: Double? {
        guard case .voltage(_, let nanovolts) = unit else { return nil }
        return nanovolts / gain.magnitude
    }
}
