import ECGSignal
import Findings
import FoundationEssentials
import SwiftProtobuf
import TestSupport
import Testing
import WireMessages

@testable import Wire

/// A valid message with one thing wrong.
private func message(_ change: (inout Shinden_V1_LeadChunk) -> Void = { _ in }) -> Shinden_V1_LeadChunk {
    var message = Shinden_V1_LeadChunk()
    message.schema = 1
    message.patient = "p1"
    message.device = "d1"
    message.epoch = 9
    message.seq = 4
    message.firstSample = 1_000
    message.sampleCount = 4
    message.rateNum = 250
    message.rateDen = 1
    message.nvPerLsb = 1_000
    message.encoding = .int16Le
    for lead in [Shinden_V1_Lead.i, .ii] {
        var samples = Shinden_V1_LeadSamples()
        samples.lead = lead
        samples.data = Data([1, 0, 2, 0, 3, 0, 255, 255])
        message.leads.append(samples)
    }
    change(&message)
    return message
}

private let topic = Array("ecg1.3f.p1.d1.".utf8)

private func refusal(of parts: [[UInt8]]) -> Refusal? {
    do throws(Refusal) {
        _ = try ChunkDecoder.decode(parts: parts)
        return nil
    } catch { return error }
}

private func refusal(of message: Shinden_V1_LeadChunk) throws -> Refusal? {
    refusal(of: [topic, try message.serializedBytes()])
}

@Suite struct RefusalTests {
    typealias Change = @Sendable (inout Shinden_V1_LeadChunk) -> Void

    @Test func `the message that the cases change is taken`() throws {
        #expect(try refusal(of: message()) == nil)
        #expect(Topic(patient: "p1", device: "d1")?.text == String(decoding: topic, as: UTF8.self))
    }

    @Test(arguments: [
        "ecg1.3f.p1.d1", "ecg1.3F.p1.d1.", "ecg1.3e.p1.d1.", "ecg2.6c.p1.d1.", "ecg1.3f.p1.d1..",
        "ecg1.3f.p1.",
        "ecg1.3f.p/1.d1.", "ecg1.3f..d1.", "ecg1.3f.p1..", "", "ecg1.3f.p1.\u{E9}.", "ecg1.3f.p1.d1.x",
        "ecg1.29._.d1.", "ecg1.3f.p1._.", "ecg1.3f.p1.\(String(repeating: "d", count: 65)).",
    ]) func `TOPIC: any other form`(text: String) throws {
        #expect(refusal(of: [Array(text.utf8), try message().serializedBytes()])?.code == .topic)
    }

    @Test(
        arguments: [
            ("ecg1.00.p1.d1.", "PP in the topic is 00 where this patient's is 3f", true),
            ("ecg1.3F.p1.d1.", "PP in the topic is 3F", true),
            ("ecg1..p1.d1.", "PP in the topic is  where", true),
            ("ecg1.\u{1B}.p1.d1.", "PP in the topic is something else", true),
            ("ecg1.3f.p1.d1", "has not the form", false), ("ecg1.3f.p1.", "has not the form", false),
            ("ecg1.3f.p 1.d1.", "the patient in the topic is no id", false),
            ("ecg1.3f.p1..", "the device in the topic is no id", false),
        ] as [(String, String, Bool)]
    )
    func `TOPIC says which part is wrong, and to whom where ids can be read`(
        text: String,
        words: String,
        isNamed: Bool
    ) throws {
        let refusal = refusal(of: [Array(text.utf8), try message().serializedBytes()])
        #expect(refusal?.code == .topic)
        #expect(refusal?.detail.contains(words) == true, "\(refusal?.detail ?? "none")")
        #expect(refusal?.sender == (isNamed ? Sender(patient: "p1", device: "d1") : nil))
    }

    @Test func `FRAMES: one or four of them`() throws {
        let body: [UInt8] = try message().serializedBytes()
        for parts in [[], [topic], [topic, body, [0, 0, 0, 0], []]] {
            #expect(refusal(of: parts)?.code == .frames)
        }
    }

