import ECGSignal
import Mathematics
import TestSupport
import Testing

@Suite struct IntervalSetTests {
    /// The slow twin is a Set of integers.
    @Test(arguments: seeds(300)) func `an interval set is a set of integers`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let offset: Int64 = [0, -50, 1 << 48].randomElement(using: &generator) ?? 0
        let reach: ClosedRange<Int64> = offset...offset + 100
        var set = IntervalSet()
        var twin: Set<Int64> = []
        func range() -> Range<Int64> {
            let from = Int64.random(in: reach, using: &generator)
            return from..<from + Int64.random(in: 0...12, using: &generator)
        }
        for _ in 0..<40 {
            if Int.random(in: 0..<12, using: &generator) == 0 {
                let bound = Int64.random(in: reach, using: &generator)
                set.removeAll(below: bound)
                twin = twin.filter { $0 >= bound }
            } else {
                let added = range()
                set.insert(added)
                twin.formUnion(added)
            }
            expectInvariant(set)
            #expect(Set(set.ranges.flatMap { Array($0) }) == twin)
            let asked = range()
            let inside = asked.filter(twin.contains)
            var found: [Int64] = []
            while let part = set.firstPart(
                of: (found.last.map { $0 + 1 } ?? asked.lowerBound)..<asked.upperBound
            ) { found += part }
            #expect(found == inside)
            #expect(set.count(in: asked) == inside.count)
            var end = asked.lowerBound
            while twin.contains(end) { end += 1 }
            #expect(set.contiguousEnd(from: asked.lowerBound) == end)
            #expect(set.firstMember(from: asked.lowerBound) == twin.filter { $0 >= asked.lowerBound }.min())
        }
    }

    private func expectInvariant(_ set: IntervalSet) {
        #expect(set.ranges.allSatisfy { !$0.isEmpty })
        #expect(zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
}
