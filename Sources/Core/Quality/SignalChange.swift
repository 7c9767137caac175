public import ECGSignal

/// What is wrong with the signal itself; the raw value is the statement's id in the catalogue.
public enum SignalFinding: String, Sendable, CaseIterable {
    /// The device says that an electrode is off.
    case electrodeOff = "electrode_off"
    /// A lead stands still for 4 s, or its converter stands at its rail, while others may be well.
    case poorQuality = "poor_signal_quality"
    /// No lead has a sample that could show a heart: all are missing, stand still, are too faint or beyond what an ECG reaches.
    case unanalysable = "unanalyzable_ecg"
}

/// A finding about the signal that begins or ends to hold, or holds for other leads.
public struct SignalChange: Sendable, Equatable {
    /// The finding that changed.
    public let finding: SignalFinding
    /// Whether it holds from here on.
    public let isOn: Bool
    /// The grid index of the row with which it changed.
    public let at: GridIndex
    /// Where what it rests on began or ended.
    public let since: GridIndex
    /// The leads concerned; empty where all are.
    public let leads: LeadSet

    /// Makes a change of these values.
    public init(finding: SignalFinding, isOn: Bool, at: GridIndex, since: GridIndex, leads: LeadSet) {
        self.finding = finding
        self.isOn = isOn
        self.at = at
        self.since = since
        self.leads = leads
    }
}
