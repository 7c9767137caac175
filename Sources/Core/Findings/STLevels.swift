public import ECGSignal

/// How far the ST segment of the usual beats lies above the baseline, lead by lead: 60 ms after the end of QRS, beside
/// the level just before it.
///
/// A value of a few bytes, so that a stream may make one a second.
public struct STLevels: Sendable, Equatable, Codable {
    /// The leads in which it is known.
    public private(set) var leads = LeadSet()
    /// Why it is known in none of them; nil where it is in one.
    public private(set) var reason: VitalSigns.Reason?
    /// By channel, millivolts; 0 where it is not known.
    private var values = SIMD16<Float>.zero

    /// None is known, for one reason.
    public init(unknown reason: VitalSigns.Reason) { self.reason = reason }

    /// Sets that of a channel, 0 to 11, millivolts.
    public mutating func set(_ millivolts: Double, channel: Int) {
        values[channel] = Float(millivolts)
        leads.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        reason = nil
    }

    /// That of a channel, 0 to 11, millivolts; nil where it is not known.
    public subscript(channel: Int) -> Double? {
        leads.contains(channel: channel) ? Double(values[channel]) : nil
    }
}
