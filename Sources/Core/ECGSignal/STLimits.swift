/// What the ST segment of one patient is compared with, and by how much it must differ to alarm; whole microvolts.
///
/// Invariant: `change` and every level lie within their bounds.
public struct STLimits: Sendable, Equatable, Codable {
    /// By how much ST may be set to differ before it alarms.
    public static let changeBounds = 50...500
    /// How far a level that a user sets may lie from the baseline of the ECG.
    public static let levelBounds = -5_000...5_000

    /// What holds where nobody sets anything: 0.1 mV, against the first five valid minutes.
    public static let standard = STLimits(known: 100)

    /// The change in two neighbouring leads that alarms; in one lead alone it must be twice as great.
    public let change: Int
    /// The leads whose usual level a user set; the others have that of their first five valid minutes.
    public private(set) var leads = LeadSet()
    private var levels = SIMD16<Int16>.zero

    /// Makes limits, or says what is wrong with them.
    public init(
        change: Int = STLimits.standard.change,
        baseline: [(lead: Lead, level: Int)] = []
    ) throws(PatientLimits.Unacceptable) {
        guard STLimits.changeBounds.contains(change) else {
            throw .microvoltsOutOfBounds(name: "st_change_uv", value: change, bounds: STLimits.changeBounds)
        }
        self.init(known: change)
        for (lead, level) in baseline {
            guard let channel = lead.channel else { throw .noStandardLead(lead.name) }
            guard STLimits.levelBounds.contains(level) else {
                throw .microvoltsOutOfBounds(
                    name: "st_baseline_uv of \(lead.name)",
                    value: level,
                    bounds: STLimits.levelBounds
                )
            }
            leads.insert(lead)
            levels[channel] = Int16(level)
        }
    }

    /// The level that a user set for a channel, 0 to 11; nil where nobody did.
    public subscript(channel: Int) -> Int? { leads.contains(channel: channel) ? Int(levels[channel]) : nil }

    /// The levels that a user set, in the order of the leads.
    public var baseline: [(lead: Lead, level: Int)] {
        leads.leads.compactMap { lead in lead.channel.flatMap { self[$0] }.map { (lead, $0) } }
    }

    private init(known change: Int) { self.change = change }
}
