public import ECGSignal

/// Leads that share a rate and a sample counter, with all their samples, as a gateway would send them.
public struct SentTrack: Sendable {
    /// 0 to 7.
    public let number: Int
    /// The nominal sampling rate.
    public let rate: SampleRate
    /// Each with samples of its own.
    public let leads: [Lead]
    /// Index of the first sample.
    public let first: SampleIndex
    /// `[lead][time]`, millivolts; NaN is missing.
    public var values: [[Float]]

    /// Makes a track of these values.
    public init(number: Int = 0, rate: SampleRate, leads: [Lead], first: SampleIndex = 0, values: [[Float]]) {
        self.number = number
        self.rate = rate
        self.leads = leads
        self.first = first
        self.values = values
    }

    /// One past the last sample.
    public var end: SampleIndex { first + SampleIndex(values.first?.count ?? 0) }
}

/// A stream that a test sends: its tracks, and chunks cut from them.
public struct SentStream: Sendable {
    /// The stream's identity.
    public var identity: StreamIdentity
    /// In no order.
    public var tracks: [SentTrack]

    /// Makes a stream of these values.
    public init(
        _ identity: StreamIdentity = StreamIdentity(patient: "p1", device: "d1", epoch: 7),
        tracks: [SentTrack]
    ) {
        self.identity = identity
        self.tracks = tracks
    }

    /// Rates that devices have: below, at and above the grid's, with few and with many phases.
    public static let rates: [SampleRate] = [100, 130, 250, 360, 500, 512, 1_000].compactMap {
        SampleRate($0)
    }

    /// Hearts with noise in one to six leads of one to three tracks, whose starts and ends differ by up to 0.3 s.
    ///
    /// About `seconds` long from the earliest start on, `origin` whole seconds of stream time before it, leads
    /// chosen among `candidates`.
    public static func random(
        seconds: Double,
        origin: Int64 = 0,
        from candidates: [Lead] = Lead.allCases,
        using generator: inout SeededGenerator
    ) -> SentStream {
        var leads = Array(
            candidates.shuffled(using: &generator).prefix(Int.random(in: 1...6, using: &generator))
        )
        var tracks: [SentTrack] = []
        while !leads.isEmpty {
            let rate = rates.randomElement(using: &generator) ?? .grid
            let count = tracks.count == 2 ? leads.count : Int.random(in: 1...leads.count, using: &generator)
            // At least one track begins at the origin, so that streams without a stagger are common.
            let late = tracks.isEmpty ? 0 : Double.random(in: 0...0.3, using: &generator)
            let early = Double.random(in: 0...0.3, using: &generator)
            let samples = max(1, Int((seconds - late - early) * rate.hertz))
            let first = origin * rate.numerator / rate.denominator + SampleIndex(late * rate.hertz)
            let chosen = Array(leads.prefix(count))
            leads.removeFirst(count)
            tracks.append(
                SentTrack(
                    number: tracks.count,
                    rate: rate,
                    leads: chosen,
                    first: first,
                    values: chosen.map { _ in heart(samples, rate, &generator) }
                )
            )
        }
        return SentStream(tracks: tracks)
    }

    /// Marks stretches of up to `longest` seconds as missing, in each lead by itself.
    public mutating func mask(longest: Double, using generator: inout SeededGenerator) {
        for track in tracks.indices {
            for lead in tracks[track].leads.indices {
                let count = tracks[track].values[lead].count
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    let length =
                        Int(Double.random(in: 0...longest, using: &generator) * tracks[track].rate.hertz) + 1
                    let from = Int.random(in: 0..<count, using: &generator)
                    for index in from..<min(from + length, count) { tracks[track].values[lead][index] = .nan }
                }
            }
        }
    }

    /// Gives some leads stretches without an ECG: one value, a dither of one count, hardly anything, or far too much.
    ///
    /// A stretch is at most the whole stream long and begins anywhere; missing samples stay missing.
    public mutating func spoil(using generator: inout SeededGenerator) {
        for track in tracks.indices {
            for lead in tracks[track].leads.indices where Int.random(in: 0..<3, using: &generator) == 0 {
                let count = tracks[track].values[lead].count
                let from = Bool.random(using: &generator) ? 0 : Int.random(in: 0..<count, using: &generator)
                let end =
                    Bool.random(using: &generator) ? count : Int.random(in: from..<count, using: &generator)
                let level = [0, 0.7, -327.68, 5].randomElement(using: &generator) ?? 0 as Float
                let kind = Int.random(in: 0..<5, using: &generator)
                for index in from..<end where !tracks[track].values[lead][index].isNaN {
                    switch kind {
                    case 0: tracks[track].values[lead][index] = level
                    case 1:
                        tracks[track].values[lead][index] =
                            level + (Bool.random(using: &generator) ? 0.005 : 0)
                    case 2: tracks[track].values[lead][index] *= 0.02
                    default: tracks[track].values[lead][index] *= kind == 3 ? 100 : 15
                    }
                }
            }
        }
    }

    /// The stream cut into chunks of random lengths, in the order of their starts and of their sequence numbers.
    ///
    /// Leads of a track go together or, at random, each in chunks of its own.
    public func chunks(longest: Double = 0.4, using generator: inout SeededGenerator) -> [LeadChunk] {
        var pieces: [(track: SentTrack, leads: [Int], range: Range<SampleIndex>)] = []
        for track in tracks {
            let together = Bool.random(using: &generator)
            let groups = together ? [Array(track.leads.indices)] : track.leads.indices.map { [$0] }
            for group in groups {
                var from = track.first
                let most = max(1, Int64(longest * track.rate.hertz))
                let usual = Int64.random(in: 1...most, using: &generator)
                while from < track.end {
                    let count =
                        Bool.random(using: &generator) ? usual : Int64.random(in: 1...most, using: &generator)
                    let end = min(from + count, track.end)
                    pieces.append((track, group, from..<end))
                    from = end
                }
            }
        }
        pieces.sort {
            $0.track.rate.time(of: $0.range.lowerBound) < $1.track.rate.time(of: $1.range.lowerBound)
        }
        return pieces.enumerated().map { index, piece in
            chunk(of: piece.track, leads: piece.leads, piece.range, sequence: UInt64(index + 1))
        }
    }

    /// One chunk of `track`: the leads at places `leads`, samples `range`.
    public func chunk(
        of track: SentTrack,
        leads: [Int],
        _ range: Range<SampleIndex>,
        sequence: UInt64,
        isLast: Bool = false
    ) -> LeadChunk {
        let part = Int(range.lowerBound - track.first)..<Int(range.upperBound - track.first)
        return LeadChunk(
            stream: identity,
            sequence: sequence,
            track: track.number,
            firstSample: range.lowerBound,
            sampleCount: range.count,
            rate: track.rate,
            leads: leads.map {
                LeadSamples(lead: track.leads[$0], millivolts: Array(track.values[$0][part]))
            },
            isLast: isLast
        )
    }
}

