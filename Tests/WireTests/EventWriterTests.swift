import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Wire

/// Events are written straight into bytes; what they must read like is the sorted tree of their members.
@Suite struct EventWriterTests {
    private static let statements = Catalogue.shipped.statements

    private static func text(_ generator: inout SeededGenerator) -> String {
        let letters = Array("az09 _-\"\\/\n\t\r\u{8}\u{C}\u{0}\u{1F}\u{7F}µ心😀")
        return String(
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                letters.randomElement(using: &generator) ?? "a"
            }
        )
    }

    /// Mostly what a similarity or probability may be, sometimes what no finding ever is.
    private static func figure(_ generator: inout SeededGenerator) -> Double {
        switch Int.random(in: 0...9, using: &generator) {
        case 0:
            [0, -0.0, 1, -1, 0.00005, -0.00005, 0.5, .leastNonzeroMagnitude, 0.99995, 123_456_789.5, 1e22]
                .randomElement(using: &generator) ?? 0
        case 1: [.nan, .infinity, -.infinity].randomElement(using: &generator) ?? .nan
        default: .random(in: -1...1, using: &generator)
        }
    }

    private static func stream(_ generator: inout SeededGenerator) -> StreamIdentity {
        StreamIdentity(
            patient: text(&generator),
            device: text(&generator),
            epoch: UInt64.random(in: 0 ... .max, using: &generator)
                >> UInt64.random(in: 0...63, using: &generator)
        )
    }

    private static func time(_ generator: inout SeededGenerator) -> UTCNanoseconds {
        .random(in: .min ... .max, using: &generator)
    }

    static func diagnosis(_ generator: inout SeededGenerator) -> Event {
        let leads = Lead.standard.map { lead in
            LeadCoverage(
                lead: lead,
                samplesPresent: .random(in: 0...5_000, using: &generator),
                source: [.measured, .derived, .patch, .absent].randomElement(using: &generator) ?? .absent,
                reason: [nil, nil, .flat, .range, .off].randomElement(using: &generator) ?? nil
            )
        }
        let diagnosis = WindowDiagnosis(
            firstSample: .random(in: 0...1 << 50, using: &generator),
            joinedAt: Bool.random(using: &generator) ? 0 : .random(in: 1...1 << 50, using: &generator),
            leads: leads,
            top: statements.shuffled(using: &generator).prefix(.random(in: 0...10, using: &generator)).map {
                RankedStatement(
                    statement: $0,
                    similarity: figure(&generator),
                    probability: Bool.random(using: &generator) ? figure(&generator) : nil
                )
            },
            withheld: statements.filter { _ in Int.random(in: 0...9, using: &generator) == 0 }.map {
                WithheldStatement(statement: $0, reason: .leadsMissing)
            },
            windowWithheld: [nil, .coverage, .quality].randomElement(using: &generator) ?? nil,
            quality: SignalQuality.Grade.allCases.randomElement(using: &generator) ?? .good,
            revisions: Revisions(
                model: text(&generator),
                bank: text(&generator),
                catalogue: text(&generator)
            ),
            start: time(&generator),
            end: time(&generator)
        )
        return Event(.diagnosis(stream(&generator), diagnosis), time: diagnosis.end)
    }

    static func technical(_ generator: inout SeededGenerator) -> Event {
        let sender = Sender(patient: text(&generator), device: text(&generator))
        let subjects: [TechnicalEvent.Subject] = [
            .stream(stream(&generator)), .sender(sender, endpoint: text(&generator)),
            .endpoint(text(&generator)),
        ]
        let fact = TechnicalEvent(
            subject: subjects.randomElement(using: &generator) ?? subjects[0],
            code: TechnicalEvent.Code.allCases.randomElement(using: &generator) ?? .late,
            phase: [.start, .update, .end, .timePoint].randomElement(using: &generator) ?? .start,
            priority: [.info, .low, .medium, .high].randomElement(using: &generator) ?? .low,
            firstSample: Bool.random(using: &generator) ? nil : .random(in: .min ... .max, using: &generator),
            count: .random(in: 0...1 << 53, using: &generator),
            ordinal: .random(in: 1...1 << 53, using: &generator),
            detail: text(&generator)
        )
        return Event(.technical(fact), time: time(&generator))
    }

    @Test(arguments: seeds(300)) func `an event is written as its sorted tree, byte for byte`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // One writer for all: what was written before leaves nothing behind.
        var writer = EventWriter()
        for _ in 0..<4 {
            let event =
                Bool.random(using: &generator) ? Self.diagnosis(&generator) : Self.technical(&generator)
            let run = Bool.random(using: &generator) ? nil : Self.text(&generator)
            writer.writeCanonical(event, run: run)
            #expect(writer.bytes == EventTwin.canonical(event, run: run), "seed \(seed)")
            let envelope = EventWriter.Envelope(
                run: Self.text(&generator),
                topicSequence: UInt64.random(in: 0 ... .max, using: &generator)
                    >> UInt64.random(in: 0...63, using: &generator),
                latencyMilliseconds: Bool.random(using: &generator)
                    ? nil : .random(in: .min ... .max, using: &generator),
                ward: Self.text(&generator),
                source: Self.text(&generator)
            )
            writer.write(event, in: envelope)
            #expect(writer.bytes == EventTwin.envelope(event, envelope), "seed \(seed)")
            let record = Self.text(&generator)
            writer.writeData(of: event, record: record)
            let data = EventTwin.dataObject(event).with(["record": .string(record)])
            #expect(writer.bytes == JSONValue.object(data).canonical, "seed \(seed)")
            let key = EventTwin.keyArray(of: event.key, run: run)
            #expect(EventFormat.id(of: event.key, run: run) == EventFormat.id(ofKey: key))
        }
    }

    @Test(arguments: seeds(2_000)) func `a decimal is written as the number that it rounds to`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let value =
            Bool.random(using: &generator)
            ? Double(bitPattern: .random(in: 0 ... .max, using: &generator)) : Self.figure(&generator) * 1e3
        for places in 0...6 {
            var writer = CanonicalWriter()
            writer.decimal(value, places: places)
            #expect(writer.bytes == JSONValue.decimal(value, places: places).canonical, "seed \(seed)")
        }
    }

    @Test func `after warm-up writing an event takes no memory`() {
        var generator = SeededGenerator(seed: 1)
        let events = (0..<100).flatMap { _ in [Self.diagnosis(&generator), Self.technical(&generator)] }
            .filter { event in
                // A number beyond 15 digits takes memory; no similarity or probability is one.
                guard case .diagnosis(_, let diagnosis) = event.content else { return true }
                return diagnosis.top.allSatisfy { abs($0.similarity) <= 1 && abs($0.probability ?? 0) <= 1 }
            }
        var writer = EventWriter()
        func writeAll() {
            for event in events {
                writer.write(
                    event,
                    in: .init(run: "r", topicSequence: 1, latencyMilliseconds: 2, source: "/shinden/local")
                )
            }
        }
        writeAll()
        #expect(Allocations.of(writeAll) == Allocations())
    }
}
