import ECGSignal
import Findings
import Testing

@testable import Wire

/// Alarms as events: the fast writer against the slow and obvious one, and what their ids rest on.
@Suite struct AlarmFormatTests {
    private let began = StreamIdentity(patient: "p0001", device: "strap-7", epoch: 1)
    private let now = StreamIdentity(patient: "p0001", device: "strap-7", epoch: 2)

    private func alarm(
        _ statement: String,
        phase: AlarmEvent.Phase = .start,
        ordinal: Int = 1,
        figure: Figure? = nil,
        leads: [Lead] = [],
        by: String? = nil
    ) -> Event {
        let event = AlarmEvent(
            alarm: AlarmIdentity(stream: began, statement: statement, onset: 20_350, ordinal: 1),
            kind: leads.isEmpty ? .physiological : .technical,
            phase: phase,
            ordinal: ordinal,
            state: .latched,
            priority: .high,
            signal: .acknowledged,
            reason: .analysisLost,
            onset: StreamMoment(stream: began, sample: 20_350, time: 1_767_323_045_678_999_999),
            at: StreamMoment(stream: now, sample: 100, time: 1_767_323_050_000_000_000),
            evidence: .both,
            figure: figure,
            leads: leads,
            by: by
        )
        return Event(.alarm(event), time: event.at.time)
    }

    @Test func `an alarm is written as its twin writes it, alone, in an envelope and in a record's line`()
        throws
    {
        let events = [
            alarm("asystole"), alarm("extreme_tachycardia", figure: Figure(142.5, .perMinute)),
            alarm("st_elevation", phase: .update, figure: Figure(0.20049, .millivolts), by: "ward \"3\""),
            alarm("electrode_off", phase: .end, ordinal: 7, leads: [.v1, .v6]),
            alarm("not_in_the_catalogue"),
        ]
        for event in events {
            #expect(EventFormat.canonical(event) == EventTwin.canonical(event))
            let around = EventWriter.Envelope(
                run: "03aa",
                topicSequence: 3,
                latencyMilliseconds: 41,
                source: "/shinden/node-a"
            )
            var writer = EventWriter()
            writer.write(event, in: around)
            #expect(writer.bytes == EventTwin.envelope(event, around))
            writer.writeData(of: event, record: "100")
            let data = EventTwin.dataObject(event).with(["record": .string("100")])
            #expect(writer.bytes == JSONValue.object(data).canonical)
        }
        #expect(EventFormat.topic(of: events[0]) == "ev1._.alarm.p0001.")
    }

    @Test func `an alarm keeps the id of its start, whatever comes of it`() throws {
        let start = alarm("asystole")
        let later = alarm("asystole", phase: .end, ordinal: 4)
        func member(_ name: String, _ event: Event) throws -> String {
            let object = try #require(try JSONValue(parsing: EventFormat.canonical(event)).object)
            return try #require(object[name]?.text ?? object["data"]?.object?[name]?.text)
        }
        #expect(try member("alarm_id", start) == member("id", start))
        #expect(try member("alarm_id", later) == member("id", start))
        #expect(try member("id", later) != member("id", start))
        #expect(try member("stream", later) == now.name)
    }
}
