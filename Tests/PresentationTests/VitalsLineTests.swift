import ECGSignal
import Findings
import Testing
import Wire

@testable import Presentation

@Suite struct VitalsLineTests {
    private func text(_ data: JSONObject) -> String { VitalsForPeople(data).text }

    @Test func `a second with a rate, and one without`() {
        #expect(
            text([
                "beats": .integer(12), "heart_rate": .number(72.4), "rr": .integer(829),
                "ectopic_per_min": .integer(3),
            ])
                == "HR 72/min of 12 beats, RR 829 ms, 3 ectopic/min"
        )
        let why: JSONObject = ["heart_rate": .string("no_beats"), "rr": .string("no_beats")]
        #expect(text(["heart_rate": .null, "rr": .null, "why": .object(why)]) == "HR -- (no beats)")
    }

    @Test func `intervals stand behind the rate, or why there are none`() {
        let rate: [(String, JSONValue)] = [
            ("beats", .integer(12)), ("heart_rate", .number(72)), ("rr", .integer(833)),
        ]
        let known: [(String, JSONValue)] = [
            ("st", .object(["II": .number(0.05), "V5": .number(-0.1), "aVL": .null])),
            ("pr", .null), ("qrs", .integer(92)), ("qt", .integer(390)), ("qtc_bazett", .integer(427)),
            ("qtc_fridericia", .integer(415)), ("interval_beats", .integer(8)),
            ("why", .object(["pr": .string("atrial_fibrillation")])),
        ]
        #expect(
            text(JSONObject(rate + known))
                == "HR 72/min of 12 beats, RR 833 ms, PR -- (atrial fibrillation), QRS 92, QT 390, QTcB 427, "
                + "QTcF 415 ms of 8 beats, ST -0.10 mV in V5, the furthest"
        )
        let unknown: [(String, JSONValue)] = [
            ("pr", .null), ("qrs", .null), ("qt", .null), ("why", .object(["qrs": .string("few_beats")])),
        ]
        #expect(
            text(JSONObject(rate + unknown))
                == "HR 72/min of 12 beats, RR 833 ms, intervals -- (few usual beats)"
        )
    }

    @Test(arguments: VitalSigns.Reason.allCases) func `every reason has its words`(reason: VitalSigns.Reason)
    {
        let line = text(["why": .object(["heart_rate": .string(reason.rawValue)])])
        #expect(line != "HR -- (unknown)" && !line.contains("_"))
    }

    @Test func `figures that no daemon sends are no figures`() {
        #expect(text(["heart_rate": .number(1e300), "beats": .string("x")]) == "HR -- (unknown)")
    }
}
