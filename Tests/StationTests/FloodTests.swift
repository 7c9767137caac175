import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// What one stream may bring.
@Suite struct FloodTests {
    private let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// Sends seconds of p1 from `first` on, `speed` times as fast as real time; nil for all at once.
    private func send(_ range: Range<Int>, _ speed: Double?, to run: inout StationRun) {
        for second in range {
            run.send(
                chunk(sequence: UInt64(second + 1), from: SampleIndex(250 * second)),
                after: speed.map { 1 / $0 } ?? 0
            )
        }
    }

    private func refused(_ run: StationRun) -> Int { run.statuses[0].leads[0].ledger.refused / 250 }

    @Test func `two minutes come at once, what follows is held to the speed`() {
        var run = StationRun(ingestSpeedMax: 20)
        send(0..<121, nil, to: &run)
        // The first chunk opens the stream and is not paid for.
        #expect(refused(run) == 0)
        send(121..<150, nil, to: &run)
        #expect(refused(run) == 29)
        #expect(run.events(of: p1).facts(.flood).map(\.count) == [1])
        run.pass(seconds: 6, isQuiet: false)
        send(150..<300, nil, to: &run)
        #expect(refused(run) == 29 + 30, "six seconds give two minutes again")
        #expect(run.statuses[0].leads[0].ledger.isBalanced)
    }

    @Test
    func `at the speed that is let in nothing is refused, however long, and above it all that is above`() {
        var even = StationRun(ingestSpeedMax: 20)
        send(0..<3_000, 19.9, to: &even)
        #expect(refused(even) == 0)
        var fast = StationRun(ingestSpeedMax: 20)
        send(0..<3_000, 40, to: &fast)
        #expect((1_350...1_450).contains(refused(fast)), "\(refused(fast))")
        #expect(fast.events(of: p1).facts(.flood).reduce(0) { $0 + $1.count } <= refused(fast))
    }

    @Test func `a flood of one stream leaves another as it is`() {
        func other(_ isFlooded: Bool) -> [Event] {
            var run = StationRun(ingestSpeedMax: 2)
            for second in 0..<30 {
                run.send(
                    chunk("p2", "d2", sequence: UInt64(second + 1), from: SampleIndex(250 * second)),
                    after: 1
                )
                if isFlooded { send(second * 50..<(second + 1) * 50, nil, to: &run) }
            }
            run.shutDown()
            return run.events(of: StreamIdentity(patient: "p2", device: "d2", epoch: 1))
        }
        #expect(other(true) == other(false))
    }

    @Test func `a thousand small chunks a second are let in and no more`() {
        var run = StationRun(ingestSpeedMax: 1_000)
        for number in 0..<3_001 {
            run.send(chunk(sequence: UInt64(number + 1), from: SampleIndex(number * 2), count: 2))
        }
        #expect(run.statuses[0].leads[0].ledger.refused == 2_000 * 2)
    }

    @Test func `without a limit nothing is refused`() {
        var run = StationRun()
        send(0..<1_000, nil, to: &run)
        #expect(refused(run) == 0)
    }
}
