import Digest
import ECGSignal
import Findings
import Testing

@testable import Wire

private let stream = StreamIdentity(patient: "p0001", device: "strap-7", epoch: 0x0123_4567_89AB_CDEF)
private let revisions = Revisions(
    model: "00112233aabbccdd",
    bank: "8899aabbccddeeff",
    catalogue: "0f1e2d3c4b5a6978"
)
private let statements = Catalogue.shipped.statements

private func coverage(
    _ given: [Lead: (Int, LeadCoverage.Source)],
    dead: [Lead: LeadCoverage.Reason] = [:]
) -> [LeadCoverage] {
    Lead.standard.map { lead in
        LeadCoverage(
            lead: lead,
            samplesPresent: given[lead]?.0 ?? 0,
            source: given[lead]?.1 ?? .absent,
            reason: dead[lead]
        )
    }
}

/// 2026-01-02T03:04:05.678Z and 999,999 ns, which the text cuts off.
private let end: UTCNanoseconds = 1_767_323_045_678_999_999

private let diagnosis = WindowDiagnosis(
    firstSample: 5_120,
    joinedAt: 0,
    leads: coverage([
        .i: (5_000, .measured), .ii: (4_501, .measured), .iii: (4_501, .derived), .v1: (4_499, .measured),
    ]),
    top: [
        RankedStatement(statement: statements[0], similarity: 0.28125, probability: 0.90625),
        RankedStatement(statement: statements[1], similarity: -0.00005, probability: 0.00003),
        RankedStatement(statement: statements[2], similarity: -0.5, probability: nil),
    ],
    withheld: [WithheldStatement(statement: statements[2], reason: .leadsMissing)],
    fittedLeads: "II",
    windowWithheld: nil,
    quality: .good,
    revisions: revisions,
    start: end - 10_000_000_000,
    end: end
)

private let withheldDiagnosis = WindowDiagnosis(
    firstSample: 10_240,
    joinedAt: 10_007,
    leads: coverage([:]),
    top: [],
    withheld: [],
    windowWithheld: .coverage,
    quality: .unanalysable,
    revisions: revisions,
    start: 20_480_000_000,
    end: 30_480_000_000
)

private let deadDiagnosis = WindowDiagnosis(
    firstSample: 15_360,
    joinedAt: 0,
    leads: coverage(
        [.i: (5_000, .measured), .ii: (5_000, .measured), .v1: (5_000, .measured), .v2: (0, .measured)],
        dead: [.i: .flat, .ii: .range, .v1: .flat, .v2: .off]
    ),
    top: [],
    withheld: [],
    windowWithheld: .quality,
    quality: .limited,
    revisions: revisions,
    start: 30_720_000_000,
    end: 40_720_000_000
)

private let patchDiagnosis = WindowDiagnosis(
    firstSample: 20_480,
    joinedAt: 0,
    leads: coverage([.i: (5_000, .patch)]),
    top: [RankedStatement(statement: statements[0], similarity: 0.28125, probability: 0.90625)],
    withheld: [WithheldStatement(statement: statements[2], reason: .leadsMissing)],
    fittedLeads: "I",
    windowWithheld: nil,
    quality: .good,
    revisions: revisions,
    start: 40_960_000_000,
    end: 50_960_000_000
)

private let endpointEvent = TechnicalEvent(
    subject: .endpoint("tcp://127.0.0.1:7201"),
    code: .decode,
    phase: .update,
    priority: .low,
    firstSample: nil,
    count: 17,
    ordinal: 2,
    detail: "truncated \"frame\"\n心電"
)

private let diagnosesAndFacts = [
    Event(.diagnosis(stream, diagnosis), time: diagnosis.end),
    Event(.diagnosis(stream, withheldDiagnosis), time: withheldDiagnosis.end),
    Event(
        .technical(
            TechnicalEvent(
                subject: .stream(stream),
                code: .range,
                phase: .start,
                priority: .low,
                firstSample: 5_120,
                count: 1,
                ordinal: 1,
                detail: "rate is 0/1 Hz"
            )
        ),
        time: -1
    ),
    Event(.technical(endpointEvent), time: end),
    Event(.diagnosis(stream, deadDiagnosis), time: deadDiagnosis.end),
    Event(.diagnosis(stream, patchDiagnosis), time: patchDiagnosis.end),
]

private let events = diagnosesAndFacts + vitalExamples(of: stream, endingAt: end)

