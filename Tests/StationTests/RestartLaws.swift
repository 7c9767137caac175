import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// Kills at any moment, again and again, also while the former run's log is gone through once more.
@Suite struct RestartLaws {
    /// Alarms and technical facts of streams, by their keys.
    private func facts(_ events: [Event]) -> [EventKey: [Event]] {
        let kept = events.filter { event in
            switch event.content {
            case .alarm, .technical: event.stream != nil
            case .diagnosis, .vitals: false
            }
        }
        return Dictionary(grouping: kept, by: \.key)
    }

    /// A log of two patients, and what their staff does in the course of it.
    private func log(_ record: String, using generator: inout SeededGenerator) throws -> [RestartWorld.Entry]
    {
        var chunks: [LeadChunk] = []
        for number in 1...2 {
            let stream = StreamIdentity(patient: "p\(number)", device: "d\(number)", epoch: 7)
            chunks += try CheckpointLaws.chunks(record, stream, milliseconds: 200 + 130 * Int64(number - 1))
        }
        let quiet = CheckpointRun.log(chunks)
        var world = RestartWorld(lags: generator)
        world.run(quiet, killedAfter: [])
        var orders: [(at: MonotonicNanoseconds, order: OperatorCommand.Order)] = [
            (20_100_000_003, .pause(.audio, seconds: 20)), (31_700_000_003, .standby(true)),
            (33_300_000_003, .standby(false)), (36_100_000_003, .limits(LimitOrder(.adult))),
        ]
        for case .alarm(let alarm) in world.told.map(\.content) where alarm.phase == .start {
            let at = quiet[0].arrival.monotonic + alarm.at.time - quiet[0].arrival.utc
            let later = MonotonicNanoseconds.random(in: 500_000_000...4_000_000_000, using: &generator)
            orders.append((at + later, .acknowledge(alarm.alarm, soundings: nil)))
        }
        let begin = quiet[0].arrival
        let commands = orders.map { at, order in
            RestartWorld.Entry(
                .command(OperatorCommand(order, target: .patient("p1"), by: "anna", ticket: 0)),
                at: Arrival(utc: begin.utc - begin.monotonic + at, monotonic: at)
            )
        }
        return (quiet + commands).sorted { $0.arrival.monotonic < $1.arrival.monotonic }
    }

    @Test(arguments: ["mitdb/207_1530", "mitdb/203_0030"], seeds(8))
    func `P13 P18 whatever is killed and however often, what is told and what stands is as if it never was`(
        record: String,
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let log = try log(record, using: &generator)
        var whole = RestartWorld(lags: generator)
        whole.run(log, killedAfter: [])
        // From the twentieth second on, every kill among the copies of the former log, or a few entries later.
        var kills = [log.firstIndex { $0.arrival.monotonic > 20_500_000_000 } ?? 0]
        kills += (0..<14).map { _ in Int.random(in: 1...120, using: &generator) }
        var world = RestartWorld(lags: generator)
        world.run(log, killedAfter: kills)
        #expect(world.killedOnTheWay > 0)
        for (number, (restored, kept)) in world.stood.enumerated() {
            #expect(restored == kept, "run \(number)")
        }
        let (wanted, told) = (facts(whole.told), facts(world.told))
        #expect(wanted.count > 10)
        for (key, events) in wanted {
            #expect(told[key] == events, "\(key)")
        }
        #expect(Set(told.keys).subtracting(wanted.keys).isEmpty)
        #expect(world.settings == whole.settings)
    }
}
