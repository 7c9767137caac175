/// A set of integers kept as ascending ranges that neither overlap nor touch.
///
/// It says which samples of a lead were received or are present. Its size is bounded by whoever prunes it.
/// Invariant: `ranges[i].upperBound < ranges[i + 1].lowerBound`, no range is empty.
public struct IntervalSet: Sendable, Equatable, Codable {
    /// The ranges of the set: ascending, none of them empty, and none overlapping or touching another.
    public private(set) var ranges: [Range<Int64>] = []

    /// The empty set.
    public init() {}

    /// The integers of one range, which is not empty.
    public init(_ range: Range<Int64>) { insert(range) }

    /// Whether it has no member.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Adds `range`, joining what it overlaps or touches.
    public mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        if let last = ranges.last, last.lowerBound <= range.lowerBound, last.upperBound >= range.lowerBound {
            // The usual case: the newest range grows.
            ranges[ranges.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
        } else if let last = ranges.last, last.upperBound >= range.lowerBound {
            let first = firstIndex(endingAtOrAfter: range.lowerBound)
            var end = first
            var joined = range
            while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
                joined =
                    min(
                        joined.lowerBound,
                        ranges[end].lowerBound
                    )..<max(joined.upperBound, ranges[end].upperBound)
                end += 1
            }
            ranges.replaceSubrange(first..<end, with: CollectionOfOne(joined))
        } else {
            ranges.append(range)
        }
    }

    /// Forgets all below `bound`.
    public mutating func removeAll(below bound: Int64) {
        guard let first = ranges.first, first.lowerBound < bound else { return }
        let kept = firstIndex(endingAtOrAfter: bound + 1)
        ranges.removeFirst(kept)
        if let first = ranges.first, first.lowerBound < bound { ranges[0] = bound..<first.upperBound }
    }

    /// The first part of `range` that is in the set; nil where there is none.
    public func firstPart(of range: Range<Int64>) -> Range<Int64>? {
        guard !range.isEmpty else { return nil }
        let index = firstIndex(endingAtOrAfter: range.lowerBound + 1)
        guard index < ranges.count, ranges[index].lowerBound < range.upperBound else { return nil }
        return ranges[index].clamped(to: range)
    }

    /// How many integers of `range` are in the set.
    public func count(in range: Range<Int64>) -> Int {
        var count = 0
        var from = range.lowerBound
        while let part = firstPart(of: from..<range.upperBound) {
            count += part.count
            from = part.upperBound
        }
        return count
    }

    /// The first integer at or after `start` that is not in the set.
    public func contiguousEnd(from start: Int64) -> Int64 {
        let index = firstIndex(endingAtOrAfter: start)
        guard index < ranges.count, ranges[index].lowerBound <= start else { return start }
        return ranges[index].upperBound
    }

    /// The first member at or after `start`; nil where there is none.
    public func firstMember(from start: Int64) -> Int64? {
        let index = firstIndex(endingAtOrAfter: start + 1)
        return index < ranges.count ? max(start, ranges[index].lowerBound) : nil
    }

    /// The last member below `bound`; nil where there is none.
    public func lastMember(before bound: Int64) -> Int64? {
        let index = firstIndex(endingAtOrAfter: bound)
        if index < ranges.count, ranges[index].lowerBound < bound { return bound - 1 }
        return index > 0 ? ranges[index - 1].upperBound - 1 : nil
    }

    /// Finds by binary search the first range whose upper bound is at least `bound`.
    private func firstIndex(endingAtOrAfter bound: Int64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension IntervalSet {
    /// Written as lengths, in turn of what lies between ranges and of the ranges: small numbers, however far on they stand.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        var end: Int64 = 0
        for range in ranges {
            try list.encode(range.lowerBound &- end)
            try list.encode(range.upperBound &- range.lowerBound)
            end = range.upperBound
        }
    }

    /// The set that was written.
    public init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var end: Int64 = 0
        while !list.isAtEnd {
            let start = end &+ (try list.decode(Int64.self))
            end = start &+ (try list.decode(Int64.self))
            guard start < end, ranges.last.map({ $0.upperBound < start }) ?? true else {
                throw DecodingError.dataCorruptedError(
                    in: list,
                    debugDescription: "ranges that overlap or stand in no order"
                )
            }
            ranges.append(start..<end)
        }
    }
}
