public import ECGSignal
public import Findings

/// The frames of a chunk that is acknowledged, `["CHUNK", key, topic, LeadChunk, crc]`, before its body is read.
///
/// The key is the epoch and then seq, 8 bytes each, least significant first, so that a chunk whose body cannot be read
/// can still be answered. The check covers key, topic, a zero byte and body.
public struct AcknowledgedChunk: Sendable, Equatable {
    private static let word = Array("CHUNK".utf8)

    /// The frames as they came.
    public let parts: [[UInt8]]
    /// The stream's epoch, as the key has it.
    public let epoch: UInt64
    /// The chunk's number, as the key has it.
    public let number: UInt64

    /// Takes the frames apart; nil where they are not those of such a chunk.
    public init?(parts: [[UInt8]]) {
        guard parts.count == 5, parts[0] == AcknowledgedChunk.word, parts[1].count == 16 else { return nil }
        self.parts = parts
        epoch = AcknowledgedChunk.number(parts[1][..<8])
        number = AcknowledgedChunk.number(parts[1][8...])
    }

    /// The frames of the chunk with that topic and body.
    public init(epoch: UInt64, number: UInt64, topic: [UInt8], body: [UInt8]) {
        let key = AcknowledgedChunk.bytes(of: epoch) + AcknowledgedChunk.bytes(of: number)
        parts = [AcknowledgedChunk.word, key, topic, body, checkFrame(key: key, topic: topic, body: body)]
        self.epoch = epoch
        self.number = number
    }

    /// The sender that the topic names; nil where it is no topic.
    public var sender: Sender? {
        Topic(bytes: parts[2]).map { Sender(patient: $0.patient, device: $0.device) }
    }

    /// The stream that topic and key name; nil where the topic is none.
    public var stream: StreamIdentity? {
        sender.map { StreamIdentity(patient: $0.patient, device: $0.device, epoch: epoch) }
    }

    /// Whether the last frame is the check of the others.
    public var isIntact: Bool { parts[4] == checkFrame(key: parts[1], topic: parts[2], body: parts[3]) }

    /// The check as a number; 0 where it has not 4 bytes.
    public var check: UInt32 {
        parts[4].count == 4 ? parts[4].reversed().reduce(0) { $0 << 8 | UInt32($1) } : 0
    }

    /// The message as a gateway without acknowledgements would send it: topic and body.
    public var unacknowledged: [[UInt8]] { [parts[2], parts[3]] }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
