/// One ECG lead as a device may name it; the standard twelve come first and in the encoder's channel order.
///
/// The numbers on the wire are IEEE 11073's (Protocols/gateway.proto); `rawValue` is this program's own.
public enum Lead: UInt8, CaseIterable, Sendable, Hashable, Comparable, Codable {
    case i
    case ii
    case iii
    case aVR
    case aVL
    case aVF
    case v1
    case v2
    case v3
    case v4
    case v5
    case v6
    case v7
    case v8
    case v9
    case v2R
    case v3R
    case v4R
    case chestStrap
    case patch

    /// The standard twelve: I II III aVR aVL aVF V1 to V6.
    public static let standard: [Lead] = Array(allCases.prefix(channelCount))

    /// The number of standard leads, which is the encoder's number of channels.
    public static let channelCount = 12

    /// The limb leads, of which any two give the other four.
    public static let limb: [Lead] = Array(allCases.prefix(6))

    /// The encoder's channel, 0 to 11, or nil where the lead has no standard position.
    public var channel: Int? { Int(rawValue) < Lead.channelCount ? Int(rawValue) : nil }

    /// Whether the lead has no standard position, so that it stands in channel I where no standard lead was ever sent.
    public var standsInForAnother: Bool { self == .chestStrap || self == .patch }

    /// The name as people and events write it: `I`, `aVR`, `V1`, `CHEST_STRAP`.
    public var name: String { Lead.names[Int(rawValue)] }

    /// The lead of that name, without regard to case; nil where there is none.
    public init?(name: String) {
        let wanted = name.lowercased()
        guard let lead = Lead.allCases.first(where: { $0.name.lowercased() == wanted }) else { return nil }
        self = lead
    }

    /// Orders the standard twelve before the others.
    public static func < (left: Lead, right: Lead) -> Bool { left.rawValue < right.rawValue }

    private static let names = [
        "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
        "V7", "V8", "V9", "V2R", "V3R", "V4R", "CHEST_STRAP", "PATCH",
    ]
}

/// A set of the standard twelve leads; bit n is channel n.
public struct LeadSet: OptionSet, Hashable, Sendable, Codable {
    /// The bits of the set; bit n is the lead of channel n.
    public let rawValue: UInt16

    /// The set of those bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The standard leads among `leads`; the others have no place in a set.
    public init(_ leads: some Sequence<Lead>) {
        self.init(rawValue: leads.reduce(0) { bits, lead in bits | (lead.channel.map { 1 << $0 } ?? 0) })
    }

    /// Puts a lead in; one that is none of the standard twelve has no place in a set.
    public mutating func insert(_ lead: Lead) {
        if let channel = lead.channel { self = LeadSet(rawValue: rawValue | 1 << channel) }
    }

    /// The six limb leads.
    public static let limb = LeadSet(Lead.limb)

    /// Whether the lead of that channel is in the set.
    public func contains(channel: Int) -> Bool { rawValue & (1 << channel) != 0 }

    /// The leads of the set in channel order.
    public var leads: [Lead] {
        Lead.standard.filter { lead in lead.channel.map(contains(channel:)) ?? false }
    }
}
