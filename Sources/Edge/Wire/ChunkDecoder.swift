/// Data messages, from frames to values: every check that concerns one message alone, in the order of the table of
/// refusals (Protocols/README.md). Where several rows apply, the first of them is the refusal.

public import ECGSignal
public import Findings
private import SwiftProtobuf
private import WireMessages

/// Reads data messages; no bytes make it trap.
///
/// What it makes of a message is a function of the message alone, so a log of raw messages gives the same judgements
/// again. What it keeps from one message to the next is memory only.
public struct ChunkDecoder: Sendable {
    /// The newest schema this program reads.
    public static let schema: UInt32 = 1

    /// The most leads that one chunk may have.
    public static let leadsMax = 16

    /// The most samples that a lead of one chunk may have.
    public static let samplesMax = 2_000

    /// The largest index at which a chunk may end.
    public static let sampleIndexMax: UInt64 = 1 << 48

    private var reader = SampleReader()

    /// A decoder that has no memory yet.
    public init() {}

    /// Reads one message as it arrived: its chunk, or why it is refused.
    public mutating func judge(_ message: RawMessage) -> JudgedMessage {
        switch message {
        case .parts(let parts):
            do throws(Refusal) { return .success(try decode(parts: parts)) } catch { return .failure(error) }
        case .tooManyParts(let count):
            return .failure(Refusal(.frames, "\(count) frames; a data message has 2 or 3"))
        }
    }

    /// Reads the chunk of a message's frames, `[topic, LeadChunk]`, `[topic, LeadChunk, crc]`, or those of an
    /// `AcknowledgedChunk`.
    ///
    /// The transport has bounded the sizes of `parts`. In the chunk missing samples are NaN, and leads
    /// of an unknown kind are left out and counted.
    public mutating func decode(parts: [[UInt8]]) throws(Refusal) -> LeadChunk {
        if let framed = AcknowledgedChunk(parts: parts) { return try decode(framed) }
        let topic = parts.first.flatMap { Topic(bytes: $0) }
        do throws(Refusal) { return try decode(parts, of: topic) } catch {
            guard let topic else { throw error }
            throw error.sent(by: Sender(patient: topic.patient, device: topic.device))
        }
    }

    private mutating func decode(_ framed: AcknowledgedChunk) throws(Refusal) -> LeadChunk {
        guard framed.isIntact else {
            throw Refusal(
                .checksum,
                "the last frame is not the CRC-32C of key, topic, zero byte and LeadChunk"
            )
        }
        let chunk = try decode(parts: framed.unacknowledged)
        guard chunk.stream.epoch == framed.epoch, chunk.sequence == framed.number else {
            let refusal = Refusal(
                .mismatch,
                "key and LeadChunk differ in epoch or seq",
                sequence: framed.number
            )
            throw refusal.sent(by: Sender(of: chunk.stream))
        }
        return chunk
    }

    /// Reads the chunk of one message with a decoder of its own.
    public static func decode(parts: [[UInt8]]) throws(Refusal) -> LeadChunk {
        var decoder = ChunkDecoder()
        return try decoder.decode(parts: parts)
    }

    private mutating func decode(_ parts: [[UInt8]], of topic: Topic?) throws(Refusal) -> LeadChunk {
        guard parts.count == 2 || parts.count == 3 else {
            throw Refusal(.frames, "\(parts.count) frames; send topic, LeadChunk and if wanted a CRC")
        }
        guard let topic else {
            let fault = Topic.fault(in: parts[0])
            let refusal = Refusal(.topic, fault?.words ?? "the first frame is not \(Topic.form)")
            throw fault?.sender.map { refusal.sent(by: $0) } ?? refusal
        }
        if parts.count == 3, parts[2] != checkFrame(topic: parts[0], body: parts[1]) {
            throw Refusal(.checksum, "the third frame is not the CRC-32C of topic, zero byte and LeadChunk")
        }
        let message = try ChunkDecoder.parse(parts[1])
        guard message.schema >= 1, message.schema <= ChunkDecoder.schema else {
            throw Refusal(
                .schema,
                "schema \(message.schema); this program reads 1 to \(ChunkDecoder.schema)"
            )
        }
        // The ids are compared as bytes, because Swift's `==` on strings treats the Kelvin sign and the letter K as
        // equal.
        guard message.patient.utf8.elementsEqual(topic.patient.utf8),
            message.device.utf8.elementsEqual(topic.device.utf8)
        else {
            throw Refusal(.mismatch, "topic and LeadChunk name different patients or devices")
        }
        return try ChunkReading(of: message).chunk(by: &reader)
    }

