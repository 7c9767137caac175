/// The rates beyond which one patient alarms, beats a minute, and the ST segment from which its changes are counted.
///
/// Invariant: `extremeLow` < `low` < `high` < `extremeHigh`, each within its bounds.
public struct PatientLimits: Sendable, Equatable, Codable {
    /// Why limits were refused.
    public enum Unacceptable: Error, Equatable, CustomStringConvertible {
        /// A limit is beyond what the policy allows.
        case outOfBounds(name: String, value: Int, bounds: ClosedRange<Int>)
        /// A limit is not below the one that follows it.
        case outOfOrder(lower: String, upper: String)
        /// A voltage is beyond what the policy allows.
        case microvoltsOutOfBounds(name: String, value: Int, bounds: ClosedRange<Int>)
        /// ST is measured in the standard twelve leads alone.
        case noStandardLead(String)

        /// What is wrong, and what to do.
        public var description: String {
            switch self {
            case .outOfBounds(let name, let value, let bounds):
                "\(name) is \(value)/min; give \(bounds.lowerBound) to \(bounds.upperBound)"
            case .outOfOrder(let lower, let upper):
                "\(lower) is not below \(upper); raise the one or lower the other"
            case .microvoltsOutOfBounds(let name, let value, let bounds):
                "\(name) is \(value) microvolts; give \(bounds.lowerBound) to \(bounds.upperBound)"
            case .noStandardLead(let name): "\(name) is none of the standard leads; name one of I to V6"
            }
        }
    }

    /// The statements that the limits decide, by their ids in the catalogue, in rising order of the rates.
    public static let statements = [
        "extreme_bradycardia", "bradycardia", "tachycardia", "extreme_tachycardia",
    ]

    /// Below it is extreme bradycardia; 40 by default.
    public let extremeLow: Int
    /// Below it is bradycardia; 50 by default.
    public let low: Int
    /// Above it is tachycardia; 120 by default.
    public let high: Int
    /// Above it is extreme tachycardia; 140 by default.
    public let extremeHigh: Int
    /// What the ST segment is compared with.
    public let st: STLimits

    /// Adult defaults, as the catalogue has them.
    public static let adult = PatientLimits(known: (40, 50, 120, 140), .standard)

    /// Makes limits, or says what is wrong with them.
    public init(
        extremeLow: Int,
        low: Int,
        high: Int,
        extremeHigh: Int,
        st: STLimits = .standard
    ) throws(Unacceptable) {
        let all: [(name: String, value: Int, bounds: ClosedRange<Int>)] = [
            ("extreme_low", extremeLow, 20...60), ("low", low, 25...100), ("high", high, 80...220),
            ("extreme_high", extremeHigh, 100...250),
        ]
        for limit in all where !limit.bounds.contains(limit.value) {
            throw .outOfBounds(name: limit.name, value: limit.value, bounds: limit.bounds)
        }
        for place in 1..<all.count where all[place - 1].value >= all[place].value {
            throw .outOfOrder(lower: all[place - 1].name, upper: all[place].name)
        }
        self.init(known: (extremeLow, low, high, extremeHigh), st)
    }

    /// The limits of rates by the names that requests and the log have for them, in rising order.
    public var named: [(name: String, value: Int)] {
        [("extreme_low", extremeLow), ("low", low), ("high", high), ("extreme_high", extremeHigh)]
    }

    /// The same rates with other limits of ST.
    func comparing(with st: STLimits) -> PatientLimits {
        PatientLimits(known: (extremeLow, low, high, extremeHigh), st)
    }

    private init(known limits: (Int, Int, Int, Int), _ st: STLimits) {
        (extremeLow, low, high, extremeHigh) = limits
        self.st = st
    }
}
