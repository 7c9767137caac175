/// The bytes of a frame log: everything that the daemon's decisions rest on, in the order in which it was decided on.
///
/// A log is the run of one daemon, cut into segments. Integers are little-endian. A segment is
///
///     16 bytes   the text "shinden framelog"
///      4         version of this format, 1
///      records   one after the other to the end of the file; the first of them is the header
///
/// and a record is
///
///      4 bytes   length L of the body, 17 to 134,217,728
///      4         CRC-32C of those four bytes
///      4         CRC-32C of the body
///      L         the body
///
/// The length has a check of its own, so that a flipped bit in it is not taken for a record that was torn off. A body is
///
///      1 byte    kind
///      8         monotonic clock, nanoseconds since the daemon began, signed
///      8         wall clock, nanoseconds since 1970 UTC, signed
///      rest      by kind:
///                0 header    canonical JSON (`FrameLogHeader`)
///                1 frame     endpoint, peer, 1 byte number of parts n (1 to 255), n times 4 bytes length and the part
///                2 frame of too many parts   endpoint, peer, 8 bytes number of parts
///                3 tick      1 byte, 1 where no message waited, else 0
///                4 command   an operator's command, canonical JSON (`CommandFormat`)
///                5 shutdown  nothing
///                6 policy    the policy file that is in force from here on, as its bytes
///                7 authorisation   the authorisation file that is in force from here on, as its bytes
///                8 memory    what of a patient outlived a restart, JSON (`PatientMemory`)
///                9 recovery  how the run goes on from the one before (`RecoveryStep`): 1 byte, then for
///                            0 begins: the ids of the events that are told no second time, each as endpoints are written
///                            1 restores: 4 bytes length and the base, then the newest checkpoint (`StreamState`)
///                            2 reached: patient and device as endpoints are written, 8 bytes epoch
///                            3 ends: nothing
///
/// Endpoint and peer are 1 byte length and so many bytes of UTF-8; the peer is the name of the key that the message was
/// sent with, and empty where the endpoint asks for none. Kinds from 10 on are for later versions: a reader refuses them
/// by number.
///
/// A record is valid where both checks hold and its body is exactly what its kind says. At the end of the newest segment
/// a record of which bytes are missing is a torn tail: whoever reads leaves it out and says so. Everything else that is
/// not valid is damage, reported with its place, and nothing after it is believed.

internal import ECGSignal
internal import Wire

/// Turns entries into records, and bodies of records into entries.
enum RecordFormat {
    /// What every segment begins with.
    static let magic = Array("shinden framelog".utf8)
    /// The version that this program writes and the newest that it reads.
    static let version: UInt32 = 1
    /// Bytes before the first record.
    static let prefixBytes = 20
    /// Bytes of a record before its body.
    static let headBytes = 12
    /// Bytes of a body before what its kind holds.
    private static let stampBytes = 17
    /// The least and most bytes of a body.
    ///
    /// Five parts of 256 KiB, the most that the transport lets in, are far below the most; a header with the receipts of
    /// `LoggedReceipts.streamsMax` streams, each with as many holes as there can be, needs about half of it.
    static let bodyBytes = 17...134_217_728

    enum Kind: UInt8 {
        case header = 0
        case frame = 1
        case tooManyParts = 2
        case tick = 3
        case command = 4
        case shutdown = 5
        case policy = 6
        case authorisation = 7
        case memory = 8
        case recovery = 9
    }

    /// What is wrong with a body.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// A body whose stamp has been read, and nothing else of it.
    struct Body {
        let kind: Kind
        let arrival: Arrival
        fileprivate let bytes: [UInt8]

        /// What the kind of this body holds, as bytes.
        var rest: ArraySlice<UInt8> { bytes[stampBytes...] }

        /// Whether this is the mark that a recovery has ended.
        var isRecoveryEnd: Bool { kind == .recovery && rest.first == 3 }
    }

    /// The bytes that a segment begins with.
    static var prefix: [UInt8] { magic + bytes(of: version) }

