internal import ECGSignal
internal import Recordings
internal import Wire

/// A recording laid out for the wire: leads by track, time by slot.
///
/// Leads of one gain share a track; a slot is a stretch of at most one chunk in which the same leads are sent. A
/// looping recording has no end: index n holds its sample n mod N.
struct CutStream: Sendable {
    /// The leads that share one gain.
    struct Track: Sendable {
        let nanovoltsPerUnit: Double
        let encoding: SampleEncoding
        /// Whether samples are sent as real numbers in millivolts.
        let isInMillivolts: Bool
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
    /// Remarks for a person: gains and encodings that could not be what was asked for.
    let remarks: [String]
    /// How many samples the stream has; nil where it loops.
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
        guard stream.hasOneRate else {
            throw ReplayError(
                .usage,
                "the leads have several rates; choose leads of one rate with --leads, or a rate for all with --rate"
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
        do throws(RecordingError) {
            (tracks, remarks) = try CutStream.tracks(of: stream, options.encoding)
        } catch {
            throw ReplayError(.data, "\(error)")
        }
        guard nextSlot(from: 0) != nil else {
            throw ReplayError(.usage, "gap: nothing of the recording is left to send; make it shorter")
        }
    }

    /// Finds the next slot, at or after `from`, in which something is sent; nil where there is none.
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
    func outgoing(
        _ track: Int,
        _ place: Int,
        _ range: Range<SampleIndex>
    ) throws(RecordingError) -> OutgoingLead {
        let lead = tracks[track].leads[place]
        let isReal = tracks[track].isInMillivolts
        var integers: [Int32] = []
        var reals: [Float] = []
        var invalid: [Range<Int>] = []
        var done = 0
        while done < range.count {
            let from = Int((range.lowerBound + SampleIndex(done)) % recordedSamples)
            let part = try lead.samples(from..<min(from + range.count - done, Int(recordedSamples)))
            for gap in part.missing {
                let start = gap.lowerBound + done
                if let last = invalid.last, last.upperBound == start {
                    invalid[invalid.count - 1] = last.lowerBound..<start + gap.count
                } else {
                    invalid.append(start..<start + gap.count)
                }
            }
            switch part.values {
            case .integers(let values) where !isReal: integers += values
            // In millivolts, rounded once: the bits that a daemon makes of the integers.
            case .integers(let values):
                reals += values.map { Float(Double($0) * lead.nanovoltsPerUnit / 1e6) }
            case .reals(let values): reals += values
            }
            done += part.count
        }
        let samples: OutgoingLead.Numbers = isReal ? .reals(reals) : .integers(integers)
        return OutgoingLead(lead: lead.lead, samples: samples, invalid: invalid)
    }
}

// MARK: tracks

extension CutStream {
    /// Leads by gain, in the order in which gains appear; all in one unit where there are too many gains.
    private static func tracks(
        of stream: RecordedStream,
        _ encoding: SampleEncoding
    ) throws(RecordingError) -> (tracks: [Track], remarks: [String]) {
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
            let leads = stream.leads
            let tracks = stride(from: 0, to: leads.count, by: leadsPerChunkMax).map { first in
                Track(
                    nanovoltsPerUnit: 1e6,
                    encoding: .float32,
                    isInMillivolts: true,
                    leads: Array(leads[first..<min(first + leadsPerChunkMax, leads.count)])
                )
            }
            let remark =
                "\(groups.count) tracks would be needed for its gains, \(tracksMax) are allowed: sent as float32 in mV"
            return (tracks, [remark])
        }
        var remarks: [String] = []
        var tracks: [Track] = []
        for leads in groups {
            var unfit: [String] = []
            var isReal = false
            for lead in leads {
                let range = try lead.valueRange()
                isReal = isReal || range == nil
                if let range, !encoding.holds(range) { unfit.append(lead.lead.name) }
                if range == nil, encoding != .float32 { unfit.append(lead.lead.name) }
            }
            let fitting = unfit.isEmpty ? encoding : isReal ? .float32 : .int32
            if fitting != encoding {
                remarks.append(
                    "values of \(unfit.joined(separator: ", ")) do not fit \(encoding.name): sent as \(fitting.name)"
                )
            }
            tracks.append(
                Track(
                    nanovoltsPerUnit: leads[0].nanovoltsPerUnit,
                    encoding: fitting,
                    isInMillivolts: isReal,
                    leads: leads
                )
            )
        }
        return (tracks, remarks)
    }
}

extension RecordedStream.RecordedLead {
    /// The least and greatest integer of the lead, 0 among them; nil where its values are real numbers.
    fileprivate func valueRange() throws(RecordingError) -> ClosedRange<Int32>? {
        var low: Int32 = 0
        var high: Int32 = 0
        for from in stride(from: 0, to: sampleCount, by: 65_536) {
            guard case .integers(let values) = try samples(from..<min(from + 65_536, sampleCount)).values
            else {
                return nil
            }
            for value in values {
                low = min(low, value)
                high = max(high, value)
            }
        }
        return low...high
    }
}

extension SampleEncoding {
    /// Whether the encoding can hold every integer of the range.
    fileprivate func holds(_ range: ClosedRange<Int32>) -> Bool {
        let magnitude = max(range.lowerBound.magnitude, range.upperBound.magnitude)
        return switch self {
        case .int16: Int16(exactly: range.lowerBound) != nil && Int16(exactly: range.upperBound) != nil
        // Beyond 2^24 not every integer is a Float.
        case .float32: magnitude <= 1 << 24
        case .int32: true
        // Differences of two values of this size are within int32.
        case .delta: magnitude <= 1 << 30
        }
    }
}
