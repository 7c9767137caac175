/// Rows of the 500 Hz grid in the wide band, which is what the rhythm lane reads.

/// A stretch of the grid: for each sample the leads that were measured, in millivolts from 0.05 Hz up to the device's
/// own upper limit.
///
/// A lead without a standard position stands in channel I where no standard lead was ever sent, as it does for the
/// encoder. Leads that follow from others are not computed, because they add nothing that their pair does not show.
public struct WideRows: Sendable, Equatable {
    /// The grid index of the first row.
    public private(set) var start: GridIndex = 0
    /// How many rows there are.
    public private(set) var count = 0
    /// `[time][3]`: the twelve channels of each row in three fours, millivolts.
    ///
    /// NaN where the lead has no value; at a gap of at most 50 ms the straight line that bridges it, which `present`
    /// does not count.
    public private(set) var fours: [SIMD4<Float>] = []
    /// `[time]`: the leads whose sample was received.
    public private(set) var present: [LeadSet] = []
    /// `[time]`: the leads whose electrode was off, as the device said; they have no sample.
    public private(set) var off: [LeadSet] = []
    /// `[time]`: the leads whose converter stood at its rail, as the device said; they have no sample.
    public private(set) var saturated: [LeadSet] = []

    /// No row.
    public init() {}

    /// Becomes `range` without a value; keeps the memory that it has.
    public mutating func reset(to range: Range<GridIndex>) {
        start = range.lowerBound
        count = range.count
        fours.removeAll(keepingCapacity: true)
        present.removeAll(keepingCapacity: true)
        fours.append(contentsOf: repeatElement(SIMD4(repeating: .nan), count: count * FourLeads.count))
        present.append(contentsOf: repeatElement(LeadSet(), count: count))
        off.removeAll(keepingCapacity: true)
        off.append(contentsOf: repeatElement(LeadSet(), count: count))
        saturated.removeAll(keepingCapacity: true)
        saturated.append(contentsOf: repeatElement(LeadSet(), count: count))
    }

    /// Sets the value of a lead at grid index `index`.
    public mutating func set(_ value: Float, at index: GridIndex, channel: Int) {
        fours[Int(index - start) * FourLeads.count + channel >> 2][channel & 3] = value
    }

    /// The value of a channel in row `row`, from 0 on; NaN where it has none.
    public func value(_ row: Int, channel: Int) -> Float {
        fours[row * FourLeads.count + channel >> 2][channel & 3]
    }

    /// Notes that the samples of a lead in `range` were received.
    public mutating func notePresent(_ range: Range<GridIndex>, channel: Int) {
        let lead = LeadSet(rawValue: 1 << UInt16(channel))
        for index in range { present[Int(index - start)].formUnion(lead) }
    }

    /// Notes that the electrode of a lead was off in `range`.
    public mutating func noteOff(_ range: Range<GridIndex>, channel: Int) {
        let lead = LeadSet(rawValue: 1 << UInt16(channel))
        for index in range { off[Int(index - start)].formUnion(lead) }
    }

    /// Notes that the converter of a lead stood at its rail in `range`.
    public mutating func noteSaturated(_ range: Range<GridIndex>, channel: Int) {
        let lead = LeadSet(rawValue: 1 << UInt16(channel))
        for index in range { saturated[Int(index - start)].formUnion(lead) }
    }

    /// One row: what each of the twelve channels has, and what is known of it.
    public struct Row: Sendable, Equatable, Codable {
        /// By channel, millivolts; no number where the lead has no value, and in the four places above the channels.
        public var values = SIMD16<Float>(repeating: .nan)
        /// The leads whose sample was received.
        public var present = LeadSet()
        /// The leads whose electrode was off.
        public var off = LeadSet()
        /// The leads whose converter stood at its rail.
        public var saturated = LeadSet()

        /// A row without a value.
        public init() {}
    }

    /// Row `row` of those that there are, from 0 on.
    public subscript(row: Int) -> Row {
        var one = Row()
        let first = row * FourLeads.count
        one.values.lowHalf = SIMD8(lowHalf: fours[first], highHalf: fours[first + 1])
        one.values.highHalf.lowHalf = fours[first + 2]
        one.present = present[row]
        one.off = off[row]
        one.saturated = saturated[row]
        return one
    }

    /// Forgets all rows, but keeps the memory; the next that is appended stands at `start`.
    public mutating func removeAll(beginningAt start: GridIndex) { reset(to: start..<start) }

    /// Forgets the rows from row `count` of those that there are on.
    public mutating func cut(to count: Int) {
        fours.removeLast((self.count - count) * FourLeads.count)
        present.removeLast(self.count - count)
        off.removeLast(self.count - count)
        saturated.removeLast(self.count - count)
        self.count = count
    }

    /// Appends a row behind the last.
    public mutating func append(_ row: Row) {
        fours.append(row.values.lowHalf.lowHalf)
        fours.append(row.values.lowHalf.highHalf)
        fours.append(row.values.highHalf.lowHalf)
        present.append(row.present)
        off.append(row.off)
        saturated.append(row.saturated)
        count += 1
    }
}