@Suite struct EventFormatTests {
    @Test func `canonical events are the golden lines, byte for byte`() throws {
        // Made by Protocols/examples/make.py with Python's json, decimal and hashlib.
        let lines = try Examples.bytes("events.jsonl").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == events.count)
        for (event, line) in zip(events, lines) {
            #expect(
                String(decoding: EventFormat.canonical(event, run: "0a1b2c3d4e5f6071"), as: UTF8.self)
                    == String(decoding: line, as: UTF8.self)
            )
        }
    }

    @Test func `the worked key has its id`() throws {
        let worked = try #require(try Examples.json("worked-key.json").object)
        let key = try #require(worked["key"])
        #expect(EventTwin.keyArray(of: events[0].key) == key)
        #expect(worked["canonical"]?.text == key.canonicalText)
        #expect(worked["id"]?.text == EventFormat.id(of: events[0].key))
    }

    @Test func `the envelope adds what is volatile and changes nothing`() throws {
        let source = "/shinden/node-a"
        let bytes = envelope(
            events[0],
            run: "03aa",
            topicSequence: 17,
            latencyMilliseconds: 41,
            source: source
        )
        let published = try #require(try JSONValue(parsing: bytes).object)
        let canonical = try #require(try JSONValue(parsing: EventFormat.canonical(events[0])).object)
        let added: JSONObject = [
            "datacontenttype": .string("application/json"), "durable": .bool(false),
            "latencyms": .integer(41),
            "run": .string("03aa"), "source": .string(source), "specversion": .string("1.0"),
            "topicsequence": .string("0000000000000017"), "ward": .string("_"),
        ]
        #expect(published == canonical.with(added))
        let late = envelope(
            events[3],
            run: "03aa",
            topicSequence: .max,
            latencyMilliseconds: nil,
            ward: "3",
            source: source
        )
        let other = try #require(try JSONValue(parsing: late).object)
        #expect(other["latencyms"] == nil)
        #expect(other["topicsequence"]?.text == "18446744073709551615")
        #expect(other["ward"]?.text == "3")
    }

    @Test func `topics name ward, kind and patient and end in a dot`() {
        #expect(EventFormat.topic(of: events[0]) == "ev1._.diagnosis.p0001.")
        #expect(EventFormat.topic(of: events[2], ward: "3") == "ev1.3.tech.p0001.")
        #expect(EventFormat.topic(of: events[3]) == "ev1._.tech._.")
    }

    @Test func `what a sender is told stands under its patient, with an id of its own`() throws {
        func event(_ sender: Sender?, at endpoint: String = "tcp://a") -> Event {
            let subject = sender.map { TechnicalEvent.Subject.sender($0, endpoint: endpoint) }
            let fact = TechnicalEvent(
                subject: subject ?? .endpoint(endpoint),
                code: .decode,
                phase: .start,
                priority: .low,
                firstSample: nil,
                count: 1,
                ordinal: 1,
                detail: "no LeadChunk"
            )
            return Event(.technical(fact), time: end)
        }
        let told = event(Sender(patient: "p1", device: "d1"))
        #expect(EventFormat.topic(of: told) == "ev1._.tech.p1.")
        let object = try #require(try JSONValue(parsing: EventFormat.canonical(told)).object)
        let data = try #require(object["data"]?.object)
        #expect(object["subject"]?.text == "p1")
        #expect(data["patient"]?.text == "p1" && data["device"]?.text == "d1" && data["stream"] == .null)
        #expect(data["endpoint"]?.text == "tcp://a")
        let others = [
            event(nil), event(Sender(patient: "p1", device: "d2")),
            event(Sender(patient: "p2", device: "d1")),
            event(Sender(patient: "p1", device: "d1"), at: "tcp://b"),
        ]
        #expect(Set(([told] + others).map { EventFormat.id(of: $0.key) }).count == 5)
    }

    @Test func `another key is another id, another result is not`() {
        var keys = [EventFormat.id(of: events[0].key)]
        for (first, joined) in [(5_120, 1), (5_632, 0)] as [(GridIndex, GridIndex)] {
            keys.append(
                EventFormat.id(
                    of: .diagnosis(
                        stream: stream,
                        firstSample: first,
                        revisions: revisions,
                        joinedAt: joined
                    )
                )
            )
        }
        let sender = Sender(patient: "p", device: "d")
        for subject in [TechnicalEvent.Subject.endpoint("a"), .sender(sender, endpoint: "a")] {
            for ordinal in 1...3 {
                let key = EventKey.technical(
                    subject: subject,
                    code: .frames,
                    firstSample: nil,
                    phase: .start,
                    ordinal: ordinal
                )
                // What is counted anew in each run has other ids in each.
                keys += [nil, "1", "2"].map { EventFormat.id(of: key, run: $0) }
            }
        }
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.utf8.count == 32 })
        let other = WindowDiagnosis(
            firstSample: 5_120,
            joinedAt: 0,
            leads: diagnosis.leads,
            top: [],
            withheld: [],
            windowWithheld: nil,
            quality: .good,
            revisions: revisions,
            start: 0,
            end: 0
        )
        #expect(EventFormat.id(of: Event(.diagnosis(stream, other), time: 0).key) == keys[0])
        // What is named by the samples of a stream has the same id in each run.
        let ofStream = EventKey.technical(
            subject: .stream(stream),
            code: .streamGap,
            firstSample: 5_000,
            phase: .timePoint,
            ordinal: 1
        )
        for key in [Event(.diagnosis(stream, other), time: 0).key, ofStream] {
            #expect(EventFormat.id(of: key, run: "1") == EventFormat.id(of: key))
        }
    }

    @Test func `the largest diagnosis there can be fits into 16 KiB`() {
        // Longest ids, the ten longest statements on top, all others of the catalogue withheld.
        let long = String(repeating: "x", count: 64)
        let byLength = statements.sorted {
            $0.english.utf8.count + $0.japanese.utf8.count > $1.english.utf8.count + $1.japanese.utf8.count
        }
        let largest = WindowDiagnosis(
            firstSample: (1 << 48) * 5,
            joinedAt: 1,
            leads: coverage([:]).map {
                LeadCoverage(lead: $0.lead, samplesPresent: 4_501, source: .measured)
            },
            top: byLength.prefix(10).map {
                RankedStatement(statement: $0, similarity: -0.1234, probability: 0.1234)
            },
            withheld: byLength.dropFirst(10).map { WithheldStatement(statement: $0, reason: .leadsMissing) },
            windowWithheld: nil,
            quality: .good,
            revisions: revisions,
            start: end,
            end: end
        )
        let event = Event(
            .diagnosis(StreamIdentity(patient: long, device: long, epoch: .max), largest),
            time: end
        )
        let bytes = envelope(
            event,
            run: long,
            topicSequence: .max,
            latencyMilliseconds: .max,
            ward: long,
            source: "/shinden/\(long)"
        )
        #expect(bytes.count <= EventFormat.bytesMax, "\(bytes.count) bytes")
    }
}