    @Test func `CRC: another value, another length, another order`() throws {
        let body: [UInt8] = try message().serializedBytes()
        let right = checkFrame(topic: topic, body: body)
        #expect(refusal(of: [topic, body, right]) == nil)
        for wrong in [[], Array(right.reversed()), right + [0], right.map { $0 ^ 1 }, Array(right.prefix(3))]
        {
            #expect(refusal(of: [topic, body, wrong])?.code == .checksum)
        }
    }

    @Test func `DECODE: truncated, trailing bytes, text that is not UTF-8`() throws {
        let body: [UInt8] = try message().serializedBytes()
        #expect(refusal(of: [topic, Array(body.dropLast())])?.code == .decode)
        #expect(refusal(of: [topic, body + [0]])?.code == .decode)
        #expect(refusal(of: [topic, body + [0x12, 1, 0xFF]])?.code == .decode)
        // Field 2 as a varint is an unknown field: then no patient is named.
        var other = message()
        other.patient = ""
        #expect(refusal(of: [topic, try other.serializedBytes() + [0x10, 1]])?.code == .mismatch)
    }

    @Test(arguments: [0, 2, UInt32.max]) func `SCHEMA: none or a newer one`(schema: UInt32) throws {
        #expect(try refusal(of: message { $0.schema = schema })?.code == .schema)
    }

    @Test(arguments: [("p2", "d1"), ("p1", "d2"), ("", "d1"), ("p1", "D1"), ("p1/", "d1")])
    func `MISMATCH: topic and body differ`(patient: String, device: String) throws {
        let refused = try refusal(
            of: message {
                $0.patient = patient
                $0.device = device
            }
        )
        #expect(refused?.code == .mismatch)
        #expect(refused?.stream == nil)
    }

    @Test func `MISMATCH: a letter that only looks the same`() throws {
        let named = try #require(Topic(patient: "K", device: "d1"))
        let body: [UInt8] = try message { $0.patient = "\u{212A}" }.serializedBytes()
        #expect(refusal(of: [Array(named.text.utf8), body])?.code == .mismatch)
    }

    static let range: [Change] = [
        { $0.rateNum = 0 }, { $0.rateNum = 99 }, { $0.rateNum = 2_001 }, { $0.rateDen = 0 },
        { $0.rateDen = 1_001 }, { $0.rateNum = UInt32.max },
        { $0.nvPerLsb = 0 }, { $0.nvPerLsb = -1 }, { $0.nvPerLsb = 1e6.nextUp }, { $0.nvPerLsb = -0.0 },
        { $0.sampleCount = 0 }, { $0.sampleCount = 251 }, { $0.sampleCount = UInt32.max },
        { $0.firstSample = 1 << 48 - 3 }, { $0.firstSample = UInt64.max }, { $0.epoch = 0 }, { $0.seq = 0 },
        { $0.track = 8 }, { $0.trackOffsetNs = 1 }, { $0.trackOffsetNs = Int64.min },
        { $0.leads[1].contact = .UNRECOGNIZED(4) }, { $0.deviceClock = .UNRECOGNIZED(3) },
        { $0.batteryPercent = 101 }, { $0.acquisition.model = String(repeating: "x", count: 65) },
        { $0.acquisition.firmware = String(repeating: "\u{5FC3}", count: 22) },
        {
            $0.nvPerLsb = 1e6
            $0.leads[0].data = Data([0x11, 0x27, 0, 0, 0, 0, 0, 0])
        },
        {
            $0.nvPerLsb = 1e6
            $0.leads[1].data = Data([0, 0, 0xEF, 0xD8, 0, 0, 0, 0])
        },
    ]
    @Test(arguments: range.indices) func `RANGE: a number beyond its limit`(index: Int) throws {
        #expect(try refusal(of: message(RefusalTests.range[index]))?.code == .range)
    }