    private static func parse(_ bytes: [UInt8]) throws(Refusal) -> Shinden_V1_LeadChunk {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do { return try Shinden_V1_LeadChunk(serializedBytes: bytes, options: options) } catch {
            throw Refusal(
                .decode,
                "the frame after the topic (\(bytes.count) bytes) is no protobuf LeadChunk"
            )
        }
    }
}

/// A parsed message whose topic and body agree, with what a refusal may say of it.
private struct ChunkReading {
    private let message: Shinden_V1_LeadChunk
    private let stream: StreamIdentity
    /// The sampling rate; nil where it is not valid.
    private let rate: SampleRate?

    init(of message: Shinden_V1_LeadChunk) {
        self.message = message
        stream = StreamIdentity(patient: message.patient, device: message.device, epoch: message.epoch)
        rate = SampleRate(Int64(message.rateNum), over: Int64(message.rateDen))
    }

    /// Judges the rows of the table from RANGE to ENUM.
    func chunk(by reader: inout SampleReader) throws(Refusal) -> LeadChunk {
        guard let rate else {
            throw refusal(
                .range,
                "rate is \(message.rateNum)/\(message.rateDen) Hz; 100 to 2,000, the divisor 1 to 1,000"
            )
        }
        if let detail = numberOutOfRange() ?? leadOutOfRange() ?? acquisitionOutOfRange() {
            throw refusal(.range, detail)
        }
        var faults = Faults()
        let encoding = SampleEncoding(rawValue: message.encoding.rawValue)
        var leads: [LeadSamples] = []
        if (1...ChunkDecoder.leadsMax).contains(message.leads.count) {
            leads = read(encoding, by: &reader, &faults)
        } else {
            faults.note(.leads, "\(message.leads.count) leads; a chunk has 1 to \(ChunkDecoder.leadsMax)")
        }
        noteNonFiniteFields(&faults)
        if encoding == nil { faults.note(.unknownEnum, "encoding \(message.encoding.rawValue) is unknown") }
        if let first = faults.first { throw refusal(first.code, first.detail) }
        return LeadChunk(
            stream: stream,
            sequence: message.seq,
            track: Int(message.track),
            firstSample: SampleIndex(message.firstSample),
            sampleCount: Int(message.sampleCount),
            rate: rate,
            nanovoltsPerUnit: message.nvPerLsb,
            leads: leads,
            gatewayTime: message.gatewayTimeNs == 0 ? nil : message.gatewayTimeNs,
            device: DeviceFacts(
                acquisition: message.hasAcquisition ? Acquisition(wire: message.acquisition) : nil,
                batteryPercent: message.hasBatteryPercent ? Int(message.batteryPercent) : nil
            ),
            isLast: message.last,
            unknownLeadCount: message.leads.count - leads.count
        )
    }

    // MARK: RANGE

    private func numberOutOfRange() -> String? {
        let count = message.sampleCount
        if message.epoch == 0 { return "epoch is 0; draw a random one" }
        if message.seq == 0 { return "seq is 0; the first chunk has 1" }
        if message.track > 7 { return "track is \(message.track); at most 7" }
        if count == 0 || count > ChunkDecoder.samplesMax
            || UInt64(count) * UInt64(message.rateDen) > UInt64(message.rateNum)
        {
            return "sample_count is \(count); 1 to \(ChunkDecoder.samplesMax) and at most one second"
        }
        if !isIndexValid { return "first_sample + sample_count is beyond 2^48; start a new epoch" }
        // NaN and infinity have a row of their own.
        if message.nvPerLsb.isFinite, message.nvPerLsb <= 0 || message.nvPerLsb > 1e6 {
            return "nv_per_lsb is \(message.nvPerLsb); above 0, at most 1e6"
        }
        if message.trackOffsetNs != 0 { return "track_offset_ns is not 0, which schema 1 requires" }
        if case .UNRECOGNIZED(let number) = message.deviceClock {
            return "device_clock is \(number), unknown"
        }
        if message.batteryPercent > 100 { return "battery_percent is \(message.batteryPercent); at most 100" }
        return nil
    }

    private var isIndexValid: Bool {
        message.firstSample <= ChunkDecoder.sampleIndexMax
            && message.firstSample + UInt64(message.sampleCount) <= ChunkDecoder.sampleIndexMax
    }

    private func leadOutOfRange() -> String? {
        for lead in message.leads {
            if case .UNRECOGNIZED(let number) = lead.contact {
                return "lead \(name(of: lead)): contact is \(number), unknown"
            }
        }
        return nil
    }

    private func acquisitionOutOfRange() -> String? {
        guard message.hasAcquisition else { return nil }
        let acquisition = message.acquisition
        for text in [acquisition.manufacturer, acquisition.model, acquisition.firmware]
        where text.utf8.count > 64 {
            return "a string of acquisition has \(text.utf8.count) bytes; at most 64"
        }
        return nil
    }

