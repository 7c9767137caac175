import ECGSignal
import Foundation
import SwiftProtobuf
import TestSupport
import Testing
import Wire
import WireMessages

/// What a broken or hostile gateway sends: rows of the protocol's table of refusals.
enum BadInput: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case wrongFrameCount = "wrong frame count"
    case unknownVersion = "unknown version"
    case topicAndBodyDiffer = "topic and body name different patients"
    case truncated = "truncated protobuf"
    case corrupt = "corrupt protobuf"
    case impossibleRate = "impossible rate"
    case zeroLeads = "zero leads"
    case notFinite = "NaN and infinity"
    case countsDisagree = "counts that disagree"
    case slashInTopic = "slash in the topic's patient"
    case slashInBody = "slash in the body's patient"
    case strangersClaim = "another patient on the good stream's device and epoch"

    var testDescription: String { rawValue }

    /// The word that the daemon says of it.
    var code: String {
        switch self {
        case .wrongFrameCount: "FRAMES"
        case .unknownVersion: "SCHEMA"
        case .topicAndBodyDiffer, .slashInBody: "MISMATCH"
        case .truncated, .corrupt: "DECODE"
        case .impossibleRate: "RANGE"
        case .zeroLeads: "LEADS"
        case .notFinite: "NON_FINITE"
        case .countsDisagree: "LENGTH"
        case .slashInTopic: "TOPIC"
        case .strangersClaim: "PATIENT_CHANGED"
        }
    }

    /// The patients whom the daemon tells of it: the topic's, `_` where no topic can be read.
    var subjects: Set<String> {
        switch self {
        // Beyond five frames nothing is read, not even the topic.
        case .wrongFrameCount: ["bad", "_"]
        case .slashInTopic: ["_"]
        default: ["bad"]
        }
    }

    /// Messages of this kind, each of them refused.
    func messages() throws -> [[[UInt8]]] {
        let topic = Array(Topic(patient: "bad", device: "d")?.text.utf8 ?? "".utf8)
        let body: [UInt8] = try chunk().serializedBytes()
        switch self {
        case .wrongFrameCount:
            return [1, 4, 5, 6, 9, 300].map { [topic] + Array(repeating: body, count: $0 - 1) }
        case .unknownVersion: return try bodies(topic, [{ $0.schema = 0 }, { $0.schema = 2 }])
        case .topicAndBodyDiffer:
            return try bodies(topic, [{ $0.patient = "good" }, { $0.patient = "" }, { $0.device = "e" }])
        case .truncated:
            return [1, 6, body.count / 2, body.count - 1].map { [topic, Array(body.prefix($0))] }
        case .corrupt:
            return [[topic, [255] + body], [topic, body + [0x12, 1, 0xFF]], [topic, body + [7]]]
        case .impossibleRate:
            return try bodies(
                topic,
                [
                    { $0.rateNum = 0 }, { $0.rateDen = 0 }, { $0.rateNum = 99 }, { $0.rateNum = 2_001 },
                    { $0.rateNum = .max },
                ]
            )
        case .zeroLeads: return try bodies(topic, [{ $0.leads = [] }])
        case .notFinite:
            let bad: [Float] = [.nan, .infinity, -.infinity]
            return try bodies(
                topic,
                bad.map { value in { $0.setReals([0, value, 0, 0]) } } + [{ $0.nvPerLsb = .nan }]
            )
        case .countsDisagree:
            return try bodies(
                topic,
                [
                    { $0.sampleCount = 3 }, { $0.sampleCount = 5 }, { $0.leads[1].data.removeLast() },
                    { $0.leads[0].data = Data() }, { $0.leads[0].invalid = [0] },
                    { $0.leads[0].invalid = [3, 2] },
                ]
            )
        case .slashInTopic:
            return [
                [Array("ecg1.00.b/d.d.".utf8), try chunk { $0.patient = "b/d" }.serializedBytes()],
                [Array("ecg1.00.../../etc.d.".utf8), body],
            ]
        case .slashInBody: return try bodies(topic, [{ $0.patient = "b/d" }, { $0.patient = "bad/" }])
        case .strangersClaim:
            return try bodies(
                Array(Topic(patient: "bad", device: "monitor")?.text.utf8 ?? "".utf8),
                [
                    {
                        $0.device = BadInput.good.device
                        $0.epoch = BadInput.good.epoch
                    }
                ]
            )
        }
    }

    /// The stream that must not be hurt.
    static let good = StreamIdentity(patient: "good", device: "monitor", epoch: 0xC0FFEE)

    private func bodies(
        _ topic: [UInt8],
        _ changes: [(inout Shinden_V1_LeadChunk) -> Void]
    ) throws -> [[[UInt8]]] {
        try changes.map { [topic, try chunk($0).serializedBytes()] }
    }

    /// A chunk that would be taken, with one thing changed.
    private func chunk(_ change: (inout Shinden_V1_LeadChunk) -> Void = { _ in }) -> Shinden_V1_LeadChunk {
        var chunk = Shinden_V1_LeadChunk()
        chunk.schema = 1
        chunk.patient = "bad"
        chunk.device = "d"
        chunk.epoch = 9
        chunk.seq = 1
        chunk.sampleCount = 4
        chunk.rateNum = 500
        chunk.rateDen = 1
        chunk.nvPerLsb = 1_000
        chunk.encoding = .int16Le
        for lead in [Shinden_V1_Lead.i, .ii] {
            var samples = Shinden_V1_LeadSamples()
            samples.lead = lead
            samples.data = Data([1, 0, 2, 0, 3, 0, 4, 0])
            chunk.leads.append(samples)
        }
        change(&chunk)
        return chunk
    }
}

extension Shinden_V1_LeadChunk {
    fileprivate mutating func setReals(_ values: [Float]) {
        encoding = .float32Le
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
        }
        for index in leads.indices { leads[index].data = Data(bytes) }
    }
}
