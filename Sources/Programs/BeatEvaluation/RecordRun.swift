internal import BeatScoring
internal import Conditioning
internal import ECGSignal
internal import Recordings
internal import Rhythm

/// A recording's way through the rhythm lane, as a live stream would take it.
struct RecordRun {
    /// What the lane gave.
    private(set) var output = RhythmLane.Output()

    /// Sends the recording's leads through conditioning and lane.
    init(
        _ record: AnnotatedRecord,
        leads: String?,
        noise: NoiseStress?
    ) throws(RecordingError) {
        let stream = try RecordRun.stream(record, leads: leads, noise: noise)
        var timeline = StreamTimeline()
        var conditioned = ConditionedStream()
        let reader = conditioned.addWideReader()
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        var rows = WideRows()
        var chunks = stream.chunks
        var next: GridIndex?
        var table: (rate: SampleRate, table: PolyphaseTable?)?
        func read(_ conditioned: inout ConditionedStream) {
            let from = next ?? conditioned.joinedAt ?? 0
            guard conditioned.ready > from else { return }
            conditioned.copyWideRows(from..<conditioned.ready, into: &rows)
            lane.take(rows, into: &output)
            next = conditioned.ready
            _ = conditioned.nextWindow()
            conditioned.release(rowsBelow: conditioned.ready, by: reader)
        }
        while let chunk = try chunks.next() {
            if table?.rate != chunk.rate {
                table = (chunk.rate, chunk.rate == .grid ? nil : try RecordRun.table(of: chunk.rate))
            }
            _ = conditioned.take(timeline.place(chunk), table: table?.table)
            read(&conditioned)
        }
        timeline.tick()
        conditioned.close(.last, at: timeline.front)
        read(&conditioned)
        lane.close(at: conditioned.ready, into: &output)
        self.output = output
    }

    private static func table(of rate: SampleRate) throws(RecordingError) -> PolyphaseTable {
        do { return try PolyphaseTable(rate: rate) } catch {
            throw RecordingError(.unsupported, "\(rate.hertz) Hz", "the rate cannot be resampled")
        }
    }

    private static func stream(
        _ record: AnnotatedRecord,
        leads: String?,
        noise: NoiseStress?
    ) throws(RecordingError) -> RecordedStream {
        let recording = record.recording
        let (stream, _) = try RecordedStream.read(recording, leads: leads)
        guard let noise else { return stream }
        let assignment = try LeadAssignment(of: recording.channels, leads: leads)
        let normal = record.annotations.filter { $0.code == .normal }.map(\.sample)
        let beats = normal.isEmpty ? record.reference.beats.map(\.sample) : normal
        var noisy: [RecordedStream.RecordedLead] = []
        for assigned in assignment.assignments.sorted(by: { $0.lead < $1.lead }) {
            guard let rate = recording.channels[assigned.channel].rate else { continue }
            var samples = try recording.allMillivolts(of: assigned.channel)
            try noise.add(to: &samples, channel: assigned.channel, beats: beats, rate: recording.rate)
            noisy.append(
                RecordedStream.RecordedLead(
                    lead: assigned.lead,
                    rate: rate,
                    samples: RecordedSamples(values: .reals(samples)),
                    nanovoltsPerUnit: 1e6
                )
            )
        }
        return RecordedStream(identity: stream.identity, start: stream.start, leads: noisy)
    }
}