    static let atLimit: [Change] = [
        { $0.rateNum = 100 }, { $0.rateNum = 2_000 },
        {
            $0.rateNum = 2_000_000
            $0.rateDen = 1_000
        },
        { $0.nvPerLsb = 1e6 }, { $0.nvPerLsb = 0x1p-1000 }, { $0.firstSample = 1 << 48 - 4 },
        { $0.track = 7 },
        { $0.batteryPercent = 100 }, { $0.batteryPercent = 0 },
        { $0.acquisition.model = String(repeating: "x", count: 64) }, { $0.leads[0].contact = .off },
        {
            $0.nvPerLsb = 1e6
            $0.leads[0].data = Data([0x10, 0x27, 0, 0, 0, 0, 0, 0])
        },
        {
            $0.nvPerLsb = 1e6
            $0.leads[0].data = Data([0x11, 0x27, 0, 0, 0, 0, 0, 0])
            $0.leads[0].invalid = [0, 1]
        },
        {
            $0.sampleCount = 250
            $0.leads.removeLast()
            $0.leads[0].data = Data(count: 500)
        },
        { $0.leads[0].invalid = [0, 1, 2, 2] }, { $0.leads[0].pacerSpikes = [0, 1, 3] },
        { $0.rssiDbm = Int32.min }, { $0.deviceTimeNs = Int64.min }, { $0.gatewayTimeNs = Int64.min },
        {
            $0.encoding = .float32Le
            $0.leads.removeLast()
            $0.leads[0].data = Data([0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0xFF] + [UInt8](repeating: 0, count: 8))
            $0.leads[0].invalid = [0, 2]
        },
        {
            $0.encoding = .deltaZigzagVarint
            $0.leads.removeLast()
            $0.leads[0].data = Data([2, 0x80, 1, 1, 0])
        },
    ]
    @Test(arguments: atLimit.indices) func `what stands at a limit is taken`(index: Int) throws {
        #expect(try refusal(of: message(RefusalTests.atLimit[index])) == nil)
    }

    static let leads: [Change] = [
        { $0.leads = [] }, { $0.leads[1].lead = .i },
        { $0.leads += Array(repeating: $0.leads[0], count: 15) },
        {
            $0.leads[0].lead = .UNRECOGNIZED(900)
            $0.leads[1].lead = .UNRECOGNIZED(900)
        },
    ]
    @Test(arguments: leads.indices) func `LEADS: none, seventeen, one twice`(index: Int) throws {
        #expect(try refusal(of: message(RefusalTests.leads[index]))?.code == .leads)
    }

    static let length: [Change] = [
        { $0.leads[1].data.removeLast() }, { $0.leads[1].data.append(0) }, { $0.leads[0].data = Data() },
        { $0.encoding = .int32Le }, { $0.encoding = .float32Le }, { $0.sampleCount = 5 },
        { $0.leads[0].invalid = [0] }, { $0.leads[0].invalid = [0, 1, 1, 1] },
        { $0.leads[0].invalid = [2, 1, 0, 1] },
        { $0.leads[0].invalid = [0, 0] }, { $0.leads[0].invalid = [0, 5] }, { $0.leads[0].invalid = [4, 1] },
        { $0.leads[1].saturated = [0, 2, 1, 1] }, { $0.leads[1].saturated = [UInt32.max, UInt32.max] },
        { $0.leads[1].pacerSpikes = [4] }, { $0.leads[1].pacerSpikes = [1, 1] },
        { $0.leads[1].pacerSpikes = [2, 1] },
        delta([2, 0x80, 0, 1, 0]), delta([2, 2, 2]), delta([2, 2, 2, 2, 2]), delta([2, 2, 2, 0x82]),
        delta([0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 2, 0, 0]), delta([0xFE, 0xFF, 0xFF, 0xFF, 0x1F, 0, 0, 0]),
        delta([0x80, 0x80, 0x80, 0x80, 0x80, 1, 0, 0, 0]), delta([]),
    ]
    private static func delta(_ bytes: [UInt8]) -> Change {
        { message in
            message.encoding = .deltaZigzagVarint
            message.leads.removeLast()
            message.leads[0].data = Data(bytes)
        }
    }
    @Test(arguments: length.indices) func `LENGTH: data and pairs that do not hold what they claim`(
        index: Int
    ) throws {
        #expect(try refusal(of: message(RefusalTests.length[index]))?.code == .length)
    }

