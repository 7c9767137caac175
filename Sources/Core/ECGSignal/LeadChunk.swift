/// The samples of one lead in a chunk.
public struct LeadSamples: Sendable, Equatable {
    /// The lead that the samples were taken from.
    public let lead: Lead
    /// Whether the gateway computed it from other leads instead of measuring it.
    public let isDerived: Bool
    /// `[time]`, millivolts; NaN marks a sample that is missing (invalid, saturated or contact off).
    public let millivolts: [Float]
    /// What the device said of the lead within this chunk; NaN above does not tell why a sample is missing, this does.
    public let facts: LeadFacts

    /// One lead's samples; the caller has made sure that every value is finite or NaN.
    public init(lead: Lead, isDerived: Bool = false, millivolts: [Float], facts: LeadFacts = LeadFacts()) {
        self.lead = lead
        self.isDerived = isDerived
        self.millivolts = millivolts
        self.facts = facts
    }
}

/// One message of a gateway, decoded and within the limits of the protocol: some leads, one rate, one stretch of time.
public struct LeadChunk: Sendable, Equatable {
    /// The stream that the samples belong to.
    public let stream: StreamIdentity
    /// The chunk's number in the stream, from 1 on.
    public let sequence: UInt64
    /// The number of its track, 0 to 7; a track is the leads that share one rate and one sample counter.
    public let track: Int
    /// Index of the chunk's first sample at `rate`; the end is at most 2^48.
    public let firstSample: SampleIndex
    /// How many samples every lead of the chunk has: 1 to 2,000, and at most 1 s.
    public let sampleCount: Int
    /// The nominal sampling rate.
    public let rate: SampleRate
    /// Nanovolts per unit of the encoded value; fixed per epoch and track.
    public let nanovoltsPerUnit: Double
    /// The leads, each once; empty where every lead was of an unknown kind.
    public let leads: [LeadSamples]
    /// The gateway's monotonic clock when the last sample reached it; nil where absent.
    public let gatewayTime: MonotonicNanoseconds?
    /// What the chunk says of its device.
    public let device: DeviceFacts
    /// Whether the epoch ends with this chunk.
    public let isLast: Bool
    /// Leads of an unknown kind that were left out (code ENUM).
    public let unknownLeadCount: Int

    /// A chunk whose fields are within the limits named above; the decoder has checked them.
    public init(
        stream: StreamIdentity,
        sequence: UInt64,
        track: Int = 0,
        firstSample: SampleIndex,
        sampleCount: Int,
        rate: SampleRate,
        nanovoltsPerUnit: Double = 1_000,
        leads: [LeadSamples],
        gatewayTime: MonotonicNanoseconds? = nil,
        device: DeviceFacts = DeviceFacts(),
        isLast: Bool = false,
        unknownLeadCount: Int = 0
    ) {
        self.stream = stream
        self.sequence = sequence
        self.track = track
        self.firstSample = firstSample
        self.sampleCount = sampleCount
        self.rate = rate
        self.nanovoltsPerUnit = nanovoltsPerUnit
        self.leads = leads
        self.gatewayTime = gatewayTime
        self.device = device
        self.isLast = isLast
        self.unknownLeadCount = unknownLeadCount
    }

    /// One past the last sample.
    public var endSample: SampleIndex { firstSample + Int64(sampleCount) }
}
