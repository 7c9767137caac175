import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport
import Testing

@testable import Station

/// What people ask for, as entries of the log.
@Suite struct CommandLaws {
    /// Twelve seconds in which nothing moves, so that asystole stands for `patient`.
    private func standstill(of patient: String, in run: inout StationRun) {
        for second in 0..<12 {
            let next = chunk(
                patient,
                "d-\(patient)",
                sequence: UInt64(second + 1),
                from: SampleIndex(second * 250),
                value: 0.25
            )
            run.send(next, after: 1)
        }
    }

    private func alarms(_ run: StationRun, of patient: String) -> [AlarmEvent] {
        run.events.compactMap { event in
            guard case .alarm(let alarm) = event.content, alarm.at.stream.patient == patient,
                alarm.alarm.statement == "asystole"
            else { return nil }
            return alarm
        }
    }

    @Test func `an alarm is acknowledged once, and the second learns who was first`() throws {
        var run = StationRun()
        standstill(of: "p1", in: &run)
        let start = try #require(alarms(run, of: "p1").first)
        #expect(start.phase == .start)
        let order = OperatorCommand.Order.acknowledge(start.alarm, soundings: 1)
        run.command(order, of: .patient("p1"), by: "anna")
        run.command(order, of: .patient("p1"), by: "ben")
        #expect(run.outcomes == [[.done], [.already(by: "anna")]])
        let newest = try #require(alarms(run, of: "p1").last)
        #expect(newest.signal == .acknowledged)
        #expect(newest.by == "anna")
    }

    @Test func `an alarm that never was is unknown, and leaves no trace`() {
        var run = StationRun()
        standstill(of: "p1", in: &run)
        let stream = StreamIdentity(patient: "p7", device: "d7", epoch: 7)
        let alarm = AlarmIdentity(stream: stream, statement: "asystole", onset: 0, ordinal: 1)
        let before = run.events.count
        run.command(.acknowledge(alarm, soundings: nil), of: .patient("p7"))
        run.command(.discharge, of: .patient("p7"))
        #expect(run.outcomes == [[.unknown], []])
        #expect(run.events.count == before)
    }

    @Test(arguments: [1, 2, 3]) func `a pause for all reaches every worker's patients`(shards: Int) {
        var run = StationRun(shards: 1)
        if shards > 1 { run = StationRun(shards: shards) }
        for patient in ["p1", "p2", "p3"] { standstill(of: patient, in: &run) }
        run.command(.pause(.audio, seconds: 60), of: .everyone)
        #expect(run.outcomes.last?.count == 3)
        for patient in ["p1", "p2", "p3"] {
            #expect(alarms(run, of: patient).last?.signal == .audioPaused)
        }
        run.command(.pause(.alarm, seconds: 60), of: .everyone)
        #expect(run.outcomes.last?.allSatisfy { if case .refused = $0 { true } else { false } } == true)
    }

    @Test func `P04 a log with commands gives the same events again`() throws {
        var entries: [LoggedEntry<JudgedMessage>] = []
        for second in 0..<40 {
            let time = Int64(second) * 1_000_000_000
            let arrival = Arrival(utc: time, monotonic: time)
            let moving = second >= 20
            let next = chunk(
                sequence: UInt64(second + 1),
                from: SampleIndex(second * 250),
                value: moving ? nil : 0.25
            )
            entries.append(LoggedEntry(.frame(.success(next), endpoint: "gateways"), at: arrival))
            let order: OperatorCommand.Order? =
                switch second {
                case 8: .pause(.audio, seconds: 10)
                case 12: .standby(true)
                case 15: .standby(false)
                case 30: .discharge
                default: nil
                }
            if let order {
                let command = OperatorCommand(order, target: .patient("p1"), by: "anna", ticket: 0)
                entries.append(LoggedEntry(.command(command), at: arrival))
            }
            entries.append(LoggedEntry(.tick(isQuiet: false), at: arrival))
        }
        func events() -> [Event] {
            var station = OfflineStation(model: NarrowModel.shared)
            return entries.flatMap { station.take($0) }
        }
        let first = events()
        #expect(first == events())
        #expect(
            first.contains {
                if case .alarm(let alarm) = $0.content { alarm.reason == .pauseOver } else { false }
            }
        )
        #expect(
            first.contains {
                if case .alarm(let alarm) = $0.content { alarm.reason == .discharged } else { false }
            }
        )
    }
}
