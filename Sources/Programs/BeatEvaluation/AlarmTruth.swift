internal import BeatScoring
internal import Recordings

/// What should alarm in an annotated record, by the catalogue's definitions applied to the annotated beats.
///
/// Rates are 60 over the mean of the newest eight intervals, of four below 50/min, and begin anew after flutter. A run is
/// of ventricular beats at 100/min or more. Within 4/min of a limit a rate counts neither way.
struct AlarmTruth {
    /// A stretch in which a statement is true, seconds of the record.
    struct Stretch {
        let statement: String
        var from: Double
        var to: Double
        /// Whether an alarm is asked for; where not, it is only no false one.
        var isAsked: Bool
    }

    private(set) var stretches: [Stretch] = []

    /// How far an extreme rate must be beyond its limit to be asked for, and may be short of it to be true, a minute.
    private static let margin = 4.0

    init(_ record: AnnotatedRecord) {
        let rate = record.recording.rate.hertz
        let beats = record.reference.beats.map { (time: Double($0.sample) / rate, kind: $0.kind) }
        let flutter = record.reference.flutter.map {
            (from: Double($0.lowerBound) / rate, to: Double($0.upperBound) / rate)
        }
        for part in flutter {
            stretches.append(
                Stretch(statement: "ventricular_fibrillation", from: part.from, to: part.to, isAsked: true)
            )
        }
        var episodes: [[(time: Double, kind: ScoredClass)]] = [[]]
        for beat in beats {
            let last = episodes[episodes.count - 1].last
            let isCut =
                last.map { last in flutter.contains { $0.from > last.time && $0.from < beat.time } } ?? false
            if isCut { episodes.append([]) }
            if !flutter.contains(where: { $0.from <= beat.time && beat.time <= $0.to }) {
                episodes[episodes.count - 1].append(beat)
            }
        }
        for episode in episodes {
            addRates(episode.map(\.time))
            addSilences(episode.map(\.time))
            addRuns(episode)
            stretches += PatternTruth(episode).stretches
        }
        addFibrillation(of: record, rate: rate)
    }

    private mutating func addRates(_ times: [Double]) {
        let limits: [(id: String, limit: Double, sign: Double)] = [
            ("bradycardia", 50, -1), ("extreme_bradycardia", 40, -1), ("tachycardia", 120, 1),
            ("extreme_tachycardia", 140, 1),
        ]
        var open = [Stretch?](repeating: nil, count: limits.count)
        for index in times.indices where index >= 4 {
            let four = 60 * 4 / (times[index] - times[index - 4])
            let reach = min(index, 8)
            let eight = 60 * Double(reach) / (times[index] - times[index - reach])
            let rate = four < 50 ? four : eight
            for (place, limit) in limits.enumerated() {
                let excess = limit.sign * (rate - limit.limit)
                if excess > -AlarmTruth.margin {
                    var stretch =
                        open[place]
                        ?? Stretch(statement: limit.id, from: times[index], to: times[index], isAsked: false)
                    stretch.to = times[index]
                    if excess >= AlarmTruth.margin { stretch.isAsked = true }
                    open[place] = stretch
                } else if let stretch = open[place], times[index] - stretch.to > 10 {
                    stretches.append(stretch)
                    open[place] = nil
                }
            }
        }
        stretches += open.compactMap(\.self)
    }

    private mutating func addSilences(_ times: [Double]) {
        for (before, after) in zip(times, times.dropFirst()) {
            let silence = after - before
            // Half a tenth of a second on either side of a limit counts neither way.
            guard silence > 2.95 else { continue }
            let id = silence > 4 ? "asystole" : "pause"
            let isAsked = silence > 4.05 || silence > 3.05 && silence < 3.95
            stretches.append(Stretch(statement: id, from: before, to: after, isAsked: isAsked))
        }
    }

    private mutating func addRuns(_ beats: [(time: Double, kind: ScoredClass)]) {
        var run: [Double] = []
        func close(_ run: [Double], _ stretches: inout [Stretch]) {
            guard let first = run.first, let last = run.last, run.count >= 3 else { return }
            let id = run.count >= 6 ? "ventricular_tachycardia" : "ventricular_short_run"
            stretches.append(Stretch(statement: id, from: first, to: last, isAsked: true))
        }
        for beat in beats {
            let isVentricular = beat.kind == .ventricular
            if !isVentricular || run.last.map({ beat.time - $0 > 0.6 }) ?? false {
                close(run, &stretches)
                run = []
            }
            if isVentricular { run.append(beat.time) }
        }
        close(run, &stretches)
    }

    private mutating func addFibrillation(of record: AnnotatedRecord, rate: Double) {
        var from: Double?
        let end = record.recording.seconds
        func close(_ from: Double?, _ to: Double, _ stretches: inout [Stretch]) {
            guard let from, to - from >= 30 else { return }
            stretches.append(
                Stretch(statement: "atrial_fibrillation", from: from, to: to, isAsked: to - from >= 60)
            )
        }
        for mark in record.annotations where mark.code == .rhythm {
            let isOn = mark.text.hasPrefix("(AFIB") || mark.text.hasPrefix("(AFL")
            let time = Double(mark.sample) / rate
            if isOn {
                from = from ?? time
            } else {
                close(from, time, &stretches)
                from = nil
            }
        }
        close(from, end, &stretches)
    }
}