    static let nonFinite: [Change] = [
        { $0.nvPerLsb = .nan }, { $0.nvPerLsb = .infinity }, { $0.acquisition.highPassHz = .nan },
        { $0.acquisition.lowPassHz = .infinity }, { $0.acquisition.notchHz = -.infinity },
        {
            $0.encoding = .float32Le
            $0.leads.removeLast()
            $0.leads[0].data = Data([0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0xFF] + [UInt8](repeating: 0, count: 8))
            $0.leads[0].invalid = [0, 1]
            $0.leads[0].saturated = [1, 1]
        },
    ]
    @Test(arguments: nonFinite.indices) func `NON_FINITE: a number that is none`(index: Int) throws {
        #expect(try refusal(of: message(RefusalTests.nonFinite[index]))?.code == .nonFinite)
    }

    @Test(arguments: [0, 5, 1_000]) func `ENUM: an unknown encoding refuses the chunk`(number: Int) throws {
        let encoding = try #require(Shinden_V1_Encoding(rawValue: number))
        #expect(try refusal(of: message { $0.encoding = encoding })?.code == .unknownEnum)
    }

    @Test(arguments: [0, 65, 1_003]) func `ENUM: an unknown lead is left out and counted`(number: Int) throws
    {
        let lead = try #require(Shinden_V1_Lead(rawValue: number))
        let body: [UInt8] = try message { $0.leads[0].lead = lead }.serializedBytes()
        let chunk = try ChunkDecoder.decode(parts: [topic, body])
        #expect(chunk.leads.map(\.lead) == [.ii])
        #expect(chunk.unknownLeadCount == 1)
    }

    @Test func `the first row of the table speaks`() throws {
        // Each step adds an earlier row's fault to all later ones.
        let steps: [(TechnicalEvent.Code, Change)] = [
            (
                .unknownEnum,
                {
                    $0.leads[0].lead = .i
                    $0.encoding = .UNRECOGNIZED(7)
                }
            ),
            (.nonFinite, { $0.acquisition.notchHz = .nan }), (.length, { $0.leads[1].invalid = [0] }),
            (.leads, { $0.leads[1].lead = .i }), (.range, { $0.track = 9 }),
            (.mismatch, { $0.device = "d2" }),
            (.schema, { $0.schema = 0 }),
        ]
        var broken = message()
        for (code, change) in steps {
            change(&broken)
            #expect(try refusal(of: broken)?.code == code)
        }
        let body: [UInt8] = try broken.serializedBytes()
        #expect(refusal(of: [topic, body + [0]])?.code == .decode)
        #expect(refusal(of: [topic, body + [0], []])?.code == .checksum)
        #expect(refusal(of: [[], body + [0], []])?.code == .topic)
        #expect(refusal(of: [[], body + [0], [], []])?.code == .frames)
        // A sample too large in one lead speaks before the missing data of another.
        let large = message {
            $0.nvPerLsb = 1e6
            $0.leads[0].data = Data()
            $0.leads[1].data = Data([0, 0x80, 0, 0, 0, 0, 0, 0])
        }
        #expect(try refusal(of: large)?.code == .range)
    }

