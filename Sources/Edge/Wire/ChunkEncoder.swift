/// Writes data messages, from values to frames, as a gateway does.

public import ECGSignal
public import Findings
private import FoundationEssentials
private import SwiftProtobuf
private import WireMessages

/// The samples of one lead as a gateway holds them.
public struct OutgoingLead: Sendable, Equatable {
    /// The samples, in units of the chunk's `nanovoltsPerUnit`.
    public enum Numbers: Sendable, Equatable {
        /// Whole numbers, `[time]`, as an analogue-to-digital converter gives them.
        case integers([Int32])
        /// Real numbers, `[time]`, as a computation gives them.
        case reals([Float])

        /// The number of samples.
        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .reals(let values): values.count
            }
        }
    }

    /// The lead that the samples were taken from.
    public var lead: Lead
    /// Whether the gateway computed it from other leads.
    public var isDerived: Bool
    /// The samples in their order of time.
    public var samples: Numbers
    /// Offsets of filler, ascending and apart; what stands there is sent as the encoding can hold it, if at all.
    public var invalid: [Range<Int>]
    /// What the device knows of the lead.
    public var facts: LeadFacts

    /// One lead of an outgoing chunk; `ChunkEncoder` judges it.
    public init(
        lead: Lead,
        isDerived: Bool = false,
        samples: Numbers,
        invalid: [Range<Int>] = [],
        facts: LeadFacts = LeadFacts()
    ) {
        self.lead = lead
        self.isDerived = isDerived
        self.samples = samples
        self.invalid = invalid
        self.facts = facts
    }
}

/// A chunk as a gateway sends it.
public struct OutgoingChunk: Sendable, Equatable {
    /// The stream that the chunk belongs to.
    public var stream: StreamIdentity
    /// The chunk's number in the stream, from 1 on.
    public var sequence: UInt64
    /// The number of its track, 0 to 7.
    public var track: Int
    /// The index of the chunk's first sample.
    public var firstSample: SampleIndex
    /// The nominal sampling rate.
    public var rate: SampleRate
    /// How many nanovolts one unit of a sample is: above 0, at most 1e6.
    public var nanovoltsPerUnit: Double
    /// The encoding that the samples get on the wire.
    public var encoding: SampleEncoding
    /// The leads: at least one, at most 16, all of one length.
    public var leads: [OutgoingLead]
    /// The gateway's monotonic clock when the last sample reached it; nil where absent.
    public var gatewayTime: MonotonicNanoseconds?
    /// What the gateway says of the device.
    public var device: DeviceFacts
    /// Whether the epoch ends with this chunk.
    public var isLast: Bool

    /// A chunk to send; `ChunkEncoder` judges it.
    public init(
        stream: StreamIdentity,
        sequence: UInt64,
        track: Int = 0,
        firstSample: SampleIndex,
        rate: SampleRate,
        nanovoltsPerUnit: Double,
        encoding: SampleEncoding,
        leads: [OutgoingLead],
        gatewayTime: MonotonicNanoseconds? = nil,
        device: DeviceFacts = DeviceFacts(),
        isLast: Bool = false
    ) {
        self.stream = stream
        self.sequence = sequence
        self.track = track
        self.firstSample = firstSample
        self.rate = rate
        self.nanovoltsPerUnit = nanovoltsPerUnit
        self.encoding = encoding
        self.leads = leads
        self.gatewayTime = gatewayTime
        self.device = device
        self.isLast = isLast
    }
}

/// Writes data messages.
public enum ChunkEncoder {
    /// Writes the frames `[topic, LeadChunk]`, with `withChecksum` also the CRC.
    ///
    /// The result has been read back, so that `ChunkDecoder` takes what this returns.
    /// - Throws: The refusal that a daemon would answer with; RANGE also where a value does not fit the encoding.
    public static func frames(_ chunk: OutgoingChunk, withChecksum: Bool = false) throws(Refusal) -> [[UInt8]]
    {
        guard let topic = Topic(patient: chunk.stream.patient, device: chunk.stream.device) else {
            throw Refusal(.topic, "patient or device is no id: 1 to 64 of A-Z a-z 0-9 _ -, not _ alone")
        }
        guard let track = UInt32(exactly: chunk.track), let first = UInt64(exactly: chunk.firstSample) else {
            throw Refusal(.range, "track \(chunk.track), first sample \(chunk.firstSample): not negative")
        }
        let count = chunk.leads.first?.samples.count ?? 0
        var message = Shinden_V1_LeadChunk()
        message.schema = ChunkDecoder.schema
        message.patient = chunk.stream.patient
        message.device = chunk.stream.device
        message.epoch = chunk.stream.epoch
        message.seq = chunk.sequence
        message.track = track
        message.firstSample = first
        message.sampleCount = UInt32(clamping: count)
        message.rateNum = UInt32(chunk.rate.numerator)
        message.rateDen = UInt32(chunk.rate.denominator)
        message.nvPerLsb = chunk.nanovoltsPerUnit
        message.encoding = Shinden_V1_Encoding(rawValue: chunk.encoding.rawValue) ?? .unspecified
        message.gatewayTimeNs = chunk.gatewayTime ?? 0
        if let acquisition = chunk.device.acquisition { message.acquisition = acquisition.wire }
        if let percent = chunk.device.batteryPercent { message.batteryPercent = UInt32(clamping: percent) }
        message.last = chunk.isLast
        for lead in chunk.leads { message.leads.append(try samples(of: lead, chunk.encoding, count)) }
        let body: [UInt8]
        do { body = try message.serializedBytes() } catch {
            throw Refusal(.decode, "the chunk cannot be serialised: \(error)")
        }
        let topicBytes = Array(topic.text.utf8)
        _ = try ChunkDecoder.decode(parts: [topicBytes, body])
        return [topicBytes, body] + (withChecksum ? [checkFrame(topic: topicBytes, body: body)] : [])
    }

