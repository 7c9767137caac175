import ECGSignal
import Findings
import Glibc
import Pipeline
import TestSupport
import Testing

@testable import Station

/// What is opened takes room, and gives it back.
@Suite struct RoomTests {
    /// Rates of one table size, each admissible by itself, of which a few exhaust the store: 16,000 phases.
    private let rates: [SampleRate] = {
        // n / 32 Hz with n odd and no multiple of 5 has 500 x 32 phases.
        let all = stride(from: Int64(63_001), to: 63_200, by: 2).compactMap { SampleRate($0, over: 32) }
        let largest = all.compactMap { PolyphaseTableReference.byteCount(of: $0) }.max()
        return all.filter { PolyphaseTableReference.byteCount(of: $0) == largest }
    }()

    private func chunk(
        _ device: String,
        _ rate: SampleRate,
        _ number: Int = 0,
        last: Bool = false
    ) -> LeadChunk {
        LeadChunk(
            stream: StreamIdentity(patient: "p", device: device, epoch: 1),
            sequence: UInt64(number + 1),
            firstSample: SampleIndex(number * 100),
            sampleCount: 100,
            rate: rate,
            leads: [LeadSamples(lead: .ii, millivolts: Array(repeating: 0, count: 100))],
            isLast: last
        )
    }

    @Test func `tables of ended streams make room for others, and workers let go of them`() throws {
        let rates = rates
        try #require(rates.count >= 10)
        let size = try #require(PolyphaseTableReference.byteCount(of: rates[0]))
        let fitting = TableBudget.bytesMax / size
        try #require((2...8).contains(fitting))
        var run = StationRun()
        for round in 0..<2 {
            for place in 0...fitting {
                run.send(chunk("d\(round)-\(place)", rates[place + round]), after: 0.1)
            }
            #expect(run.admission.openCount == fitting, "the last one found no room")
            #expect(run.admission.refusedCounts.map(\.code) == [.rate])
            #expect(run.admission.refusedCounts.map(\.count) == [round + 1])
            // A rate that is there needs no room, and a second stream keeps the table of the first.
            run.send(chunk("e\(round)", rates[round]), after: 0.1)
            #expect(run.admission.openCount == fitting + 1)
            #expect(run.shards[0].tableByteCount == fitting * size)
            run.send(chunk("d\(round)-0", rates[round], 1, last: true))
            run.pass(seconds: 3)
            #expect(run.shards[0].tableByteCount == fitting * size, "the other stream of its rate goes on")
            run.pass(seconds: 61)
            #expect(run.admission.openCount == 0)
            #expect(run.shards[0].tableByteCount == 0)
        }
    }

    @Test func `admission decides by arithmetic: thousands of rates cost it no table`() throws {
        var admission = Admission()
        let rates = rates
        let before = processorSeconds()
        for number in 0..<20_000 {
            let chunk = chunk("d\(number)", rates[number % rates.count])
            let entry = LoggedEntry<JudgedMessage>.Content.frame(.success(chunk), endpoint: "gateways")
            _ = admission.take(LoggedEntry(entry, at: arrival(0)))
        }
        let admissions = processorSeconds() - before
        let start = processorSeconds()
        let table = try #require(PolyphaseTableReference(rate: rates[0]))
        let building = processorSeconds() - start
        #expect(withExtendedLifetime(table) { building } > 0)
        #expect(admissions < 20_000 / 50 * building, "less than a fiftieth of a table for each chunk")
    }

    @Test func `a reopened stream counts among the open ones`() {
        var run = StationRun(streamsMax: 2, idleSeconds: 20)
        run.send(chunkOf("a", 1, 0))
        run.pass(seconds: 21)
        run.send(chunkOf("b", 1, 0))
        run.send(chunkOf("c", 1, 0))
        #expect(run.admission.openCount == 2)
        run.send(chunkOf("a", 2, 250), after: 0.1)
        #expect(run.admission.openCount == 2, "there is no room for the one that comes back")
        #expect(run.events.facts(.full).map(\.count) == [1])
        run.send(chunkOf("b", 2, 250, last: true))
        run.pass(seconds: 2)
        run.send(chunkOf("a", 3, 500), after: 0.1)
        #expect(run.admission.openCount == 2, "c and a")
        #expect(run.events.facts(.streamOpened).count == 4)
    }

