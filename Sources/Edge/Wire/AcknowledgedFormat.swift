/// The messages of the path with acknowledgements: `[word, message]`, and `["CHUNK", key, topic, LeadChunk, crc]`.

public import ECGSignal
private import SwiftProtobuf
private import WireMessages

/// Reads and writes what gateways and the daemon say to each other beside the chunks; no bytes make it trap.
public enum AcknowledgedFormat {
    /// What a gateway says.
    public enum Message: Sendable, Equatable {
        /// What it has of a stream.
        case hello(StreamHello)
        /// What its store has.
        case held(HeldChunks)
        /// A chunk, of which only the frames have been looked at.
        case chunk(AcknowledgedChunk)
        /// A HELLO or HELD that is none; the epoch where it could be read, else 0, and the reason.
        case unreadable(epoch: UInt64, String)
        /// Nothing of the kind, so that nobody can be answered; the reason.
        case malformed(String)
    }

    private static let hello = Array("HELLO".utf8)
    private static let held = Array("HELD".utf8)
    private static let welcome = Array("WELCOME".utf8)
    private static let acknowledgement = Array("ACK".utf8)
    private static let rejection = Array("REFUSED".utf8)

    // MARK: what a gateway says

    /// Reads what came from a gateway, without the routing id.
    public static func message(of parts: [[UInt8]]) -> Message {
        if let chunk = AcknowledgedChunk(parts: parts) { return .chunk(chunk) }
        guard parts.count == 2, parts[0] == hello || parts[0] == held else {
            return .malformed(
                "\(parts.count) frames that are neither HELLO and HELD with a message each nor CHUNK with key, topic, "
                    + "LeadChunk and CRC"
            )
        }
        return parts[0] == hello ? readHello(parts[1]) : readHeld(parts[1])
    }

    private static func readHello(_ bytes: [UInt8]) -> Message {
        guard let words = try? Shinden_V1_Hello(serializedBytes: bytes) else {
            return .unreadable(epoch: 0, "no protobuf Hello")
        }
        func unreadable(_ reason: String) -> Message { .unreadable(epoch: words.epoch, reason) }
        guard words.schema == ChunkDecoder.schema else {
            return unreadable("schema \(words.schema); this program reads \(ChunkDecoder.schema)")
        }
        guard StreamIdentity.isValidID(words.patient), StreamIdentity.isValidID(words.device) else {
            return unreadable("patient or device is no id: 1 to 64 of A-Z a-z 0-9 _ -, not _ alone")
        }
        guard words.epoch != 0 else { return unreadable("epoch is 0; draw a random one") }
        guard areNumbers(words.oldestHeldSeq, words.nextSeq) else {
            return unreadable(
                "oldest_held_seq \(words.oldestHeldSeq), next_seq \(words.nextSeq): 1 <= oldest <= next"
            )
        }
        return .hello(
            StreamHello(
                gateway: String(words.gateway.prefix(64)),
                stream: StreamIdentity(patient: words.patient, device: words.device, epoch: words.epoch),
                oldestHeld: words.oldestHeldSeq,
                next: words.nextSeq,
                isClosed: words.closed
            )
        )
    }

    private static func readHeld(_ bytes: [UInt8]) -> Message {
        guard let words = try? Shinden_V1_Held(serializedBytes: bytes) else {
            return .unreadable(epoch: 0, "no protobuf Held")
        }
        guard areNumbers(words.oldestHeldSeq, words.nextSeq) else {
            return .unreadable(
                epoch: words.epoch,
                "oldest_held_seq \(words.oldestHeldSeq), next_seq \(words.nextSeq): 1 <= oldest <= next"
            )
        }
        return .held(HeldChunks(epoch: words.epoch, oldestHeld: words.oldestHeldSeq, next: words.nextSeq))
    }

    private static func areNumbers(_ oldest: UInt64, _ next: UInt64) -> Bool {
        oldest >= 1 && oldest <= next && next <= ReceivedNumbers.numberMax
    }

    /// Writes a HELLO.
    public static func frames(of words: StreamHello) -> [[UInt8]] {
        var message = Shinden_V1_Hello()
        message.schema = ChunkDecoder.schema
        message.gateway = words.gateway
        message.patient = words.stream.patient
        message.device = words.stream.device
        message.epoch = words.stream.epoch
        message.oldestHeldSeq = words.oldestHeld
        message.nextSeq = words.next
        message.closed = words.isClosed
        return [hello, bytes(of: message)]
    }