    // MARK: writing

    /// The record of an entry.
    static func record(of entry: LoggedEntry<RawMessage>) -> [UInt8] {
        var body: [UInt8]
        switch entry.content {
        case .frame(.parts(let parts), let endpoint, let peer):
            body = stamp(.frame, entry.arrival)
            body.reserveCapacity(body.count + endpoint.utf8.count + parts.reduce(8) { $0 + $1.count + 4 })
            append(endpoint, to: &body)
            append(peer, to: &body)
            body.append(UInt8(clamping: parts.count))
            for part in parts.prefix(255) {
                body += bytes(of: UInt32(part.count))
                body += part
            }
        case .frame(.tooManyParts(let count), let endpoint, let peer):
            body = stamp(.tooManyParts, entry.arrival)
            append(endpoint, to: &body)
            append(peer, to: &body)
            body += bytes(of: UInt64(clamping: count))
        case .tick(let isQuiet): body = stamp(.tick, entry.arrival) + [isQuiet ? 1 : 0]
        case .command(let command):
            body = stamp(.command, entry.arrival) + CommandFormat.bytes(of: command)
        case .policy(let bytes): body = stamp(.policy, entry.arrival) + bytes
        case .authorisation(let bytes): body = stamp(.authorisation, entry.arrival) + bytes
        case .memory(let bytes): body = stamp(.memory, entry.arrival) + bytes
        case .recovery(let step): body = stamp(.recovery, entry.arrival) + bytes(of: step)
        case .shutdown: body = stamp(.shutdown, entry.arrival)
        }
        return record(ofBody: body)
    }

    private static func bytes(of step: RecoveryStep) -> [UInt8] {
        switch step {
        case .begins(let told):
            var body: [UInt8] = [0]
            for id in told { append(id, to: &body) }
            return body
        case .restores(let base, let newest): return [1] + bytes(of: UInt32(base.count)) + base + newest
        case .reached(let stream):
            var body: [UInt8] = [2]
            append(stream.patient, to: &body)
            append(stream.device, to: &body)
            return body + bytes(of: stream.epoch)
        case .ends: return [3]
        }
    }

    /// The record of a segment's header.
    static func record(ofHeader header: FrameLogHeader) -> [UInt8] {
        record(ofBody: stamp(.header, header.arrival) + header.json.canonical)
    }

    private static func record(ofBody body: [UInt8]) -> [UInt8] {
        let length = bytes(of: UInt32(body.count))
        return length + bytes(of: Checksum.crc32c.value(of: length))
            + bytes(of: Checksum.crc32c.value(of: body)) + body
    }

    private static func stamp(_ kind: Kind, _ arrival: Arrival) -> [UInt8] {
        [kind.rawValue] + bytes(of: UInt64(bitPattern: arrival.monotonic))
            + bytes(of: UInt64(bitPattern: arrival.utc))
    }

    /// A text of more than 255 bytes is cut: endpoints are shorter, and the configuration refuses longer ones.
    private static func append(_ text: String, to body: inout [UInt8]) {
        let bytes = Array(text.utf8.prefix(255))
        body.append(UInt8(bytes.count))
        body += bytes
    }

