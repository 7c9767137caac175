import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

/// What a recording's events become on the way out: a sequence in order, a table.
@Suite struct RecordingOutputTests {
    private let stream = StreamIdentity(patient: "p", device: "file", epoch: 3)
    private let revisions = Revisions(model: "m", bank: "b", catalogue: "c")

    private func diagnosis(
        _ firstSample: GridIndex,
        top: [RankedStatement] = [],
        withheld: WindowDiagnosis.WindowWithheld? = nil
    ) -> WindowDiagnosis {
        WindowDiagnosis(
            firstSample: firstSample,
            joinedAt: 0,
            leads: Lead.standard.map {
                LeadCoverage(lead: $0, samplesPresent: $0 == .ii || $0 == .v1 ? 4_750 : 0, source: .measured)
            },
            top: top,
            withheld: [],
            windowWithheld: withheld,
            quality: .good,
            revisions: revisions,
            start: 0,
            end: 0
        )
    }

    private func fact(_ sample: GridIndex, _ ordinal: Int) -> Event {
        Event(
            .technical(
                TechnicalEvent(
                    subject: .stream(stream),
                    code: .range,
                    phase: .start,
                    priority: .low,
                    firstSample: sample,
                    count: 1,
                    ordinal: ordinal,
                    detail: ""
                )
            ),
            time: 0
        )
    }

    @Test(arguments: seeds(20)) func `events in order as they come are all events in order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var events: [Event] = []
        for second in 0..<Int64.random(in: 1...300, using: &generator) {
            events.append(Event(.diagnosis(stream, diagnosis(second * 500)), time: 0))
            // A fact may be said up to half a minute after the sample it speaks of.
            if Bool.random(using: &generator) {
                events.append(
                    fact(max(0, second - Int64.random(in: 0...30, using: &generator)) * 500, Int(second))
                )
            }
        }
        var sequence = CanonicalSequence()
        var found: [String] = []
        var most = 0
        var at = 0
        while at < events.count {
            let next = min(events.count, at + Int.random(in: 0...5, using: &generator))
            found += sequence.take(Array(events[at..<next]))
            most = max(most, next - found.count)
            at = next
        }
        found += sequence.finish()
        #expect(found == EventFormat.inCanonicalOrder(events), "seed \(seed)")
        // Two a second for a minute, and what has just come.
        #expect(most <= 2 * 61 + 5, "seed \(seed)")
    }

    @Test func `a table has a row for each statement, and one for a window without any`() {
        let statements = Catalogue.shipped.statements.prefix(2)
        let ranked = statements.map {
            RankedStatement(statement: $0, similarity: 0.28125, probability: 0.00003)
        }
        let rows = DiagnosisTable.rows(of: "a,\"b\"", diagnosis(512, top: ranked))
        #expect(rows.count == 2)
        let head = "\"a,\"\"b\"\"\",1.024,11.024,II V1,0.95,,"
        #expect(rows[0].hasPrefix(head + "1,\(statements[0].id),"))
        #expect(
            rows[1].hasPrefix(head + "2,\(statements[1].id),")
                && rows[1].hasSuffix(",0.2812,0,good,measured measured")
        )
        #expect(
            DiagnosisTable.rows(of: "x", diagnosis(0, withheld: .coverage)) == [
                "x,0,10,II V1,0.95,coverage,,,,,,,good,measured measured"
            ]
        )
        #expect(DiagnosisTable.header.split(separator: ",").count == 14)
    }
}
