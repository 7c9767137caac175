internal import ECGSignal
internal import Findings
internal import Quality
internal import Rhythm

/// Whether a window shows a heart that beats, as the rhythm lane saw it: only then may the model's ranking be believed.
///
/// A network that was trained on hearts finds a heart in everything. Where no beat was found in ten seconds there is noise,
/// hum or standstill, where a standstill lasts at the window's end the beats before it say nothing of now, where most of the
/// window resembles no beats there is noise, and where the leads fibrillate no statement that the model knows is true. The
/// lane may be far ahead of the windows, and behind them by the rows that wait for what follows a jump (`PacingSpikes`), so a
/// window counts only what the lane knew so many rows before the window's end.
struct HeartSigns: Sendable, Codable {
    /// A beat, and the row with which it was published.
    private struct Sign: Sendable, Codable {
        let place: GridIndex
        let at: GridIndex
    }

    private var beats: [Sign] = []
    /// Rows with which fibrillation began and ended; the newest may still last.
    private var fibrillations = Stretches()
    /// The same of a standstill.
    private var standstills = Stretches()
    /// The same of signal that cannot be analysed.
    private var noises = Stretches()
    /// The ends of the seconds in which every lead that is sent showed a heart clearly, as far as its samples tell.
    private var goodSeconds: [GridIndex] = []
    /// So many samples of a window may be such signal: 5 s.
    private static let noiseMax: GridIndex = 2_500

    /// Nothing was seen yet.
    init() {
        beats.reserveCapacity(128)
        goodSeconds.reserveCapacity(64)
    }

    /// Notes what the rows that were read last gave.
    mutating func note(_ reader: borrowing RhythmReader) {
        let output = reader.output
        goodSeconds += reader.goodSeconds
        for beat in output.found { beats.append(Sign(place: beat.place, at: beat.publishedAt)) }
        for change in output.changes where change.finding == .ventricularFibrillation {
            fibrillations.note(change.isOn, at: change.at)
        }
        for change in output.changes where change.finding == .asystole {
            standstills.note(change.isOn, at: change.at)
        }
        for change in reader.signalChanges where change.finding == .unanalysable {
            noises.note(change.isOn, at: change.at)
        }
    }

    /// Whether the window has a beat, no fibrillation, no standstill at its end, and not more than 5 s before row `end` that
    /// cannot be analysed.
    ///
    /// `end` is one past the last row of the stream so far; only the window of a short stream reaches beyond it.
    func areSeen(in window: Range<GridIndex>, before end: GridIndex) -> Bool {
        let seen = window.lowerBound..<max(window.lowerBound, min(window.upperBound, end))
        let known = window.upperBound - GridIndex(PacingSpikes.heldRows)
        return fibrillations.samples(in: window, knownAt: known) == 0 && !standstills.holds(at: known)
            && noises.samples(in: seen, knownAt: known) <= HeartSigns.noiseMax
            && beats.contains { window.contains($0.place) && $0.at < known }
    }

    /// What the signal of a window is worth; `end` is one past the last row of the stream so far.
    ///
    /// It is unanalysable where more than 5 s of it cannot be analysed, and good where each of its whole seconds of the
    /// grid was good, all of it could be analysed, and no lead lacks a part of it, at its edges neither. The last second
    /// counts only where it ends so early that the lane has surely read it.
    func quality(
        ofWindowAt start: GridIndex,
        before end: GridIndex,
        _ leads: [LeadCoverage]
    ) -> SignalQuality.Grade {
        let window = start..<start + GridIndex(Grid.windowSamples)
        let seen = window.lowerBound..<max(window.lowerBound, min(window.upperBound, end))
        let known = window.upperBound - GridIndex(PacingSpikes.heldRows)
        let noise = noises.samples(in: seen, knownAt: known)
        if noise > HeartSigns.noiseMax { return .unanalysable }
        let first = (window.lowerBound + Grid.rate - 1) / Grid.rate * Grid.rate + Grid.rate
        let last = min(known, end) / Grid.rate * Grid.rate
        let wanted = max(0, last - first + Grid.rate) / Grid.rate
        let found = goodSeconds.count { $0 >= first && $0 <= last }
        let length = Int(seen.upperBound - seen.lowerBound)
        let isWhole = leads.allSatisfy {
            $0.source == .absent || $0.samplesPresent == 0 || $0.samplesPresent >= length
        }
        return noise == 0 && found == wanted && wanted > 0 && isWhole ? .good : .limited
    }

    /// No window begins before `start` any more.
    mutating func forget(before start: GridIndex) {
        beats.removeAll { $0.place < start }
        goodSeconds.removeAll { $0 <= start }
        fibrillations.forget(before: start)
        standstills.forget(before: start)
        noises.forget(before: start)
    }

    /// The stream begins anew.
    mutating func restart() {
        beats.removeAll(keepingCapacity: true)
        goodSeconds.removeAll(keepingCapacity: true)
        fibrillations = Stretches()
        standstills = Stretches()
        noises = Stretches()
    }
}

/// Stretches of rows in which something held, in order; the newest may still last.
private struct Stretches: Sendable, Codable {
    private struct Stretch: Sendable, Codable {
        let from: GridIndex
        var to: GridIndex?
    }

    private var stretches: [Stretch] = []

    /// Nothing held yet.
    init() { stretches.reserveCapacity(8) }

    /// It holds from row `n` on, or no longer.
    mutating func note(_ isOn: Bool, at n: GridIndex) {
        let isOpen = stretches.last.map { $0.to == nil } ?? false
        guard isOn != isOpen else { return }
        if isOn {
            stretches.append(Stretch(from: n))
        } else {
            stretches[stretches.count - 1].to = n
        }
    }

    /// For how many rows of `window` it held, as far as changes before row `known` say.
    func samples(in window: Range<GridIndex>, knownAt known: GridIndex) -> GridIndex {
        var sum: GridIndex = 0
        for stretch in stretches where stretch.from < known {
            let from = max(stretch.from, window.lowerBound)
            let end = stretch.to.flatMap { $0 < known ? $0 : nil }
            let to = min(end ?? window.upperBound, window.upperBound)
            sum += max(0, to - from)
        }
        return sum
    }

    /// Whether it holds before row `known`, as far as changes before that say.
    func holds(at known: GridIndex) -> Bool {
        guard let newest = stretches.last(where: { $0.from < known }) else { return false }
        return newest.to.map { $0 >= known } ?? true
    }

    /// Rows before `start` are asked for no more.
    mutating func forget(before start: GridIndex) {
        stretches.removeAll { $0.to.map { $0 <= start } ?? false }
    }
}