    @Test func `a refusal says what could be read, within bounds`() throws {
        let refused = try #require(try refusal(of: message { $0.leads[1].data = Data() }))
        #expect(refused.stream == StreamIdentity(patient: "p1", device: "d1", epoch: 9))
        #expect(refused.firstSample == 2_000)
        #expect(refused.leads == [.i, .ii])
        #expect(refused.sampleCount == 4)
        let vague = try #require(
            try refusal(
                of: message {
                    $0.rateNum = 5
                    $0.sampleCount = UInt32.max
                    $0.leads[0].lead = .unspecified
                }
            )
        )
        #expect(vague.firstSample == nil)
        #expect(vague.leads == [.ii])
        #expect(vague.sampleCount == 2_000)
        #expect(try refusal(of: message { $0.firstSample = UInt64.max })?.firstSample == nil)
        #expect(try refusal(of: message { $0.epoch = 0 })?.stream == nil)
        #expect(try refusal(of: message { $0.leads = [] })?.stream == nil)
    }

    @Test func `a refusal names the sender as soon as the topic can be read`() throws {
        let body: [UInt8] = try message().serializedBytes()
        let sender = Sender(patient: "p1", device: "d1")
        let broken = try message { $0.patient = "p2" }.serializedBytes() as [UInt8]
        for parts in [[topic], [topic, body, [1]], [topic, [1]], [topic, broken], [topic, body, [], []]] {
            #expect(refusal(of: parts)?.sender == sender)
        }
        #expect(try refusal(of: message { $0.rateNum = 1 })?.sender == sender)
        #expect(try refusal(of: message { $0.rateNum = 1 })?.sequence == 4)
        #expect(refusal(of: [[], body])?.sender == nil && refusal(of: [])?.sender == nil)
    }

    @Test func `samples that are saturated, invalid or off the skin are missing`() throws {
        let body: [UInt8] = try message {
            $0.leads[0].saturated = [1, 1]
            $0.leads[0].invalid = [3, 1]
            $0.leads[1].contact = .off
        }.serializedBytes()
        let chunk = try ChunkDecoder.decode(parts: [topic, body])
        #expect(chunk.leads[0].millivolts.map(\.isNaN) == [false, true, false, true])
        #expect(chunk.leads[0].millivolts[2] == 0.003)
        #expect(chunk.leads[1].millivolts.map(\.isNaN) == [true, true, true, true])
        #expect(chunk.leads.map(\.facts.contact) == [.unknown, .off])
        #expect(chunk.leads.map(\.facts.saturated) == [[1..<2], []])
    }

    @Test func `every lead has the number that IEEE 11073 and gateway.proto give it`() throws {
        let text = try String(contentsOfFile: Repository.root + "/Protocols/gateway.proto", encoding: .utf8)
        let body = try #require(
            text.firstRange(of: "enum Lead {").map { text[$0.upperBound...].prefix { $0 != "}" } }
        )
        var numbers: [String: Int] = [:]
        for entry in body.split(separator: ";") {
            let sides = entry.split(separator: "=").map { $0.filter { !$0.isWhitespace } }
            if sides.count == 2 { numbers[sides[0].uppercased()] = Int(sides[1]) }
        }
        // MDC_ECG_LEAD_* less 131072 (IEEE 11073-10101), as SCP-ECG (EN 1064) has them as well.
        let standard = [
            "I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "V7": 9, "V2R": 10,
            "V3R": 11,
            "V4R": 12, "III": 61, "AVR": 62, "AVL": 63, "AVF": 64, "V8": 66, "V9": 67,
        ]
        for (name, number) in standard { #expect(numbers[name] == number, "\(name) in gateway.proto") }
        #expect(numbers.count == Lead.allCases.count + 1, "each of them and LEAD_UNSPECIFIED")
        for lead in Lead.allCases {
            let name = lead.name.uppercased().replacing(" ", with: "_").replacing("-", with: "_")
            #expect(lead.wire.rawValue == numbers[name], "\(lead.name)")
            #expect(Lead(wire: lead.wire) == lead)
        }
        for encoding in SampleEncoding.allCases { #expect(SampleEncoding(name: encoding.name) == encoding) }
        #expect(SampleEncoding(name: "int8") == nil)
    }
}
