/// Which numbers of one stream are accounted for: every one up to `through`, and some beyond it.
///
/// Whoever keeps it takes a number at most `window` beyond `through`. So whoever has taken n knows what became of all
/// up to n - `window`, and a log of the taken numbers needs no word about those that never came. Ranges lie apart, so
/// at most half a window of them is remembered.
public struct ReceivedNumbers: Sendable, Equatable {
    /// How far beyond `through` a number may be taken.
    public static let window: UInt64 = 256
    /// The greatest number that is taken; what is greater is no chunk's.
    public static let numberMax: UInt64 = 1 << 62

    /// Every number up to this one is accounted for; 0 where none is.
    public private(set) var through: UInt64
    /// Numbers beyond `through + 1` that are accounted for, ascending and apart.
    public private(set) var ahead: [ClosedRange<UInt64>] = []

    /// The greatest number that is accounted for; 0 where none is.
    public var newest: UInt64 { ahead.last?.upperBound ?? through }

    /// Every number up to `through`, and those of `ranges`, whatever their order.
    public init(through: UInt64 = 0, ahead ranges: [ClosedRange<UInt64>] = []) {
        self.through = min(through, ReceivedNumbers.numberMax)
        for range in ranges where range.upperBound <= ReceivedNumbers.numberMax { insert(range) }
    }

    /// Whether that number is accounted for.
    public func contains(_ number: UInt64) -> Bool {
        number <= through || ahead.contains { $0.contains(number) }
    }

    /// Accounts for a number from 1 to `numberMax`, and for all that are more than a window below it.
    /// - Returns: Whether it was not accounted for before.
    @discardableResult public mutating func insert(_ number: UInt64) -> Bool {
        if number > through, number - through > ReceivedNumbers.window {
            _ = giveUp(through: number - ReceivedNumbers.window)
        }
        guard !contains(number) else { return false }
        insert(number...number)
        return true
    }

    /// Accounts for all numbers up to `number`, at most `numberMax`.
    /// - Returns: The ranges that had not been accounted for, ascending.
    public mutating func giveUp(through number: UInt64) -> [ClosedRange<UInt64>] {
        guard number > through else { return [] }
        var missing: [ClosedRange<UInt64>] = []
        var next = through + 1
        for range in ahead where range.lowerBound <= number {
            if next < range.lowerBound { missing.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= number { missing.append(next...number) }
        insert(through + 1...number)
        return missing
    }

    /// Joins a range with those that it touches.
    private mutating func insert(_ range: ClosedRange<UInt64>) {
        var joined = range
        ahead.removeAll { other in
            guard other.lowerBound <= joined.upperBound + 1, joined.lowerBound <= other.upperBound + 1 else {
                return false
            }
            joined = min(joined.lowerBound, other.lowerBound)...max(joined.upperBound, other.upperBound)
            return true
        }
        if joined.lowerBound <= through + 1 {
            through = max(through, joined.upperBound)
        } else {
            let place = ahead.firstIndex { $0.lowerBound > joined.lowerBound } ?? ahead.count
            ahead.insert(joined, at: place)
        }
    }
}
