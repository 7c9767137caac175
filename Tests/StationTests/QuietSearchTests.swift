import ECGSignal
import Station
import TestSupport
import Testing

@Suite struct QuietSearchTests {
    @Test(arguments: seeds(100)) func `a busy socket is quiet whenever it was seen empty`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var search = QuietSearch()
        var time: MonotonicNanoseconds = 1
        for _ in 0..<500 {
            time += .random(in: 1...QuietSearch.heldUpNanoseconds, using: &generator)
            let isEmpty = Bool.random(using: &generator)
            let isQuiet = search.look(at: time, isEmpty: isEmpty)
            guard time > QuietSearch.graceNanoseconds else { continue }
            #expect(isQuiet == isEmpty)
        }
    }

    @Test(arguments: seeds(100)) func `who was held up believes no empty socket for a while`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var search = QuietSearch()
        _ = search.look(at: 0, isEmpty: true)
        let resumed = MonotonicNanoseconds.random(
            in: QuietSearch.heldUpNanoseconds + 1...100_000_000_000,
            using: &generator
        )
        var time = resumed
        while time - resumed <= QuietSearch.graceNanoseconds {
            let isQuiet = search.look(at: time, isEmpty: true)
            #expect(!isQuiet)
            time += .random(in: 1...10_000_000, using: &generator)
        }
        let isQuietAfter = search.look(at: time, isEmpty: true)
        #expect(isQuietAfter)
        let isQuietWithNews = search.look(at: time + 1, isEmpty: false)
        #expect(!isQuietWithNews)
    }
}
