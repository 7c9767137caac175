import ECGSignal
import Findings
import Pipeline
import Recordings
import Station
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Devices whose clocks wander, sent as a gateway does.
@Suite struct ClockTests {
    /// What a station made of a stream.
    private struct Outcome {
        let events: [Event]
        let clock: ClockFacts
        let ledger: Ledger
    }

    /// UTC of the plan's begin.
    private static let begin: UTCNanoseconds = 1_700_000_000_000_000_000

    /// Sends one lead of noise with that trouble; `change` may treat each chunk, `wall` is the wall clock's error then.
    private func sent(
        seconds: Int,
        hertz: Int64 = 250,
        _ trouble: Trouble.Options = Trouble.Options(),
        chunkMilliseconds: Int64 = 200,
        wall: (MonotonicNanoseconds) -> Int64 = { _ in 0 },
        change: (inout OutgoingChunk, MonotonicNanoseconds) -> Void = { _, _ in }
    ) throws -> Outcome {
        let rate = try #require(SampleRate(hertz))
        var options = ReplayOptions()
        options.chunkMilliseconds = chunkMilliseconds
        options.trouble = trouble
        let stream = RecordedStream.of([.ii], rate: rate, count: Int(hertz) * seconds)
        var plan = try ReplayPlan([stream], patients: ["p"], epochs: [1], options: options)
        var station = OfflineStation(model: NarrowModel.shared)
        var events: [Event] = []
        var nextTick: MonotonicNanoseconds = 1_000_000_000
        func moment(_ time: MonotonicNanoseconds) -> Arrival {
            Arrival(utc: Self.begin + time + wall(time), monotonic: time)
        }
        while let step = try plan.next() {
            while nextTick <= step.due {
                events += station.take(LoggedEntry(.tick(isQuiet: false), at: moment(nextTick)))
                nextTick += 1_000_000_000
            }
            var chunk = step.chunk
            chunk.isLast = false
            change(&chunk, step.due)
            let parts = try ChunkEncoder.frames(chunk)
            let content = LoggedEntry<JudgedMessage>.Content.frame(
                .success(try ChunkDecoder.decode(parts: parts)),
                endpoint: "g"
            )
            events += station.take(LoggedEntry(content, at: moment(step.due)))
        }
        let status = try #require(station.shard.statuses.first)
        return Outcome(events: events, clock: status.clock, ledger: status.leads[0].ledger)
    }

    @Test(arguments: seeds(20))
    func `P16 a clock off by up to 500 ppm is found within 30, labels within their bound, nothing else moves`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var trouble = Trouble.Options()
        trouble.driftPartsPerMillion = .random(in: -500...500, using: &generator)
        trouble.jitterMilliseconds = .random(in: 0...100, using: &generator)
        trouble.seed = seed
        let size = Int64.random(in: 50...250, using: &generator)
        let hasGatewayClock = Bool.random(using: &generator)
        let straight = try sent(seconds: 330, chunkMilliseconds: size)
        let bent = try sent(
            seconds: 330,
            trouble,
            chunkMilliseconds: size,
            change: { chunk, _ in
                if !hasGatewayClock { chunk.gatewayTime = nil }
            }
        )
        let windows = timeless(straight.events).diagnoses
        #expect(windows.count > 300)
        let isSame = timeless(bent.events).diagnoses == windows
        #expect(isSame, "sample indices and windows are those of a right clock, seed \(seed)")
        #expect(bent.ledger == straight.ledger && bent.ledger.late == 0)

        let drift = try #require(bent.clock.driftPartsPerMillion)
        #expect(abs(drift - trouble.driftPartsPerMillion) <= 30, "\(drift), seed \(seed)")
        #expect(bent.clock.isRateMismatched == false)
        let bound = try #require(bent.clock.offsetUncertaintyMilliseconds)
        #expect(bound < 100, "\(bound), seed \(seed)")
        let source = Trouble(trouble)
        for window in bent.events.diagnoses.suffix(30) {
            let due = (window.firstSample + Int64(Grid.windowSamples)) * 2_000_000
            let truth = Self.begin + source.drifted(due)
            #expect(abs(Double(window.end - truth) / 1e6) <= bound, "seed \(seed)")
        }
    }

    @Test func `what is declared as 130 Hz and comes at 128.4 is measured and said, and stays where it is`()
        throws
    {
        var trouble = Trouble.Options()
        trouble.driftPartsPerMillion = (128.4 / 130 - 1) * 1e6
        trouble.jitterMilliseconds = 40
        let outcome = try sent(seconds: 400, hertz: 130, trouble)
        let drift = try #require(outcome.clock.driftPartsPerMillion)
        #expect(abs(drift - trouble.driftPartsPerMillion) <= 30)
        #expect(outcome.clock.isRateMismatched == false)
        #expect(outcome.ledger.received == 400 * 130 && outcome.ledger.late == 0)
        #expect(outcome.events.facts(.rateMismatch).isEmpty)
    }

    @Test(arguments: [-500_000.0, -30_000, 30_000])
    func `P27 samples at another rate than declared are said once, and analysed by index`(
        drift: Double
    ) throws {
        var trouble = Trouble.Options()
        trouble.driftPartsPerMillion = drift
        let straight = try sent(seconds: 120)
        let outcome = try sent(seconds: 120, trouble)
        let said = outcome.events.facts(.rateMismatch)
        #expect(said.map(\.phase) == [.start] && said.map(\.priority) == [.medium])
        #expect(outcome.clock.isRateMismatched == true)
        #expect(outcome.clock.offsetUncertaintyMilliseconds == nil)
        let isSame = timeless(outcome.events).diagnoses == timeless(straight.events).diagnoses
        #expect(isSame)
    }

    @Test func `nothing is claimed of a clock before it was looked at`() throws {
        #expect(try sent(seconds: 45).clock == ClockFacts())
        let clock = try sent(seconds: 70).clock
        #expect(clock.isRateMismatched == false && clock.driftPartsPerMillion == 0)
    }

    @Test func `P16 a step of the wall clock moves no label of a stream that is open`() throws {
        let straight = try sent(seconds: 90)
        for step in [3_600, -3_600, 86_400, -1_700_000_000] as [Int64] {
            let stepped = try sent(seconds: 90, wall: { $0 > 30_000_000_000 ? step * 1_000_000_000 : 0 })
            let isSame = stepped.events.diagnoses == straight.events.diagnoses
            #expect(isSame, "\(step) s")
        }
    }

    @Test func `P27 a gateway's clock that is a minute off is counted and not believed`() throws {
        let straight = try sent(seconds: 120)
        let outcome = try sent(
            seconds: 120,
            change: { chunk, due in
                if due > 70_000_000_000, due < 90_000_000_000 {
                    chunk.gatewayTime = (chunk.gatewayTime ?? 0) - 61_000_000_000
                }
            }
        )
        #expect(outcome.events.facts(.clock).reduce(0) { $0 + $1.count } >= 99)
        #expect(outcome.events.facts(.clock).first?.phase == .start)
        #expect(outcome.clock == straight.clock)
        let isSame = outcome.events.diagnoses == straight.events.diagnoses
        #expect(isSame)
    }
}
