internal import ECGSignal
internal import Rhythm

/// Whether a window shows a heart that beats, as the rhythm lane saw it: only then may the model's ranking be believed.
///
/// A network that was trained on hearts finds a heart in everything. Where no beat was found in ten seconds there is noise,
/// hum or standstill, and where the leads fibrillate no statement that the model knows is true. The lane is never behind
/// the windows but may be far ahead of them, so a window counts only what the lane knew at the window's end.
struct HeartSigns: Sendable {
    /// A beat, and the row with which it was published.
    private struct Sign: Sendable {
        let place: GridIndex
        let at: GridIndex
    }

    private var beats: [Sign] = []
    /// Rows with which fibrillation began and ended; the newest may still last.
    private var fibrillations: [(from: GridIndex, to: GridIndex?)] = []

    /// Nothing was seen yet.
    init() {
        beats.reserveCapacity(128)
        fibrillations.reserveCapacity(8)
    }

    /// Notes what the lane gave.
    mutating func note(_ output: RhythmLane.Output) {
        for beat in output.found { beats.append(Sign(place: beat.place, at: beat.publishedAt)) }
        for change in output.changes where change.finding == .ventricularFibrillation {
            if change.isOn {
                fibrillations.append((change.at, nil))
            } else if let last = fibrillations.indices.last, fibrillations[last].to == nil {
                fibrillations[last].to = change.at
            }
        }
    }

    /// Whether the window has a beat and no fibrillation.
    func areSeen(in window: Range<GridIndex>) -> Bool {
        let fibrillates = fibrillations.contains {
            $0.from < window.upperBound && $0.to.map { $0 > window.lowerBound } ?? true
        }
        return !fibrillates && beats.contains { window.contains($0.place) && $0.at < window.upperBound }
    }

    /// No window begins before `start` any more.
    mutating func forget(before start: GridIndex) {
        beats.removeAll { $0.place < start }
        fibrillations.removeAll { $0.to.map { $0 <= start } ?? false }
    }

    /// The stream begins anew.
    mutating func restart() {
        beats.removeAll(keepingCapacity: true)
        fibrillations.removeAll(keepingCapacity: true)
    }
}
