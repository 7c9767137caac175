internal import ECGSignal

/// How many of the beats of the last minute are ventricular, second by second.
///
/// Frequent are ten in a minute that are a tenth of the beats or more; it is over below eight in a minute, or in a hundred.
struct EctopicMinute: Sendable, Equatable, Codable {
    static let onset = 10
    static let end = 8
    private static let seconds = 60

    private var beats = [UInt8](repeating: 0, count: seconds)
    private var ventricular = [UInt8](repeating: 0, count: seconds)
    private var newest = 0

    /// No beat has come.
    init() {}

    /// Beats of the last minute, and ventricular ones among them.
    var sums: (beats: Int, ventricular: Int) {
        var sums = (beats: 0, ventricular: 0)
        for index in beats.indices {
            sums.beats += Int(beats[index])
            sums.ventricular += Int(ventricular[index])
        }
        return sums
    }

    /// Nothing that was before counts.
    mutating func restart() { for index in beats.indices { clear(index) } }

    private mutating func clear(_ index: Int) {
        beats[index] = 0
        ventricular[index] = 0
    }

    /// Takes a beat whose class is final.
    mutating func take(
        _ beat: Beat,
        at n: Int,
        isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        let second = Int(beat.place) / Int(Grid.rate)
        if second - newest >= EctopicMinute.seconds {
            restart()
        } else {
            for passed in stride(from: newest + 1, through: second, by: 1) {
                clear(passed % EctopicMinute.seconds)
            }
        }
        newest = max(newest, second)
        let index = second % EctopicMinute.seconds
        beats[index] = min(beats[index], .max - 1) + 1
        if beat.kind == .ventricular { ventricular[index] = min(ventricular[index], .max - 1) + 1 }
        let (all, number) = sums
        let holds = states.holds(.frequentVentricular)
        let least = holds ? EctopicMinute.end : EctopicMinute.onset
        let isFrequent = number >= least && 100 * number >= least * all
        guard holds || isTrusted else { return }
        let rate = isFrequent ? Double(number) : nil
        states.set(.frequentVentricular, isFrequent, at: n, since: Int(beat.place), rate: rate, &changes)
    }
}
