/// Leads and encodings between the wire's numbers and this program's words.

internal import ECGSignal
internal import WireMessages

/// How a chunk's samples stand in `LeadSamples.data`; the raw value is the wire's.
public enum SampleEncoding: Int, Sendable, CaseIterable {
    /// 2 bytes a sample, two's complement, least significant first.
    case int16 = 1
    /// 4 bytes a sample, two's complement, least significant first.
    case int32 = 2
    /// 4 bytes a sample, IEEE 754, least significant first.
    case float32 = 3
    /// The first value, then first differences, each a zigzag varint of at most 5 bytes.
    case delta = 4

    /// The encoding of that name: `int16`, `int32`, `float32`, `delta`; nil where there is none.
    public init?(name: String) {
        guard let encoding = SampleEncoding.allCases.first(where: { $0.name == name }) else { return nil }
        self = encoding
    }

    /// `int16`, `int32`, `float32` or `delta`.
    public var name: String {
        switch self {
        case .int16: "int16"
        case .int32: "int32"
        case .float32: "float32"
        case .delta: "delta"
        }
    }
}

extension Lead {
    /// The lead of a wire number; nil where this version knows none.
    init?(wire: Shinden_V1_Lead) {
        switch wire {
        case .i: self = .i
        case .ii: self = .ii
        case .iii: self = .iii
        case .avr: self = .aVR
        case .avl: self = .aVL
        case .avf: self = .aVF
        case .v1: self = .v1
        case .v2: self = .v2
        case .v3: self = .v3
        case .v4: self = .v4
        case .v5: self = .v5
        case .v6: self = .v6
        case .v7: self = .v7
        case .v8: self = .v8
        case .v9: self = .v9
        case .v2R: self = .v2R
        case .v3R: self = .v3R
        case .v4R: self = .v4R
        case .chestStrap: self = .chestStrap
        case .patch: self = .patch
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }

    /// The wire's number of this lead.
    var wire: Shinden_V1_Lead {
        switch self {
        case .i: .i
        case .ii: .ii
        case .iii: .iii
        case .aVR: .avr
        case .aVL: .avl
        case .aVF: .avf
        case .v1: .v1
        case .v2: .v2
        case .v3: .v3
        case .v4: .v4
        case .v5: .v5
        case .v6: .v6
        case .v7: .v7
        case .v8: .v8
        case .v9: .v9
        case .v2R: .v2R
        case .v3R: .v3R
        case .v4R: .v4R
        case .chestStrap: .chestStrap
        case .patch: .patch
        }
    }
}
