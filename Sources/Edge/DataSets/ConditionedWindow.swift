/// Windows of a recording as the daemon's encoder would see them: the same conditioner, chunk by chunk.
private import Conditioning
public import ECGSignal
public import Recordings

/// Ten seconds of one recording in the encoder's band.
public struct ConditionedWindow: Sendable {
    /// First grid sample.
    public let firstSample: GridIndex
    /// `[5000][12]`, millivolts at 500 Hz, 0 where a lead has no sample.
    public let rows: [Float]
    /// The twelve standard leads in their order.
    public let leads: [LeadCoverage]

    /// The leads that statements may rest on.
    public var usedLeads: LeadSet { LeadSet(leads.filter(\.isUsed).map(\.lead)) }

    /// `[12][5000]`: the same, lead after lead.
    public var byLead: [Float] {
        let (time, channels) = (Grid.windowSamples, Lead.channelCount)
        return (0..<channels).flatMap { channel in
            stride(from: channel, to: time * channels, by: channels).map { rows[$0] }
        }
    }
}

/// Cuts recordings into conditioned windows; one a thread, since tables are kept from one recording to the next.
public struct WindowCutter {
    /// The fewest grid samples that a recording without a whole window is still used with: 9 s, as in the daemon.
    static let shortestSamples = 4_500
    private var tables: [SampleRate: PolyphaseTable] = [:]

    /// A cutter that has seen nothing yet.
    public init() {}

    /// The windows at multiples of `hop` grid samples from the recording's start, at most `count` of them.
    ///
    /// A recording of 9 to 10 s gives one window whose end is 0 and counts as missing; a shorter one gives none.
    /// - Parameters:
    ///   - recording: Any rate that the daemon takes.
    ///   - leads: Only these are sent, the limb leads that follow from two of them are derived; nil sends all.
    ///   - nameLeads: What the channels are, where their names do not say it.
    ///   - hop: Grid samples, above 0.
    ///   - count: At least 1.
    /// - Returns: The windows in their order; empty for a recording that is too short.
    /// - Throws: A `RecordingError` where the channels cannot be taken as leads or the rate cannot be resampled.
    public mutating func windows(
        of recording: Recording,
        leads: [Lead]? = nil,
        nameLeads: String? = nil,
        hop: Int = Grid.windowSamples,
        atMost count: Int = 1
    ) throws(RecordingError) -> [ConditionedWindow] {
        precondition(hop > 0 && count > 0, "a hop and a count above 0")
        let assignment = try LeadAssignment(
            channelNames: recording.channels.map(\.name),
            nameLeads: nameLeads,
            leads: leads.map { $0.map(\.name).joined(separator: ",") }
        )
        let table = try table(for: recording)
        var cut = Cut(hop: hop, count: count)
        var conditioner = StreamConditioner()
        for chunk in recording.chunks(of: assignment) {
            _ = conditioner.take(chunk, table: table)
            cut.take(from: &conditioner)
            if cut.isFull { return cut.windows }
        }
        conditioner.close()
        cut.take(from: &conditioner)
        if cut.windows.isEmpty, conditioner.timeline.gridEnd >= Int64(Self.shortestSamples) {
            cut.append(from: conditioner)
        }
        return cut.windows
    }

    private mutating func table(for recording: Recording) throws(RecordingError) -> PolyphaseTable? {
        guard recording.rate != .grid else { return nil }
        if let known = tables[recording.rate] { return known }
        guard let made = try? PolyphaseTable(rate: recording.rate) else {
            throw RecordingError(
                .unsupported,
                recording.path,
                "\(recording.rate.hertz) Hz has too many resampling phases; send the nearest rate with a smaller "
                    + "denominator"
            )
        }
        tables[recording.rate] = made
        return made
    }

    /// The windows cut so far.
    private struct Cut {
        let hop: Int
        let count: Int
        var windows: [ConditionedWindow] = []
        var next: GridIndex = 0

        var isFull: Bool { windows.count == count }

        mutating func take(from conditioner: inout StreamConditioner) {
            while !isFull, conditioner.ready >= next + Int64(Grid.windowSamples) {
                append(from: conditioner)
                conditioner.forget(rowsBelow: next, presenceBelow: next)
            }
        }

        mutating func append(from conditioner: StreamConditioner) {
            var rows = [Float](repeating: 0, count: Grid.windowSamples * Lead.channelCount)
            conditioner.copyRows(next..<next + Int64(Grid.windowSamples), into: &rows, at: 0)
            windows.append(
                ConditionedWindow(
                    firstSample: next,
                    rows: rows,
                    leads: conditioner.coverage(ofWindowAt: next)
                )
            )
            next += Int64(hop)
        }
    }
}

extension Recording {
    /// The assigned channels as chunks of one second, in lead order: what `classify` feeds to the pipeline.
    func chunks(of assignment: LeadAssignment) -> some Sequence<LeadChunk> {
        let identity = StreamIdentity(patient: streamPatientID, device: "file", epoch: 1)
        let assigned = assignment.assignments.sorted { $0.lead < $1.lead }
        let millivolts = assigned.map { channels[$0.channel].millivolts() }
        let size = max(1, Int(rate.hertz))
        return stride(from: 0, to: sampleCount, by: size).lazy.map { from in
            let range = from..<min(from + size, sampleCount)
            return LeadChunk(
                stream: identity,
                sequence: UInt64(from / size + 1),
                firstSample: Int64(from),
                sampleCount: range.count,
                rate: rate,
                leads: assigned.indices.map {
                    LeadSamples(lead: assigned[$0].lead, millivolts: Array(millivolts[$0][range]))
                },
                isLast: range.upperBound == sampleCount
            )
        }
    }
}