    @Test func `opening streams costs each the same, however many there are`() {
        func seconds(_ count: Int) -> Double {
            (0..<3).map { _ in
                var admission = Admission(limits: limits(count))
                let chunks = (0..<count).map { chunkOf("d\($0)", 1, 0) }
                let later = (0..<count).map { chunkOf("d\($0)", 2, 250) }
                let ends = (0..<count).map { chunkOf("d\($0)", 3, 500, count: 25, last: true) }
                let start = processorSeconds()
                for chunk in chunks + later + ends {
                    let content = LoggedEntry<JudgedMessage>.Content.frame(.success(chunk), endpoint: "g")
                    _ = admission.take(LoggedEntry(content, at: arrival(0)))
                }
                let taken = processorSeconds() - start
                #expect(admission.openCount == 0)
                return taken
            }.min() ?? 0
        }
        let few = seconds(1_000)
        let many = seconds(8_000)
        // Eight times the streams: 8 where each costs the same, 64 where each looks at all the others.
        #expect(many < 24 * few, "\(few) s and \(many) s of processor time")
    }

    @Test(arguments: seeds(200)) func `the list of slots is an ordered set`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var list = SlotList()
        var twin: [Int] = []
        for _ in 0..<500 {
            let slot = Int.random(in: 0..<40, using: &generator)
            if Bool.random(using: &generator) {
                list.append(slot)
                if !twin.contains(slot) { twin.append(slot) }
            } else {
                list.remove(slot)
                twin.removeAll { $0 == slot }
            }
            #expect(list.slots == twin && list.count == twin.count && list.first == twin.first)
            #expect(list.contains(slot) == twin.contains(slot))
        }
    }

    @Test(arguments: seeds(200)) func `the index of devices answers what a search of all streams would`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var index = DeviceIndex()
        var known: [(slot: Int, device: String)] = []
        var open: [Int] = []
        for slot in 0..<200 {
            let device = "d\(Int.random(in: 0..<4, using: &generator))"
            index.open(slot, of: device)
            known.append((slot, device))
            open.append(slot)
            if let picked = known.randomElement(using: &generator) {
                switch (open.contains(picked.slot), Int.random(in: 0..<3, using: &generator)) {
                case (true, _):
                    index.close(picked.slot, of: picked.device)
                    open.removeAll { $0 == picked.slot }
                case (false, 0):
                    index.open(picked.slot, of: picked.device)
                    open.append(picked.slot)
                case (false, _):
                    index.forget(picked.slot, of: picked.device)
                    known.removeAll { $0.slot == picked.slot }
                }
            }
            let asked = "d\(Int.random(in: 0..<4, using: &generator))"
            let own = known.filter { $0.device == asked }.map(\.slot)
            #expect(index.newest(of: asked) == own.max())
            let bound = Int.random(in: 0...200, using: &generator)
            #expect(index.open(before: bound, of: asked) == open.filter { own.contains($0) && $0 < bound })
        }
    }

    private func limits(_ count: Int) -> Admission.Limits {
        var limits = Admission.Limits()
        limits.streamsMax = count
        return limits
    }

    private func chunkOf(
        _ device: String,
        _ number: Int,
        _ first: SampleIndex,
        count: Int = 250,
        last: Bool = false
    ) -> LeadChunk {
        StationTests.chunk("p", device, sequence: UInt64(number), from: first, count: count, isLast: last)
    }

    /// Processor time of this thread: other threads and programs do not count.
    private func processorSeconds() -> Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
