public import ECGSignal

/// A recording as a gateway holds it: chosen leads, one rate, ready to be cut into chunks.
public struct RecordedStream: Sendable {
    /// One lead of the recording.
    public struct RecordedLead: Sendable {
        /// The samples as the recording holds them, or as a conversion of rate has made them.
        public enum Samples: Sendable, Equatable {
            /// Whole units, as an analogue-to-digital converter gives them.
            case integers([Int32])
            /// Units with a fraction.
            case reals([Float])
        }

        /// Which lead.
        public let lead: Lead
        /// `[time]`, units of `nanovoltsPerUnit`.
        public let samples: Samples
        /// Where the recording has no sample, ascending and apart.
        public let missing: [Range<Int>]
        /// Nanovolts of one unit.
        public let nanovoltsPerUnit: Double

        /// A lead with its samples; `missing` is ascending, apart and within them.
        public init(lead: Lead, samples: Samples, missing: [Range<Int>], nanovoltsPerUnit: Double) {
            self.lead = lead
            self.samples = samples
            self.missing = missing
            self.nanovoltsPerUnit = nanovoltsPerUnit
        }
    }

    /// Whose, by default: the record's name, `file`, and the hash of signals and options.
    public let identity: StreamIdentity
    /// Of every lead.
    public let rate: SampleRate
    /// Of every lead.
    public let sampleCount: Int
    /// UTC of the first sample: the header's base time, else 1970-01-01T00:00:00Z.
    public let start: UTCNanoseconds
    /// In lead order.
    public let leads: [RecordedLead]

    /// A stream of leads that all have `sampleCount` samples at `rate`.
    public init(
        identity: StreamIdentity,
        rate: SampleRate,
        sampleCount: Int,
        start: UTCNanoseconds,
        leads: [RecordedLead]
    ) {
        self.identity = identity
        self.rate = rate
        self.sampleCount = sampleCount
        self.start = start
        self.leads = leads
    }

    /// The leads of a recording; `remarks` are the readings that a person should know of.
    ///
    /// `leads` (`I,II`) takes only these; `nameLeads` (`I,V1`) says what the channels are, in file order.
    public static func read(
        _ recording: Recording,
        leads: String? = nil,
        nameLeads: String? = nil
    ) throws(RecordingError) -> (stream: RecordedStream, remarks: [String]) {
        let assignment = try LeadAssignment(
            channelNames: recording.channels.map(\.name),
            nameLeads: nameLeads,
            leads: leads
        )
        let identity = StreamIdentity(
            patient: recording.streamPatientID,
            device: "file",
            epoch: recording.epoch(leads: leads, nameLeads: nameLeads)
        )
        let chosen = assignment.assignments.sorted { $0.lead < $1.lead }.map { assigned in
            let channel = recording.channels[assigned.channel]
            return RecordedLead(
                lead: assigned.lead,
                samples: .integers(channel.digital),
                missing: channel.missing,
                nanovoltsPerUnit: channel.nanovoltsPerUnit
            )
        }
        let stream = RecordedStream(
            identity: identity,
            rate: recording.rate,
            sampleCount: recording.sampleCount,
            start: recording.baseTime ?? 0,
            leads: chosen
        )
        return (stream, assignment.remarks)
    }

    /// Samples of a chunk of at most one second and 2,000 samples.
    public var samplesPerSecond: Int { max(1, Int(rate.hertz)) }

    /// The recording as admitted chunks of one second: what `classify` feeds to the pipeline.
    public var chunks: some Sequence<LeadChunk> {
        let size = samplesPerSecond
        return stride(from: 0, to: sampleCount, by: size).lazy.map { from in
            chunk(from..<min(from + size, sampleCount), sequence: UInt64(from / size + 1))
        }
    }

    private func chunk(_ range: Range<Int>, sequence: UInt64) -> LeadChunk {
        LeadChunk(
            stream: identity,
            sequence: sequence,
            firstSample: Int64(range.lowerBound),
            sampleCount: range.count,
            rate: rate,
            leads: leads.map { LeadSamples(lead: $0.lead, millivolts: $0.millivolts(range)) },
            isLast: range.upperBound == sampleCount
        )
    }
}

extension RecordedStream.RecordedLead {
    /// `[time]`, millivolts rounded once, NaN where missing: what a daemon decodes from the wire.
    public func millivolts(_ range: Range<Int>) -> [Float] {
        var values: [Float]
        switch samples {
        case .integers(let all): values = all[range].map { Float(Double($0) * nanovoltsPerUnit / 1e6) }
        case .reals(let all): values = all[range].map { Float(Double($0) * nanovoltsPerUnit / 1e6) }
        }
        for gap in missing where gap.overlaps(range) {
            for index in gap.clamped(to: range) { values[index - range.lowerBound] = .nan }
        }
        return values
    }
}