@Suite struct ServiceEventFormatTests {
    private func pages(_ heads: [(String, UInt64)]) -> [[UInt8]] {
        ServiceEventFormat.heartbeatPages(
            run: "03aa",
            counter: 7,
            heads: heads,
            source: "/shinden/node-a",
            time: end
        )
    }

    @Test(arguments: [0, 1, 60, 5_000]) func `every head stands on exactly one page of at most 12 KiB`(
        count: Int
    ) throws {
        let long = String(repeating: "x", count: 60)
        let heads = (0..<count).map {
            (Topic.event(kind: .vitals, patient: "\(long)\($0)"), UInt64($0) << 30)
        }
        let pages = try pages(heads).map { page in
            #expect(page.count <= 12_288)
            return try #require(try JSONValue(parsing: page).object)
        }
        var found: [String: Int64] = [:]
        for (index, page) in pages.enumerated() {
            let data = try #require(page["data"]?.object)
            #expect(data["page"]?.whole == Int64(index + 1))
            #expect(data["pages"]?.whole == Int64(pages.count))
            #expect(page["topicsequence"]?.text == padded(7 + index, 16))
            for member in try #require(data["heads"]?.object).members {
                #expect(found.updateValue(try #require(member.value.whole), forKey: member.name) == nil)
            }
        }
        #expect(found == Dictionary(uniqueKeysWithValues: heads.map { ($0.0, Int64($0.1)) }))
        #expect(Set(pages.compactMap { $0["id"]?.text }).count == pages.count)
        #expect(count < 60 ? pages.count == 1 : pages.count <= count / 60 + 1)
    }

    @Test func `a heartbeat's id is the hash of kind, run and counter`() throws {
        let page = try #require(try JSONValue(parsing: pages([])[0]).object)
        #expect(page["id"]?.text == String(SHA256.hex(Array(#"["heartbeat","03aa",7]"#.utf8)).prefix(32)))
        #expect(page["type"]?.text == "shinden.heartbeat.v1")
        #expect(page["durable"] == .bool(false))
        #expect(page["sequence"] == nil && page["epoch"] == nil)
    }
}

@Suite struct WordTests {
    // Python: datetime.fromtimestamp(0, UTC) + timedelta(...).
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (999_999, "1970-01-01T00:00:00.000Z"),
            (1_767_323_045_678_999_999, "2026-01-02T03:04:05.678Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000_000_000, "2000-03-01T00:00:00.000Z"),
            (4_107_542_399_999_000_000, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
            (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000Z"),
            (.min, "1677-09-21T00:12:43.145Z"), (.max, "2262-04-11T23:47:16.854Z"),
        ] as [(Int64, String)]
    ) func `times are RFC 3339 with milliseconds cut off`(time: Int64, text: String) {
        #expect(timestamp(time) == text)
    }

    @Test func `the checks are those of their standards`() {
        let digits = Array("123456789".utf8)
        #expect(Checksum.crc32.value(of: digits) == 0xCBF4_3926)
        #expect(Checksum.crc32c.value(of: digits) == 0xE306_9283)
        // RFC 3720, B.4.
        #expect(Checksum.crc32c.value(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(Checksum.crc32c.value(of: (0..<32).map { UInt8($0) }) == 0x46DD_794E)
        for cut in 0...9 {
            let parts = (Array(digits.prefix(cut)), Array(digits.dropFirst(cut)))
            #expect(Checksum.crc32c.value(of: parts.0, parts.1) == 0xE306_9283)
        }
    }

    @Test func `a topic is read back as written`() {
        for patient in ["p1", "_x", "A-z_0", String(repeating: "p", count: 64)] {
            let topic = Topic(patient: patient, device: "d")
            #expect(topic != nil && topic == topic.flatMap { Topic(bytes: Array($0.text.utf8)) })
        }
        #expect(Topic(patient: "_", device: "d") == nil)
        #expect(Topic(patient: "p", device: "a.b") == nil)
    }
}
