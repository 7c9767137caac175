internal import Delineation
internal import ECGSignal
internal import Findings
internal import Quality
internal import Rhythm

/// What every rule says at the last row that was read.
extension RhythmReader {
    func readings(at moment: StreamMoment) -> StreamReadings {
        let signs = newestSigns.flatMap { $0.sample + 2_500 > moment.sample ? $0 : nil }
        return StreamReadings(
            moment: moment,
            quality: quality,
            agreement: lane.agreement(at: moment.sample),
            areBeatsTrusted: lane.areBeatsTrusted,
            vitals: signs,
            rules: lane.readings + [longQT.reading(of: signs)] + stChange.readings + signalReadings
        )
    }

    private var signalReadings: [RuleReading] {
        let off = signal.off.leads.map(\.name).joined(separator: ", ")
        let poor = signal.poor.leads.map(\.name).joined(separator: ", ")
        let cause: String =
            if signal.isBlind {
                "every lead stands still, is fainter than 0.05 mV or beyond what an ECG reaches"
            } else if signal.isUnanalysable {
                "no lead has a sample that could show a heart"
            } else if !lane.areBeatsTrusted {
                "what is found resembles no beats"
            } else if !lane.isEnoughSeen {
                "samples are missing so often that less than 4 s of 10 s would show a beat"
            } else {
                "nothing speaks against it"
            }
        return [
            RuleReading(
                SignalFinding.electrodeOff.rawValue,
                holds: !signal.off.isEmpty,
                note: off.isEmpty ? "the device reports none" : "the device reports it of \(off)"
            ),
            RuleReading(
                SignalFinding.poorQuality.rawValue,
                holds: !signal.poor.isEmpty,
                note: poor.isEmpty
                    ? "no lead stands still for 4 s or is at its rail"
                    : "\(poor) stands still for 4 s or is at its rail"
            ),
            RuleReading(
                SignalFinding.unanalysable.rawValue,
                holds: signal.isUnanalysable || !lane.areBeatsTrusted || !lane.isEnoughSeen,
                note: cause
            ),
        ]
    }
}
