/// What people set of one patient's limits: rates and ST, or ST alone.
///
/// Where ST alone is set, the rates stay those of the ward's policy, also where that changes later.
public struct LimitOrder: Sendable, Equatable, Codable {
    /// Whether rates are set; where they are not, `limits` has an adult's in their place, which nobody asks for.
    public let areRatesSet: Bool
    private let limits: PatientLimits

    /// Sets rates and ST.
    public init(_ limits: PatientLimits) { (self.limits, areRatesSet) = (limits, true) }

    /// Sets the limits of ST alone and leaves the rates as they are.
    public init(st: STLimits) { (limits, areRatesSet) = (PatientLimits.adult.comparing(with: st), false) }

    /// What the ST segment is compared with.
    public var st: STLimits { limits.st }

    /// The rates that are set, in rising order by their names; nil where ST alone is set.
    public var rates: [(name: String, value: Int)]? { areRatesSet ? limits.named : nil }

    /// The limits in force where the ward has `ward`; nil stands for an adult's.
    public func limits(over ward: PatientLimits?) -> PatientLimits {
        areRatesSet ? limits : (ward ?? .adult).comparing(with: limits.st)
    }
}
