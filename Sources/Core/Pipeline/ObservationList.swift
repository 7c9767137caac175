internal import ECGSignal
internal import Findings
internal import Quality
internal import Rhythm

/// What rhythm and signal gave, in the words of the alarm policy and in the order of stream time.
///
/// At one row the interruption of analysis comes before the ends that it makes, then what the signal tells, then
/// rhythms, then what was measured, and a beat comes last.
struct ObservationList: Sendable {
    private(set) var observations: [Observation] = []

    /// An empty list with room for some seconds.
    init() { observations.reserveCapacity(64) }

    /// Becomes what `reader` has read of `stream` with the newest input; keeps its memory.
    mutating func become(_ reader: RhythmReader, of stream: StreamIdentity, _ clock: StreamClock) {
        observations.removeAll(keepingCapacity: true)
        let rhythm = reader.output
        let signal = reader.signalChanges
        let measured = reader.measured
        var places = (analysis: 0, signal: 0, change: 0, measured: 0, beat: 0)
        while true {
            let analysisAt =
                places.analysis < rhythm.analysis.count ? rhythm.analysis[places.analysis].at : .max
            let signalAt = places.signal < signal.count ? signal[places.signal].at : .max
            let changeAt = places.change < rhythm.changes.count ? rhythm.changes[places.change].at : .max
            let beatAt = places.beat < rhythm.found.count ? rhythm.found[places.beat].publishedAt : .max
            let measuredAt = places.measured < measured.count ? measured[places.measured].at : .max
            let next = min(min(analysisAt, signalAt), min(changeAt, measuredAt), beatAt)
            guard next < .max else { return }
            let content: Observation.Content
            if analysisAt == next {
                content = .analysis(isPossible: rhythm.analysis[places.analysis].isPossible)
                places.analysis += 1
            } else if signalAt == next {
                content = .finding(ObservationList.finding(signal[places.signal]))
                places.signal += 1
            } else if changeAt == next {
                content = .finding(ObservationList.finding(rhythm.changes[places.change]))
                places.change += 1
            } else if measuredAt == next {
                content = .finding(measured[places.measured].finding)
                places.measured += 1
            } else {
                content = .beat
                places.beat += 1
            }
            let moment = StreamMoment(stream: stream, sample: next, time: clock.utc(of: next))
            observations.append(Observation(content, at: moment))
        }
    }

    private static func finding(_ change: SignalChange) -> Observation.Finding {
        Observation.Finding(
            change.finding.rawValue,
            holds: change.isOn,
            since: change.since,
            leads: change.leads.isEmpty ? [] : change.leads.leads
        )
    }

    private static func finding(_ change: RhythmChange) -> Observation.Finding {
        Observation.Finding(
            change.finding.rawValue,
            holds: change.isOn,
            since: change.since,
            figure: change.rate.map { Figure($0, .perMinute) }
        )
    }
}