    private static func samples(
        of lead: OutgoingLead,
        _ encoding: SampleEncoding,
        _ count: Int
    ) throws(Refusal) -> Shinden_V1_LeadSamples {
        guard lead.samples.count == count else {
            throw Refusal(.length, "lead \(lead.lead.name): \(lead.samples.count) samples beside \(count)")
        }
        guard lead.invalid.allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= count }) else {
            throw Refusal(.length, "lead \(lead.lead.name): invalid range outside the chunk")
        }
        var message = Shinden_V1_LeadSamples()
        message.lead = lead.lead.wire
        message.derived = lead.isDerived
        message.invalid = pairs(of: lead.invalid)
        message.contact = lead.facts.contact.wire
        message.saturated = pairs(of: lead.facts.saturated)
        message.pacerSpikes = lead.facts.pacerSpikes.map { UInt32(clamping: $0) }
        do throws(Misfit) { message.data = Data(try bytes(of: lead, encoding)) } catch {
            throw Refusal(
                .range,
                "lead \(lead.lead.name), sample \(error.index) does not fit \(encoding.name)"
            )
        }
        return message
    }

    /// Writes (offset, count) pairs; what is negative or too large becomes a pair that is refused when it is read back.
    private static func pairs(of ranges: [Range<Int>]) -> [UInt32] {
        ranges.flatMap { [UInt32(clamping: $0.lowerBound), UInt32(clamping: $0.count)] }
    }

    /// A sample that the encoding cannot hold.
    private struct Misfit: Error {
        let index: Int
    }

    private static func bytes(of lead: OutgoingLead, _ encoding: SampleEncoding) throws(Misfit) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lead.samples.count * 4)
        switch encoding {
        case .float32:
            for value in try reals(of: lead) { append(value.bitPattern, 4, to: &bytes) }
        case .int16:
            for value in try integers(of: lead, within: Int32(Int16.min)...Int32(Int16.max)) {
                append(UInt32(bitPattern: value), 2, to: &bytes)
            }
        case .int32:
            for value in try integers(of: lead, within: Int32.min...Int32.max) {
                append(UInt32(bitPattern: value), 4, to: &bytes)
            }
        case .delta:
            var previous: Int32 = 0
            for (index, value) in try integers(of: lead, within: Int32.min...Int32.max).enumerated() {
                let next = isInvalid(index, lead) ? previous : value
                let (difference, isTooLarge) = next.subtractingReportingOverflow(previous)
                guard !isTooLarge else { throw Misfit(index: index) }
                append(varint: UInt32(bitPattern: difference << 1 ^ difference >> 31), to: &bytes)
                previous = next
            }
        }
        return bytes
    }

    private static func isInvalid(_ index: Int, _ lead: OutgoingLead) -> Bool {
        lead.invalid.contains { $0.contains(index) }
    }

    private static func integers(
        of lead: OutgoingLead,
        within range: ClosedRange<Int32>
    ) throws(Misfit) -> [Int32] {
        var integers: [Int32] = []
        integers.reserveCapacity(lead.samples.count)
        for index in 0..<lead.samples.count {
            let exact: Int32? =
                switch lead.samples {
                case .integers(let values): values[index]
                case .reals(let values): Int32(exactly: values[index])
                }
            if let exact, range.contains(exact) {
                integers.append(exact)
            } else if isInvalid(index, lead) {
                integers.append(0)
            } else {
                throw Misfit(index: index)
            }
        }
        return integers
    }

    private static func reals(of lead: OutgoingLead) throws(Misfit) -> [Float] {
        switch lead.samples {
        case .reals(let values): return values
        case .integers(let values):
            var reals: [Float] = []
            reals.reserveCapacity(values.count)
            for (index, value) in values.enumerated() {
                if let exact = Float(exactly: value) {
                    reals.append(exact)
                } else if isInvalid(index, lead) {
                    reals.append(0)
                } else {
                    throw Misfit(index: index)
                }
            }
            return reals
        }
    }

    private static func append(_ bits: UInt32, _ count: UInt32, to bytes: inout [UInt8]) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> (index * 8))) }
    }

    private static func append(varint value: UInt32, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
