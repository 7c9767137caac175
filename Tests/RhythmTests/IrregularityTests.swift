import ECGSignal
import TestSupport
import Testing

@testable import Rhythm

/// Which orders of beats are taken for atrial fibrillation.
@Suite struct IrregularityTests {
    /// Whether fibrillation was ever found in 90 s of beats whose intervals and classes `next` gives, ms, or until it gives none.
    private func isFound(
        isTrusted: Bool = true,
        isVentricleFibrillating: Bool = false,
        seed: UInt64,
        _ next: (inout SeededGenerator, Int) -> (milliseconds: Int, kind: BeatClass)?
    ) -> Bool {
        var generator = SeededGenerator(seed: seed)
        var irregularity = AtrialIrregularity()
        var states = FindingStates()
        var changes: [RhythmChange] = []
        if isVentricleFibrillating { states.set(.ventricularFibrillation, true, at: 0, since: 0, &changes) }
        var place = 0
        var number = 0
        while place < 45_000, let (milliseconds, kind) = next(&generator, number) {
            place += milliseconds / 2
            let beat = Beat(
                place: GridIndex(place),
                interval: number == 0 ? nil : milliseconds / 2,
                kind: kind,
                classifiedAt: GridIndex(place),
                ventricularScore: 0
            )
            irregularity.take(beat, at: place, isTrusted: isTrusted, &states, &changes)
            number += 1
        }
        return changes.contains { $0.finding == .atrialFibrillation && $0.isOn }
    }

    /// The first intervals of A06761 of CinC 2017, atrial fibrillation at 140/min, ms: neighbours differ by 4 to 8 %.
    private static let fast = [
        412, 430, 410, 478, 440, 476, 450, 406, 400, 418, 450, 430, 412, 400, 600, 578, 380, 400, 530, 440,
        412, 444, 414, 406, 414, 412, 410, 418, 406, 410, 546, 438, 502, 428, 506, 460, 426, 410, 518, 430,
        466, 480, 386, 544, 416, 414, 404, 380, 382, 400, 444, 426, 410, 418, 412, 400, 408, 410, 402, 408,
        416, 434, 412, 404, 416, 420, 408, 420, 416, 406, 410, 558, 472, 494, 410, 546, 420, 440, 468, 512,
        554, 486, 418, 402, 404, 534, 482, 400, 530, 438,
    ]

    @Test func `a fast heart's intervals need not change by 9 %, a slow one's must`() {
        for (factor, isFibrillation) in [(1, true), (2, false)] {
            let found = isFound(seed: 0) { _, number in
                number < Self.fast.count ? (factor * Self.fast[number], .normal) : nil
            }
            #expect(found == isFibrillation)
        }
    }

    @Test(arguments: seeds(20))
    func `great disorder is fibrillation at any rate, and what a sinus rhythm does is not`(seed: UInt64) {
        func isFound(_ shortest: Int, _ width: Int) -> Bool {
            self.isFound(seed: seed) { generator, _ in
                (shortest + Int.random(in: 0...width, using: &generator), .normal)
            }
        }
        #expect(isFound(600, 500))
        #expect(isFound(300, 250))
        #expect(!isFound(860, 115))
        // Sinus tachycardias.
        #expect(!isFound(420, 25))
        #expect(!isFound(380, 50))
    }

    @Test(arguments: seeds(20))
    func `wide beats that are the usual ones count, where they are those of a heart and the ventricles beat`(
        seed: UInt64
    ) {
        func wide(_ generator: inout SeededGenerator, _ number: Int) -> (Int, BeatClass) {
            let isNarrow = Int.random(in: 0..<8, using: &generator) == 0
            return (340 + Int.random(in: 0...300, using: &generator), isNarrow ? .normal : .ventricular)
        }
        #expect(isFound(seed: seed, wide))
        #expect(!isFound(isTrusted: false, seed: seed, wide))
        #expect(!isFound(isVentricleFibrillating: true, seed: seed, wide))
    }

    @Test(arguments: seeds(20))
    func `ventricular tachycardia, bigeminy and runs are no atrial fibrillation`(seed: UInt64) {
        #expect(
            !isFound(seed: seed) { generator, _ in
                (400 + Int.random(in: 0...12, using: &generator), .ventricular)
            }
        )
        #expect(
            !isFound(seed: seed) { generator, number in
                number.isMultiple(of: 2)
                    ? (420 + Int.random(in: 0...120, using: &generator), .ventricular)
                    : (900 + Int.random(in: 0...120, using: &generator), .normal)
            }
        )
        // Two of three are ventricular, and nothing is regular.
        #expect(
            !isFound(seed: seed) { generator, number in
                (340 + Int.random(in: 0...300, using: &generator), number % 3 == 0 ? .normal : .ventricular)
            }
        )
    }
}