/// `count` values of a heart that beats at `rate` samples a second, with noise of up to 0.15 mV.
public func heart(
    _ count: Int,
    _ rate: SampleRate = .grid,
    _ generator: inout SeededGenerator
) -> [Float] {
    let seconds = Double(count) / rate.hertz
    var ecg = MadeECG(seconds: seconds + 1, noiseMillivolts: 0.02, seed: generator.next())
    ecg.addRhythm(
        from: .random(in: -0.3...0.5, using: &generator),
        to: seconds + 1,
        rate: .random(in: 60...110, using: &generator),
        qrs: .random(in: 1...1.6, using: &generator)
    )
    let sign: Float = Bool.random(using: &generator) ? 1 : -1
    return (0..<count).map { index in
        let place = min(Int(Double(index) / rate.hertz * 500), ecg.values.count - 1)
        return sign * ecg.values[place] + Float.random(in: -0.15...0.15, using: &generator)
    }
}

/// `count` values from -2 to 2 mV.
public func noise(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
    (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
}

extension LeadChunk {
    /// Where the chunk begins.
    public var startTime: StreamTime { rate.time(of: firstSample) }
    /// Where it ends.
    public var endTime: StreamTime { rate.time(of: endSample) }
    /// Seconds from `origin` to its end, for sorting.
    public func endSeconds(after origin: Int64) -> Double {
        Double(endSample - origin * rate.numerator / rate.denominator) / rate.hertz
    }

    /// The same chunk with `change` made to its leads.
    public func mapLeads(_ change: (LeadSamples) -> LeadSamples) -> LeadChunk {
        LeadChunk(
            stream: stream,
            sequence: sequence,
            track: track,
            firstSample: firstSample,
            sampleCount: sampleCount,
            rate: rate,
            nanovoltsPerUnit: nanovoltsPerUnit,
            leads: leads.map(change),
            gatewayTime: gatewayTime,
            device: device,
            isLast: isLast,
            unknownLeadCount: unknownLeadCount
        )
    }
}

/// Drops some chunks, but never two of a lead in a row: a hole is no longer than the longest chunk.
public func losing(
    _ chunks: [LeadChunk],
    share: Double,
    using generator: inout SeededGenerator
) -> [LeadChunk] {
    var lostBefore: [Lead] = []
    return chunks.filter { chunk in
        let leads = chunk.leads.map(\.lead)
        let isLost =
            !leads.contains(where: lostBefore.contains) && Double.random(in: 0..<1, using: &generator) < share
        lostBefore.removeAll(where: leads.contains)
        if isLost { lostBefore += leads }
        return !isLost
    }
}

/// `chunks` in another order with some of them twice, none more than `spread` seconds of stream time behind its turn.
public func disordered(
    _ chunks: [LeadChunk],
    spread: Double,
    origin: Int64 = 0,
    using generator: inout SeededGenerator
) -> [LeadChunk] {
    var copies: [(key: Double, chunk: LeadChunk)] = []
    let share = Double.random(in: 0...0.5, using: &generator)
    for chunk in chunks {
        let isTwice = Double.random(in: 0..<1, using: &generator) < share
        for _ in 0..<(isTwice ? 2 : 1) {
            copies.append(
                (chunk.endSeconds(after: origin) + .random(in: 0...spread, using: &generator), chunk)
            )
        }
    }
    return copies.sorted { $0.key < $1.key }.map(\.chunk)
}
