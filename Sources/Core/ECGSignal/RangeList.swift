/// A few ranges of samples in order; the first one costs no memory of its own, and mostly there is no other.
public struct RangeList: Sendable, Equatable, Sequence {
    private var first: Range<SampleIndex>?
    private var others: [Range<SampleIndex>] = []

    /// A list without a range.
    public init() {}

    /// Adds a range behind the others.
    public mutating func append(_ range: Range<SampleIndex>) {
        if first == nil { first = range } else { others.append(range) }
    }

    /// Whether there is no range.
    public var isEmpty: Bool { first == nil }

    /// Where the first range begins; nil where there is none.
    public var start: SampleIndex? { first?.lowerBound }

    /// Where the last range ends; nil where there is none.
    public var end: SampleIndex? { others.last?.upperBound ?? first?.upperBound }

    /// How many samples the ranges have together.
    public var sampleCount: Int { others.reduce(first?.count ?? 0) { $0 + $1.count } }

    /// The ranges in order.
    public func makeIterator() -> Iterator { Iterator(list: self) }

    /// Walks through a list.
    public struct Iterator: IteratorProtocol {
        fileprivate let list: RangeList
        private var place = 0

        fileprivate init(list: RangeList) { self.list = list }

        /// The next range; nil behind the last one.
        public mutating func next() -> Range<SampleIndex>? {
            defer { place += 1 }
            if place == 0 { return list.first }
            return place <= list.others.count ? list.others[place - 1] : nil
        }
    }
}
