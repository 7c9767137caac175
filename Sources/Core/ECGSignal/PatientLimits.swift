/// The rates beyond which one patient alarms, beats a minute.
///
/// Invariant: `extremeLow` < `low` < `high` < `extremeHigh`, each within its bounds.
public struct PatientLimits: Sendable, Equatable {
    /// Why limits were refused.
    public enum Unacceptable: Error, Equatable, CustomStringConvertible {
        /// A limit is beyond what the policy allows.
        case outOfBounds(name: String, value: Int, bounds: ClosedRange<Int>)
        /// A limit is not below the one that follows it.
        case outOfOrder(lower: String, upper: String)

        /// What is wrong, and what to do.
        public var description: String {
            switch self {
            case .outOfBounds(let name, let value, let bounds):
                "\(name) is \(value)/min; give \(bounds.lowerBound) to \(bounds.upperBound)"
            case .outOfOrder(let lower, let upper):
                "\(lower) is not below \(upper); raise the one or lower the other"
            }
        }
    }

    /// The statements that the limits decide, by their ids in the catalogue.
    public static let statements: Set = [
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

    /// Adult defaults, as the catalogue has them.
    public static let adult = PatientLimits(known: (40, 50, 120, 140))

    /// Makes limits, or says what is wrong with them.
    public init(extremeLow: Int, low: Int, high: Int, extremeHigh: Int) throws(Unacceptable) {
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
        self.init(known: (extremeLow, low, high, extremeHigh))
    }

    /// The limits by the names that requests and the log have for them, in rising order.
    public var named: [(name: String, value: Int)] {
        [("extreme_low", extremeLow), ("low", low), ("high", high), ("extreme_high", extremeHigh)]
    }

    private init(known limits: (Int, Int, Int, Int)) {
        (extremeLow, low, high, extremeHigh) = limits
    }
}
