import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Presentation

/// Published events as lines.
@Suite struct EventPrinterTests {
    private func event(_ patient: String, leads: [String], _ top: [(String, Double)]) -> JSONObject {
        let ranking = top.map { id, probability in
            JSONValue.object([
                "id": .string(id), "en": .string(entry(id, 0).english), "ja": .string(entry(id, 0).japanese),
                "probability": .number(probability),
            ])
        }
        return [
            "type": .string("shinden.diagnosis.v1"), "subject": .string(patient), "time": .string("T"),
            "data": .object([
                "stream": .string("\(patient).d.1"), "leads_used": .array(leads.map { .string($0) }),
                "leads": .array(
                    leads.map {
                        .object(["lead": .string($0), "coverage": .number(1), "source": .string("measured")])
                    }
                ), "top": .array(ranking),
            ]),
        ]
    }

    @Test func `statements that this catalogue does not know are shown as the event has them`() {
        var printer = EventPrinter()
        #expect(
            printer.line(for: event("p1", leads: ["II"], [("new_one", 0.5)]))
                == "T  p1  1 of 12 leads (II), 8 % of a 12-lead ECG: new_one / new_one 50 %"
        )
    }

    @Test func `with changes a window is printed only where findings or leads differ`() {
        var printer = EventPrinter(onlyChanges: true)
        let calm = event("p1", leads: ["II"], [("sinus_rhythm", 0.9)])
        #expect(printer.line(for: calm) != nil)
        #expect(
            printer.line(for: event("p1", leads: ["II"], [("sinus_rhythm", 0.8), ("normal", 0.1)])) == nil
        )
        #expect(printer.line(for: event("p2", leads: ["II"], [("sinus_rhythm", 0.9)])) != nil)
        #expect(printer.line(for: event("p1", leads: ["I"], [("sinus_rhythm", 0.9)])) != nil)
        #expect(printer.line(for: event("p1", leads: ["I"], [("atrial_fibrillation", 0.9)])) != nil)
        #expect(printer.line(for: calm) != nil)
        let fact: JSONObject = [
            "type": .string("shinden.tech.v1"), "data": .object(["code": .string("LATE")]),
        ]
        #expect(printer.line(for: fact) != nil && printer.line(for: fact) != nil)
    }

    @Test func `the daemon's thresholds decide what is told`() {
        var printer = EventPrinter()
        printer.thresholds = ["sinus_rhythm": 0.95]
        let line = printer.line(for: event("p1", leads: ["II"], [("sinus_rhythm", 0.9)]))
        #expect(line?.hasSuffix(": no statement reaches its threshold") == true)
    }

    @Test func `the service's state is told in words`() {
        var printer = EventPrinter()
        let state: JSONObject = [
            "ready": .bool(true), "streams": .integer(3), "streams_max": .integer(10), "frames": .integer(7),
            "published": .integer(5), "uptime_seconds": .integer(61),
        ]
        let status: JSONObject = [
            "type": .string("shinden.status.v1"), "subject": .string("_"), "time": .string("T"),
            "data": .object(state),
        ]
        #expect(
            printer.line(for: status)
                == "T  _  status  ready, 3 of 10 streams, 7 frames received, 5 events published, up 61 s"
        )
    }

    @Test(arguments: seeds(200)) func `a window reads the same from the finding and from its event`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let statements = Catalogue.shipped.statements.shuffled(using: &generator)
        let diagnosis = WindowDiagnosis(
            firstSample: 0,
            joinedAt: 0,
            leads: Lead.standard.map {
                LeadCoverage(
                    lead: $0,
                    samplesPresent: .random(in: 4_000...5_000, using: &generator),
                    source: .measured
                )
            },
            top: statements.prefix(10).map {
                RankedStatement(
                    statement: $0,
                    similarity: 0.5,
                    probability: .random(in: 0...1, using: &generator)
                )
            },
            withheld: statements.suffix(.random(in: 0...3, using: &generator)).map {
                WithheldStatement(statement: $0, reason: .leadsMissing)
            },
            windowWithheld: Int.random(in: 0...9, using: &generator) == 0 ? .coverage : nil,
            quality: SignalQuality.Grade.allCases.randomElement(using: &generator) ?? .good,
            revisions: Revisions(model: "m", bank: "b", catalogue: "c"),
            start: 0,
            end: 10_000_000_000
        )
        let identity = StreamIdentity(patient: "p", device: "d", epoch: 1)
        let bytes = EventFormat.canonical(Event(.diagnosis(identity, diagnosis), time: 0))
        let data = try #require(JSONValue(parsing: bytes).object?["data"]?.object)
        let lines = FindingLines(count: 10)
        #expect(lines.text(of: .init(diagnosis)) == lines.text(of: .init(data)), "seed \(seed)")
    }
}
