import ECGSignal
import Findings
import Testing
import Wire

@testable import Presentation

/// Steps of alarms as lines for people.
@Suite struct AlarmLineTests {
    private let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    private func step(
        _ phase: AlarmEvent.Phase,
        _ reason: AlarmEvent.Reason,
        _ state: AlarmEvent.State = .active,
        figure: Figure? = nil
    ) -> AlarmEvent {
        AlarmEvent(
            alarm: AlarmIdentity(stream: stream, statement: "extreme_tachycardia", onset: 4_000, ordinal: 1),
            kind: .physiological,
            phase: phase,
            ordinal: 1,
            state: state,
            priority: .high,
            signal: .on,
            reason: reason,
            onset: StreamMoment(stream: stream, sample: 4_000, time: 8_000_000_000),
            at: StreamMoment(stream: stream, sample: 6_120, time: 12_240_000_000),
            evidence: .rule,
            figure: figure,
            leads: [],
            by: nil
        )
    }

    @Test func `a line names priority, statement in both languages, since when, and the figure`() {
        let line = AlarmForPeople.line(of: "203", step(.start, .began, figure: Figure(152.4, .perMinute)))
        #expect(line.hasPrefix("203  12.2 s  HIGH Extreme Tachycardia / "))
        #expect(line.hasSuffix(", since 8.0 s, 152/min"))
        #expect(AlarmForPeople.line(of: "203", step(.end, .over, .inactive)).contains(", over, since 8.0 s"))
        #expect(
            AlarmForPeople.line(of: "203", step(.update, .over, .latched))
                .contains(", over, stays until it is acknowledged, since ")
        )
    }

    @Test func `the daemon's event gives the words of the step itself, with times in UTC`() throws {
        for phase in AlarmEvent.Phase.allCases {
            for reason in AlarmEvent.Reason.allCases {
                let step = step(phase, reason, figure: Figure(0.5, .millivolts))
                var writer = EventWriter()
                writer.writeCanonical(Event(.alarm(step), time: step.at.time))
                let object = try #require(try JSONValue(parsing: writer.bytes).object)
                let data = try #require(object["data"]?.object)
                #expect(AlarmForPeople(data).text == AlarmForPeople(step).text)
                var printer = EventPrinter()
                let printed = printer.line(for: object)
                let line = try #require(printed)
                #expect(line == "1970-01-01T00:00:12.240Z  p1  \(AlarmForPeople(step).text)")
                #expect(line.contains("since 1970-01-01T00:00:08.000Z, 0.5mV"))
            }
        }
    }
}
