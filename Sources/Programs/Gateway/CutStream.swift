internal import ECGSignal
internal import Recordings
internal import Wire

/// A recording laid out for the wire: leads by track, time by slot.
///
/// Leads of one gain share a track; a slot is a stretch of at most one chunk in which the same leads are sent. A
/// looping recording has no end: index n holds its sample n mod N.
struct CutStream: Sendable {
    /// Leads that share a gain.
    struct Track: Sendable {
        let nanovoltsPerUnit: Double
        let encoding: SampleEncoding
        let leads: [RecordedStream.RecordedLead]
    }

    /// A stretch of samples and, by track, the leads that are sent in it.
    struct Slot: Sendable {
        let range: Range<SampleIndex>
        /// `[sent track]`: its number and the places of its leads.
        let sent: [(track: Int, leads: [Int])]
    }

    static let tracksMax = 8
    static let leadsPerChunkMax = 16

    let rate: SampleRate
    let tracks: [Track]
    /// What a person should know: gains and encodings that could not be as asked.
    let remarks: [String]
    /// Nil where the stream loops.
    let end: SampleIndex?
    private let recordedSamples: SampleIndex
    private let chunkSamples: SampleIndex
    private let gaps: [(range: Range<SampleIndex>, leads: [Lead]?)]

    init(_ stream: RecordedStream, _ options: ReplayOptions) throws(ReplayError) {
        guard (1...1_000).contains(options.chunkMilliseconds) else {
            throw ReplayError(
                .usage,
                "chunk of \(options.chunkMilliseconds) ms: give 1 to 1000; gateways send 100 to 250"
            )
        }
        rate = stream.rate
        chunkSamples = max(1, stream.rate.samples(inMilliseconds: options.chunkMilliseconds))
        recordedSamples = SampleIndex(stream.sampleCount)
        end = options.isLooping ? nil : recordedSamples
        gaps = options.gaps.map { gap in
            (
                stream.rate.firstIndex(notBefore: gap.start)..<stream.rate.firstIndex(notBefore: gap.end),
                gap.leads
            )
        }
        let present = Set(stream.leads.map(\.lead))
        for lead in options.gaps.compactMap(\.leads).joined() where !present.contains(lead) {
            throw ReplayError(.usage, "gap: lead \(lead.name) is not among those sent; name others")
        }
        (tracks, remarks) = CutStream.tracks(of: stream, options.encoding)
        guard nextSlot(from: 0) != nil else {
            throw ReplayError(.usage, "gap: nothing of the recording is left to send; make it shorter")
        }
    }

    /// The next slot, at or after `from`, in which something is sent; nil where there is none.
    func nextSlot(from: SampleIndex) -> Slot? {
        var position = from
        while end.map({ position < $0 }) ?? true {
            let edges = gaps.flatMap { [$0.range.lowerBound, $0.range.upperBound] }.filter { $0 > position }
            let nextEdge = edges.min()
            let missing = gaps.filter { $0.range.contains(position) }
            let sent: [(track: Int, leads: [Int])] = tracks.indices.compactMap { number in
                let leads = tracks[number].leads.indices.filter { place in
                    !missing.contains { $0.leads?.contains(tracks[number].leads[place].lead) ?? true }
                }
                return leads.isEmpty ? nil : (number, leads)
            }
            if !sent.isEmpty {
                var upper = (position / chunkSamples + 1) * chunkSamples
                if let nextEdge { upper = min(upper, nextEdge) }
                if let end { upper = min(upper, end) }
                return Slot(range: position..<upper, sent: sent)
            }
            // Nothing is sent before a gap ends.
            guard let nextEdge else { return nil }
            position = nextEdge
        }
        return nil
    }

    /// The samples of one lead in `range`, with what is missing of them.
    func outgoing(_ track: Int, _ place: Int, _ range: Range<SampleIndex>) -> OutgoingLead {
        let lead = tracks[track].leads[place]
        var invalid: [Range<Int>] = []
        var parts: [Range<Int>] = []
        var done = 0
        while done < range.count {
            let from = Int((range.lowerBound + SampleIndex(done)) % recordedSamples)
            let part = from..<min(from + range.count - done, Int(recordedSamples))
            for gap in lead.missing where gap.overlaps(part) {
                let clamped = gap.clamped(to: part)
                let start = clamped.lowerBound - from + done
                if let last = invalid.last, last.upperBound == start {
                    invalid[invalid.count - 1] = last.lowerBound..<start + clamped.count
                } else {
                    invalid.append(start..<start + clamped.count)
                }
            }
            parts.append(part)
            done += part.count
        }
        let samples: OutgoingLead.Samples =
            switch lead.samples {
            case .integers(let all): .integers(parts.flatMap { all[$0] })
            case .reals(let all): .reals(parts.flatMap { all[$0] })
            }
        return OutgoingLead(lead: lead.lead, samples: samples, invalid: invalid)
    }
}

// MARK: tracks

extension CutStream {
    /// Leads by gain, in the order in which gains appear; all in one unit where there are too many gains.
    private static func tracks(
        of stream: RecordedStream,
        _ encoding: SampleEncoding
    ) -> (tracks: [Track], remarks: [String]) {
        var groups: [[RecordedStream.RecordedLead]] = []
        for lead in stream.leads {
            if let group = groups.firstIndex(where: {
                $0[0].nanovoltsPerUnit == lead.nanovoltsPerUnit && $0.count < leadsPerChunkMax
            }) {
                groups[group].append(lead)
            } else {
                groups.append([lead])
            }
        }
        guard groups.count <= tracksMax else {
            let leads = stream.leads.map { $0.inMillivolts }
            let tracks = stride(from: 0, to: leads.count, by: leadsPerChunkMax).map { first in
                Track(
                    nanovoltsPerUnit: 1e6,
                    encoding: .float32,
                    leads: Array(leads[first..<min(first + leadsPerChunkMax, leads.count)])
                )
            }
            let remark =
                "\(groups.count) tracks would be needed for its gains, \(tracksMax) are allowed: sent as float32 in mV"
            return (tracks, [remark])
        }
        var remarks: [String] = []
        let tracks = groups.map { leads in
            let fitting = leads.allSatisfy { $0.fits(encoding) } ? encoding : .int32
            if fitting != encoding {
                let names = leads.filter { !$0.fits(encoding) }.map(\.lead.name).joined(separator: ", ")
                remarks.append("values of \(names) do not fit \(encoding.name): sent as \(fitting.name)")
            }
            return Track(nanovoltsPerUnit: leads[0].nanovoltsPerUnit, encoding: fitting, leads: leads)
        }
        return (tracks, remarks)
    }
}

extension RecordedStream.RecordedLead {
    /// This lead in millivolts, rounded once: the bits that a daemon makes of its integers.
    fileprivate var inMillivolts: Self {
        guard case .integers(let all) = samples else { return self }
        return Self(
            lead: lead,
            samples: .reals(all.map { Float(Double($0) * nanovoltsPerUnit / 1e6) }),
            missing: missing,
            nanovoltsPerUnit: 1e6
        )
    }

    /// Whether every sample can stand in that encoding.
    fileprivate func fits(_ encoding: SampleEncoding) -> Bool {
        guard case .integers(let all) = samples else { return encoding == .float32 }
        return switch encoding {
        case .int16: all.allSatisfy { Int16(exactly: $0) != nil }
        case .float32: all.allSatisfy { Float(exactly: $0) != nil }
        case .int32: true
        // Differences of two values of this size are within int32.
        case .delta: all.allSatisfy { $0.magnitude <= 1 << 30 }
        }
    }
}
