public import ECGSignal

/// A recording as a stream: chosen leads, read in pieces, ready to be cut into chunks.
public struct RecordedStream: Sendable {
    /// One lead of the recording.
    public struct RecordedLead: Sendable {
        /// Which lead.
        public let lead: Lead
        /// Of this lead; leads of one recording may differ.
        public let rate: SampleRate
        /// Samples of the lead, also those that are missing.
        public let sampleCount: Int
        /// Nanovolts of one unit of its values: 1e6 where they are real numbers in millivolts.
        public let nanovoltsPerUnit: Double
        private let source: Source

        /// Where the samples are.
        private enum Source: Sendable {
            case memory(RecordedSamples)
            case recording(Recording, channel: Int)
        }

        /// A lead whose samples are all at hand.
        public init(lead: Lead, rate: SampleRate, samples: RecordedSamples, nanovoltsPerUnit: Double) {
            self.lead = lead
            self.rate = rate
            sampleCount = samples.count
            self.nanovoltsPerUnit = nanovoltsPerUnit
            source = .memory(samples)
        }

        fileprivate init(lead: Lead, rate: SampleRate, channel: Int, of recording: Recording) {
            let facts = recording.channels[channel]
            self.lead = lead
            self.rate = rate
            sampleCount = facts.sampleCount
            nanovoltsPerUnit = facts.nanovoltsPerUnit ?? 1e6
            source = .recording(recording, channel: channel)
        }

        /// A stretch of the lead, which must lie within it.
        public func samples(_ range: Range<Int>) throws(RecordingError) -> RecordedSamples {
            switch source {
            case .recording(let recording, let channel): try recording.samples(of: channel, in: range)
            case .memory(let all): all.part(range)
            }
        }

        /// `[time]`, millivolts rounded once, NaN where missing: what a daemon decodes from the wire.
        public func millivolts(_ range: Range<Int>) throws(RecordingError) -> [Float] {
            try samples(range).millivolts(nanovoltsPerUnit: nanovoltsPerUnit)
        }
    }

    /// Whose, by default: the record's name, `file`, and the hash of what its samples are and mean.
    public let identity: StreamIdentity
    /// UTC of the first sample: the header's base time, else 1970-01-01T00:00:00Z.
    public let start: UTCNanoseconds
    /// In lead order; at least one.
    public let leads: [RecordedLead]

    /// The stream of those leads, of which there is at least one.
    public init(identity: StreamIdentity, start: UTCNanoseconds, leads: [RecordedLead]) {
        precondition(!leads.isEmpty, "a stream without leads")
        self.identity = identity
        self.start = start
        self.leads = leads
    }

    /// The leads of a recording; `remarks` are the readings of channels that a person should know of.
    ///
    /// `leads` (`I,II`) takes only these; `nameLeads` (`I,V1,none`) says what the channels are, in file order. What was
    /// odd about the recording itself stands in its own `remarks`.
    public static func read(
        _ recording: Recording,
        leads: String? = nil,
        nameLeads: String? = nil
    ) throws(RecordingError) -> (stream: RecordedStream, remarks: [RecordingRemark]) {
        let assignment = try LeadAssignment(of: recording.channels, nameLeads: nameLeads, leads: leads)
        let identity = StreamIdentity(
            patient: recording.streamPatientID,
            device: "file",
            epoch: recording.epoch(of: assignment.assignments)
        )
        let chosen = assignment.assignments.sorted { $0.lead < $1.lead }.compactMap { assigned in
            recording.channels[assigned.channel].rate.map { rate in
                RecordedLead(lead: assigned.lead, rate: rate, channel: assigned.channel, of: recording)
            }
        }
        return (
            RecordedStream(identity: identity, start: recording.baseTime ?? 0, leads: chosen),
            assignment.remarks
        )
    }

    /// The first lead's rate, which nearly always is every lead's.
    public var rate: SampleRate { leads[0].rate }