    // MARK: Leads and samples

    /// Reads the known leads, and notes whatever is wrong with any lead, known or not.
    private func read(
        _ encoding: SampleEncoding?,
        by reader: inout SampleReader,
        _ faults: inout Faults
    ) -> [LeadSamples] {
        let count = Int(message.sampleCount)
        if let encoding {
            reader.begin(encoding, sampleCount: count, nanovoltsPerUnit: message.nvPerLsb)
        }
        var leads: [LeadSamples] = []
        leads.reserveCapacity(message.leads.count)
        for (position, lead) in message.leads.enumerated() {
            if message.leads[..<position].contains(where: { $0.lead == lead.lead }) {
                faults.note(.leads, "lead \(name(of: lead)) stands in the chunk twice")
            }
            if !areAscending(lead.pacerSpikes, within: count) {
                faults.note(.length, "lead \(name(of: lead)): pacer_spikes not ascending within the chunk")
            }
            guard let invalid = ranges(ofPairs: lead.invalid, within: count),
                let saturated = ranges(ofPairs: lead.saturated, within: count)
            else {
                faults.note(
                    .length,
                    "lead \(name(of: lead)): pairs odd, unordered, touching or outside the chunk"
                )
                continue
            }
            let missing = lead.contact == .off ? [0..<count] : saturated
            do throws(SampleFault) {
                // Where the encoding is unknown the data cannot be judged; all else can.
                guard encoding != nil else { continue }
                let millivolts = try reader.millivolts(lead.data, invalid: invalid, missing: missing)
                guard let known = Lead(wire: lead.lead) else { continue }
                leads.append(
                    LeadSamples(
                        lead: known,
                        isDerived: lead.derived,
                        millivolts: millivolts,
                        facts: LeadFacts(
                            contact: Contact(wire: lead.contact),
                            saturated: saturated,
                            pacerSpikes: lead.pacerSpikes.map { Int($0) }
                        )
                    )
                )
            } catch {
                faults.note(error.row.code, "lead \(name(of: lead)): \(error.detail)")
            }
        }
        return leads
    }

    private func noteNonFiniteFields(_ faults: inout Faults) {
        if !message.nvPerLsb.isFinite { faults.note(.nonFinite, "nv_per_lsb is no number") }
        guard message.hasAcquisition else { return }
        let filters = message.acquisition
        if ![filters.highPassHz, filters.lowPassHz, filters.notchHz].allSatisfy(\.isFinite) {
            faults.note(.nonFinite, "a frequency of acquisition is no number")
        }
    }

    private func name(of lead: Shinden_V1_LeadSamples) -> String {
        Lead(wire: lead.lead)?.name ?? "\(lead.lead.rawValue)"
    }

    // MARK: What could be read

    private func refusal(_ code: TechnicalEvent.Code, _ detail: String) -> Refusal {
        var known: [Lead] = []
        for lead in message.leads.prefix(ChunkDecoder.leadsMax) {
            if let name = Lead(wire: lead.lead), !known.contains(name) { known.append(name) }
        }
        // LEADS is counted by endpoint: it cannot be said which leads' samples were meant.
        let isCounted = code != .leads && message.epoch != 0
        return Refusal(
            code,
            detail,
            stream: isCounted ? stream : nil,
            sequence: message.seq == 0 ? nil : message.seq,
            firstSample: isIndexValid ? rate?.gridIndex(notBefore: SampleIndex(message.firstSample)) : nil,
            leads: known,
            sampleCount: min(Int(message.sampleCount), ChunkDecoder.samplesMax)
        )
    }
}

extension SampleFault.Row {
    /// The code as the table has it.
    fileprivate var code: TechnicalEvent.Code {
        switch self {
        case .range: .range
        case .length: .length
        case .nonFinite: .nonFinite
        }
    }
}

/// The faults of a chunk from its samples on; the one whose row stands first in the table is the refusal.
private struct Faults {
    private static let order: [TechnicalEvent.Code] = [.range, .leads, .length, .nonFinite, .unknownEnum]
    private var details = InlineArray<5, String?>(repeating: nil)

    /// Keeps the first fault of each row.
    mutating func note(_ code: TechnicalEvent.Code, _ detail: @autoclosure () -> String) {
        guard let row = Faults.order.firstIndex(of: code), details[row] == nil else { return }
        details[row] = detail()
    }

    /// The fault whose row stands first in the table.
    var first: (code: TechnicalEvent.Code, detail: String)? {
        for row in details.indices {
            if let detail = details[row] { return (Faults.order[row], detail) }
        }
        return nil
    }
}