    private static func bytes<Number: FixedWidthInteger>(of number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    // MARK: reading

    /// The length of the body and its check that the head of a record names; nil where the length's own check fails or
    /// no body is that long.
    static func bodyLength(ofHead head: [UInt8]) -> (length: Int, check: UInt32)? {
        var cursor = Cursor(head)
        guard let length: UInt32 = cursor.number(), let own: UInt32 = cursor.number(),
            let check: UInt32 = cursor.number(), Checksum.crc32c.value(ofFirst: 4, in: head) == own,
            bodyBytes.contains(Int(length))
        else { return nil }
        return (Int(length), check)
    }

    /// The body of a valid record, its stamp read.
    static func body(_ bytes: [UInt8]) throws(Fault) -> Body {
        var cursor = Cursor(bytes)
        guard let number: UInt8 = cursor.number(), let monotonic: UInt64 = cursor.number(),
            let utc: UInt64 = cursor.number()
        else { throw Fault(reason: "a body of \(bytes.count) bytes") }
        guard let kind = Kind(rawValue: number) else {
            throw Fault(reason: "kind \(number), which this program does not know; read it with a newer one")
        }
        let arrival = Arrival(utc: Int64(bitPattern: utc), monotonic: Int64(bitPattern: monotonic))
        return Body(kind: kind, arrival: arrival, bytes: bytes)
    }

    /// The entry that a body stands for.
    static func entry(of body: Body) throws(Fault) -> LoggedEntry<RawMessage> {
        var cursor = Cursor(body.bytes, at: stampBytes)
        guard let content = try entry(body.kind, &cursor), cursor.isAtEnd else {
            throw Fault(reason: "a body that its kind \(body.kind.rawValue) does not have")
        }
        return LoggedEntry(content, at: body.arrival)
    }

    /// What the cursor's record holds; nil where its bytes are not those of the kind.
    private static func entry(
        _ kind: Kind,
        _ cursor: inout Cursor
    ) throws(Fault) -> LoggedEntry<RawMessage>.Content? {
        switch kind {
        case .header: return nil
        case .frame:
            guard let endpoint = cursor.text(), let peer = cursor.text(), let count: UInt8 = cursor.number(),
                count > 0
            else { return nil }
            var parts: [[UInt8]] = []
            for _ in 0..<count {
                guard let length: UInt32 = cursor.number(), let part = cursor.take(Int(length)) else {
                    return nil
                }
                parts.append(part)
            }
            return .frame(.parts(parts), endpoint: endpoint, peer: peer)
        case .tooManyParts:
            guard let endpoint = cursor.text(), let peer = cursor.text(), let count: UInt64 = cursor.number()
            else { return nil }
            return .frame(.tooManyParts(Int(clamping: count)), endpoint: endpoint, peer: peer)
        case .tick:
            guard let flag: UInt8 = cursor.number(), flag <= 1 else { return nil }
            return .tick(isQuiet: flag == 1)
        case .command:
            do throws(CommandFormat.Malformed) {
                return .command(try CommandFormat.command(parsing: cursor.rest()))
            } catch { throw Fault(reason: "a command that this program does not know: \(error)") }
        case .policy: return .policy(cursor.rest())
        case .authorisation: return .authorisation(cursor.rest())
        case .memory: return .memory(cursor.rest())
        case .recovery: return cursor.recoveryStep().map { .recovery($0) }
        case .shutdown: return .shutdown
        }
    }
}

/// Reads numbers and texts one after the other; nil where the bytes are over.
private struct Cursor {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func rest() -> [UInt8] { take(bytes.count - position) ?? [] }

    mutating func number<Number: FixedWidthInteger>() -> Number? {
        let count = Number.bitWidth / 8
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        return (0..<count).reversed().reduce(0) { $0 << 8 | Number(bytes[position + $1]) }
    }

    mutating func recoveryStep() -> RecoveryStep? {
        guard let step: UInt8 = number() else { return nil }
        switch step {
        case 0:
            var told: [String] = []
            while !isAtEnd {
                guard let id = text() else { return nil }
                told.append(id)
            }
            return .begins(told: told)
        case 1:
            guard let length: UInt32 = number(), let base = take(Int(length)) else { return nil }
            return .restores(base: base, newest: rest())
        case 2:
            guard let patient = text(), let device = text(), StreamIdentity.isValidID(patient),
                StreamIdentity.isValidID(device), let epoch: UInt64 = number()
            else { return nil }
            return .reached(StreamIdentity(patient: patient, device: device, epoch: epoch))
        case 3: return .ends
        default: return nil
        }
    }

    mutating func text() -> String? {
        guard let length: UInt8 = number(), let taken = take(Int(length)) else { return nil }
        return String(validating: taken, as: UTF8.self)
    }
}
