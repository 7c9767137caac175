import Testing

@testable import Rhythm

/// What a rate is made of where beats may have been lost.
@Suite struct LostBeatTests {
    /// The findings that begin with beats of these intervals, in turn, of which some may hold a lost beat.
    private func begun(_ intervals: [(samples: Int, isWhole: Bool)]) -> Set<RhythmFinding> {
        var rate = HeartRate()
        var states = FindingStates()
        var changes: [RhythmChange] = []
        var place = 1_000
        rate.take(beatAt: place)
        for number in 0..<200 {
            let interval = intervals[number % intervals.count]
            place += interval.samples
            rate.take(beatAt: place, isWhole: interval.isWhole)
            rate.judge(at: place, isTrusted: true, &states, &changes)
        }
        return Set(changes.filter(\.isOn).map(\.finding))
    }

    @Test func `an interval in which a beat may have been lost is none`() {
        #expect(begun([(400, true), (400, true), (1_600, false)]).isEmpty)
        #expect(begun([(400, true), (400, true), (1_600, true)]).contains(.bradycardia))
    }

    @Test func `short intervals that are left over make no fast rate`() {
        #expect(begun([(180, true), (420, false)]).isEmpty)
        #expect(!begun([(180, true), (180, true), (180, true), (420, false)]).contains(.extremeTachycardia))
    }

    @Test func `a fast heart and a slow one are told between losses`() {
        let fast = Array(repeating: (samples: 190, isWhole: true), count: 9) + [(380, false)]
        #expect(begun(fast) == [.tachycardia, .extremeTachycardia])
        let slow = Array(repeating: (samples: 900, isWhole: true), count: 5) + [(1_800, false)]
        #expect(begun(slow) == [.bradycardia, .extremeBradycardia])
    }
}
