public import ECGSignal

/// Which leads of a recording are sent, with the name that figures have it under.
public struct LeadSelection: Sendable, Equatable {
    /// As in `lead_sets` of evaluation.json.
    public let name: String
    /// The leads that a gateway would send; the limb leads that follow from two of them are derived.
    public let sent: [Lead]

    /// What gateways send, from all twelve down to one: clinics, telemetry, straps.
    public static let usual: [LeadSelection] = [
        LeadSelection(name: "12", sent: Lead.standard),
        LeadSelection(name: "limb", sent: [.i, .ii]),
        LeadSelection(name: "limb+V1", sent: [.i, .ii, .v1]),
        LeadSelection(name: "I", sent: [.i]),
        LeadSelection(name: "II", sent: [.ii]),
        LeadSelection(name: "V1", sent: [.v1]),
        LeadSelection(name: "I+V1", sent: [.i, .v1]),
        LeadSelection(name: "II+V5", sent: [.ii, .v5]),
    ]
}