    /// Writes a HELD.
    public static func frames(of words: HeldChunks) -> [[UInt8]] {
        var message = Shinden_V1_Held()
        message.epoch = words.epoch
        message.oldestHeldSeq = words.oldestHeld
        message.nextSeq = words.next
        return [held, bytes(of: message)]
    }

    // MARK: what the daemon says

    /// Writes what the daemon says, without the routing id.
    public static func frames(of reply: GatewayReply) -> [[UInt8]] {
        switch reply {
        case .welcome(let words): [welcome, bytes(of: message(of: words))]
        case .acknowledgement(let words): [acknowledgement, bytes(of: message(of: words))]
        case .rejection(let words): [rejection, bytes(of: message(of: words))]
        }
    }

    private static func message(of words: StreamWelcome) -> Shinden_V1_Welcome {
        var message = Shinden_V1_Welcome()
        message.schema = ChunkDecoder.schema
        message.epoch = words.epoch
        message.resendFrom = words.resendFrom
        message.windowChunks = words.windowChunks
        message.windowBytes = words.windowBytes
        message.level = words.level == .power ? .ackPower : .ackProcess
        message.journal = words.journal
        return message
    }

    private static func message(of words: ChunkAcknowledgement) -> Shinden_V1_Ack {
        var message = Shinden_V1_Ack()
        message.epoch = words.epoch
        message.receivedThrough = words.receivedThrough
        message.durableThrough = words.durableThrough
        message.oldestHeldSeq = words.oldestHeld
        message.skipped = words.skipped.flatMap { [$0.lowerBound, $0.upperBound] }
        message.echoGatewayTimeNs = words.echo ?? 0
        message.holdNs = words.hold
        return message
    }

    private static func message(of words: ChunkRejection) -> Shinden_V1_Refusal {
        var message = Shinden_V1_Refusal()
        message.epoch = words.epoch
        message.seq = words.sequence
        message.code = words.code
        message.detail = String(decoding: words.detail.utf8.prefix(200), as: UTF8.self)
        message.permanent = words.retryMilliseconds == nil
        message.retryAfterMs = words.retryMilliseconds ?? 0
        return message
    }

    /// Reads what came from the daemon; nil where it is none of its words.
    public static func reply(of parts: [[UInt8]]) -> GatewayReply? {
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case welcome:
            return (try? Shinden_V1_Welcome(serializedBytes: parts[1])).map { .welcome(words(of: $0)) }
        case acknowledgement:
            return (try? Shinden_V1_Ack(serializedBytes: parts[1])).map { .acknowledgement(words(of: $0)) }
        case rejection:
            return (try? Shinden_V1_Refusal(serializedBytes: parts[1])).map { .rejection(words(of: $0)) }
        default: return nil
        }
    }

    private static func words(of message: Shinden_V1_Welcome) -> StreamWelcome {
        StreamWelcome(
            epoch: message.epoch,
            resendFrom: min(message.resendFrom, ReceivedNumbers.numberMax),
            windowChunks: message.windowChunks,
            windowBytes: message.windowBytes,
            level: message.level == .ackPower ? .power : .process,
            journal: message.journal
        )
    }

    private static func words(of message: Shinden_V1_Ack) -> ChunkAcknowledgement {
        var skipped: [ClosedRange<UInt64>] = []
        for place in stride(from: 0, to: message.skipped.count - 1, by: 2)
        where message.skipped[place] <= message.skipped[place + 1] {
            skipped.append(message.skipped[place]...message.skipped[place + 1])
        }
        return ChunkAcknowledgement(
            epoch: message.epoch,
            receivedThrough: min(message.receivedThrough, ReceivedNumbers.numberMax),
            durableThrough: min(message.durableThrough, ReceivedNumbers.numberMax),
            oldestHeld: message.oldestHeldSeq,
            skipped: skipped,
            echo: message.echoGatewayTimeNs == 0 ? nil : message.echoGatewayTimeNs,
            hold: message.holdNs
        )
    }

    private static func words(of message: Shinden_V1_Refusal) -> ChunkRejection {
        ChunkRejection(
            epoch: message.epoch,
            sequence: message.seq,
            code: message.code,
            detail: message.detail,
            retryMilliseconds: message.permanent ? nil : message.retryAfterMs
        )
    }

    /// Plain messages of numbers and checked texts can always be written.
    private static func bytes(of message: some SwiftProtobuf.Message) -> [UInt8] {
        let written: [UInt8]? = try? message.serializedBytes()
        return written ?? []
    }
}