    /// The first lead's samples.
    public var sampleCount: Int { leads[0].sampleCount }

    /// Whether all leads have one rate.
    public var hasOneRate: Bool { leads.allSatisfy { $0.rate == rate } }

    /// The recording as admitted chunks of one second, to be read one after another.
    public var chunks: RecordedChunks { RecordedChunks(self) }

    /// All of them at once, for recordings that are short.
    public func allChunks() throws(RecordingError) -> [LeadChunk] {
        var reader = chunks
        var all: [LeadChunk] = []
        while let chunk = try reader.next() { all.append(chunk) }
        return all
    }
}

/// The chunks of a recording, one second of the leads of one rate at a time, in the order in which they end.
public struct RecordedChunks {
    private let stream: RecordedStream
    /// Leads by rate; the number of a track is its place.
    private let tracks: [[RecordedStream.RecordedLead]]
    /// `[track]`: samples already given out.
    private var done: [Int]
    private var sequence: UInt64 = 1

    fileprivate init(_ stream: RecordedStream) {
        self.stream = stream
        var tracks: [[RecordedStream.RecordedLead]] = []
        for lead in stream.leads {
            if let track = tracks.firstIndex(where: { $0[0].rate == lead.rate }) {
                tracks[track].append(lead)
            } else {
                tracks.append([lead])
            }
        }
        self.tracks = tracks
        done = tracks.map { _ in 0 }
    }

    /// Samples that are still to come, over all tracks.
    private var isLast: Bool { zip(tracks, done).allSatisfy { $0[0].sampleCount == $1 } }

    /// The next chunk; nil where all are given out.
    public mutating func next() throws(RecordingError) -> LeadChunk? {
        let waiting = tracks.indices.filter { done[$0] < tracks[$0][0].sampleCount }
        guard let track = waiting.min(by: { endTime(of: $0) < endTime(of: $1) }) else { return nil }
        let rate = tracks[track][0].rate
        let range = done[track]..<end(of: track)
        var leads: [LeadSamples] = []
        for lead in tracks[track] {
            leads.append(LeadSamples(lead: lead.lead, millivolts: try lead.millivolts(range)))
        }
        done[track] = range.upperBound
        defer { sequence += 1 }
        return LeadChunk(
            stream: stream.identity,
            sequence: sequence,
            track: track,
            firstSample: Int64(range.lowerBound),
            sampleCount: range.count,
            rate: rate,
            leads: leads,
            isLast: isLast
        )
    }

    /// One past the last sample of a track's next chunk: at most one second, which is at most 2,000 samples.
    private func end(of track: Int) -> Int {
        min(done[track] + max(1, Int(tracks[track][0].rate.hertz)), tracks[track][0].sampleCount)
    }

    private func endTime(of track: Int) -> StreamTime {
        tracks[track][0].rate.time(of: Int64(end(of: track)))
    }
}

extension RecordedSamples {
    /// The samples of a stretch of these.
    fileprivate func part(_ range: Range<Int>) -> RecordedSamples {
        let part: Values =
            switch values {
            case .integers(let all): .integers(Array(all[range]))
            case .reals(let all): .reals(Array(all[range]))
            }
        let gaps = missing.filter { $0.overlaps(range) }.map { gap in
            let inside = gap.clamped(to: range)
            return inside.lowerBound - range.lowerBound..<inside.upperBound - range.lowerBound
        }
        return RecordedSamples(values: part, missing: gaps)
    }

    /// `[time]`, millivolts rounded once, NaN where missing.
    public func millivolts(nanovoltsPerUnit: Double) -> [Float] {
        var millivolts: [Float]
        switch values {
        case .integers(let all): millivolts = all.map { Float(Double($0) * nanovoltsPerUnit / 1e6) }
        case .reals(let all): millivolts = all.map { Float(Double($0) * nanovoltsPerUnit / 1e6) }
        }
        for gap in missing {
            for index in gap { millivolts[index] = .nan }
        }
        return millivolts
    }
}
