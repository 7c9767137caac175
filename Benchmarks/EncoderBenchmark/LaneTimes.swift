import Delineation
import ECGSignal
import Findings
import Quality
import Rhythm

/// The rhythm lane, the watch of the signal and the intervals beside the encoder, in turn, on the same twelve leads.
struct LaneTimes {
    private var spikes = PacingSpikes()
    private var lane = RhythmLane()
    private var intervals = IntervalWatch()
    private var waves: [WaveIntervals] = []
    private var signal = SignalWatch()
    private var output = RhythmLane.Output()
    private var changes: [SignalChange] = []
    private var rows = WideRows()
    private var next: GridIndex = 0
    private let values: [Float]

    /// Lanes that read `values`, `[time][12]` millivolts, over and over.
    init(_ values: [Float]) {
        self.values = values
        let leads = Lead.standard.map { LeadSamples(lead: $0, millivolts: [0]) }
        spikes.note(
            LeadChunk(
                stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                sequence: 1,
                firstSample: 0,
                sampleCount: 1,
                rate: .grid,
                leads: leads
            )
        )
    }

    /// Nanoseconds for the next hop of rows.
    mutating func timeHop() -> Int64 {
        let range = next..<next + GridIndex(Subject.hop)
        rows.reset(to: range)
        let held = GridIndex(values.count / Lead.channelCount)
        for index in range {
            for channel in 0..<Lead.channelCount {
                let place = Int(index % held) * Lead.channelCount + channel
                rows.set(values[place], at: index, channel: channel)
            }
        }
        for channel in 0..<Lead.channelCount { rows.notePresent(range, channel: channel) }
        next = range.upperBound
        return ThreadClock.nanoseconds { takeRows() }
    }

    @inline(never)
    private mutating func takeRows() {
        output.removeAll()
        changes.removeAll(keepingCapacity: true)
        waves.removeAll(keepingCapacity: true)
        spikes.clean(&rows)
        lane.take(rows, into: &output)
        for beat in output.beats where beat.kind == .normal {
            intervals.note(usualBeatAt: beat.place, interval: beat.interval, knownAt: beat.classifiedAt)
        }
        intervals.take(rows, into: &waves)
        signal.take(rows, into: &changes)
    }

    /// One line: the medians of `rounds` rounds, and the lane's part of the encoder's time.
    static func line(_ subject: inout Subject, rounds: Int) -> String {
        var lanes = LaneTimes(subject.longSignal)
        var encoder: [Int64] = []
        var lane: [Int64] = []
        for round in 0..<rounds + 20 {
            let first = subject.timeHop(streams: 1)
            let second = lanes.timeHop()
            // The lane learns in its first seconds.
            guard round >= 20 else { continue }
            encoder.append(first)
            lane.append(second)
        }
        encoder.sort()
        lane.sort()
        let (one, other) = (Double(encoder[rounds / 2]), Double(lane[rounds / 2]))
        return
            "hop of 512 samples, 12 leads, \(rounds) rounds: encoder \(Int(one / 1_000)) us, "
            + "rhythm, intervals and signal \(Int(other / 1_000)) us, \(Int((other / one * 1_000).rounded())) thousandths"
    }
}
