import ECGSignal
import Findings
import Testing

@testable import Service

/// The alarms of two policies beside each other.
@Suite struct AlarmComparisonTests {
    private func alarm(
        _ statement: String,
        _ began: Int64,
        _ ended: Int64?,
        _ priority: AlarmEvent.Priority = .medium,
        patient: String = "p1",
        isSignalled: Bool = true
    ) -> AlarmComparison.Alarm {
        AlarmComparison.Alarm(
            sender: Sender(patient: patient, device: "d1"),
            statement: statement,
            priority: priority,
            isSignalled: isSignalled,
            began: began,
            ended: ended
        )
    }

    @Test func `the same alarms are kept, whatever their order among patients`() {
        let all = [
            alarm("pause", 5, 9), alarm("asystole", 6, nil, .high), alarm("pause", 6, 9, patient: "p2"),
        ]
        let comparison = AlarmComparison(all, [all[2], all[1], all[0]])
        #expect(comparison.changes == [.kept(all[0]), .kept(all[1]), .kept(all[2])])
    }

    @Test func `what overlaps is one alarm, and moved where anything differs`() {
        let one = alarm("tachycardia", 10, 30)
        for other in [
            alarm("tachycardia", 12, 30), alarm("tachycardia", 10, 33), alarm("tachycardia", 10, nil),
            alarm("tachycardia", 10, 30, .low), alarm("tachycardia", 10, 30, isSignalled: false),
            alarm("tachycardia", 30, 40),
        ] {
            #expect(AlarmComparison([one], [other]).changes == [.moved(one, to: other)])
        }
    }

    @Test func `what has no time in common is lost and gained, of another statement or patient too`() {
        let one = alarm("pause", 10, 20)
        for other in [
            alarm("pause", 21, 30), alarm("bradycardia", 10, 20), alarm("pause", 10, 20, patient: "p2"),
        ] {
            let changes = AlarmComparison([one], [other]).changes
            #expect(changes.count == 2 && changes.contains(.lost(one)) && changes.contains(.gained(other)))
        }
    }

    @Test func `one long alarm in place of three short ones keeps the first and loses the others`() {
        let short = [alarm("pause", 10, 12), alarm("pause", 20, 22), alarm("pause", 30, 32)]
        let long = alarm("pause", 10, 40)
        let merged = AlarmComparison(short, [long]).changes
        #expect(merged == [.moved(short[0], to: long), .lost(short[1]), .lost(short[2])])
        let split = AlarmComparison([long], short).changes
        #expect(split == [.moved(long, to: short[0]), .gained(short[1]), .gained(short[2])])
    }
}
