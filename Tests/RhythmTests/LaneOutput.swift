import ECGSignal
import Rhythm
import TestSupport

/// What the lane says of leads from their first row to their last.
func output(_ leads: [Lead: [Float]]) -> RhythmLane.Output {
    var lane = RhythmLane()
    var output = RhythmLane.Output()
    lane.take(rows(leads), into: &output)
    return output
}

/// When a finding begins, or ends, in seconds from the first row, from `start` on.
func times(
    _ output: RhythmLane.Output,
    _ finding: RhythmFinding,
    _ isOn: Bool = true,
    from start: Double = 0
) -> [Double] {
    output.changes.filter { $0.finding == finding && $0.isOn == isOn }
        .map { Double($0.at) / 500 }.filter { $0 >= start }
}
