internal import ECGSignal
internal import Findings

/// Vital signs of beats, once a second of the grid: how many there are, how fast they come, how many are ectopic.
///
/// A beat counts from the row at which it is published, about a quarter of a second after it, by the place where it
/// stands. What is told at a second rests on the rows before it and on nothing else.
struct BeatCounter: Sendable, Equatable, Codable {
    /// More beats than 10 s can have: those at 300/min, and a half more.
    private static let placesMax = 75
    /// Without a beat for so many samples there is no rate: 4 s, when asystole is told.
    private static let silentSamples = 2_000 + SilenceWatch.publicationSamples

    /// Places of the newest beats, a ring.
    private var places = [Int](repeating: 0, count: placesMax)
    /// Whether no beat can have been lost between a beat and the one before.
    private var isWhole = [Bool](repeating: true, count: placesMax)
    private var count = 0
    private var next = 0
    /// Ectopic beats by the second in which their class became final, a ring of the last 60.
    private var ectopic = [UInt8](repeating: 0, count: Int(VitalSigns.ectopicSeconds))
    /// The row at which counting began; nil while nothing can be counted.
    private var since: Int?

    /// Takes a beat that stands at `place`; `isWhole` says that no beat can have been lost since the one before.
    mutating func take(beatAt place: Int, isWhole: Bool = true) {
        places[next] = place
        self.isWhole[next] = isWhole
        next = (next + 1) % BeatCounter.placesMax
        count = min(count + 1, BeatCounter.placesMax)
    }

    /// Takes a beat whose class became final at row `n`.
    mutating func take(_ kind: BeatClass, at n: Int) {
        guard kind == .ventricular || kind == .supraventricularPremature else { return }
        let place = n / Int(Grid.rate) % ectopic.count
        if ectopic[place] < .max { ectopic[place] += 1 }
    }

    /// Nothing that was before counts any more: no lead has a sample, or the heart fibrillates.
    mutating func restart() {
        count = 0
        since = nil
        for place in ectopic.indices { ectopic[place] = 0 }
    }

    /// What is known after row `n`, the last one of a second.
    ///
    /// The lane says whether leads are missing, whether the heart fibrillates, and whether what was found resembles beats.
    mutating func tell(after n: Int, isInterrupted: Bool, isFibrillating: Bool, isNoisy: Bool) -> VitalSigns {
        let end = n + 1
        let second = Int64(end) / Grid.rate
        if isInterrupted { return BeatCounter.nothing(in: second, .noSignal) }
        if isFibrillating { return BeatCounter.nothing(in: second, .fibrillation) }
        let began = since ?? n
        since = began
        let (newest, intervals, samples, beats) = newestBeats(before: end)
        let rate: VitalSigns.Reading
        let interval: VitalSigns.Reading
        if let newest, samples > 0, end - newest <= BeatCounter.silentSamples {
            let mean = Double(samples) / Double(intervals)
            rate = .value(60 * Double(Grid.rate) / mean)
            interval = .value(1_000 * mean / Double(Grid.rate))
        } else {
            let isStarting = end - began < Int(VitalSigns.rateSeconds * Grid.rate)
            // Beats between which others may have been lost have no rate.
            let isTorn = beats >= 2 && intervals == 0
            let reason: VitalSigns.Reason = isStarting ? .starting : isTorn ? .noSignal : .noBeats
            rate = .unknown(reason)
            interval = .unknown(reason)
        }
        var ectopics = 0
        for number in ectopic { ectopics += Int(number) }
        // The place of the second that begins now held beats of a minute ago.
        ectopic[Int(second) % ectopic.count] = 0
        if isNoisy { return BeatCounter.nothing(in: second, .noise) }
        let isMinute = end - began >= Int(VitalSigns.ectopicSeconds * Grid.rate)
        return VitalSigns(
            second: second,
            heartRate: rate,
            interval: interval,
            ectopicPerMinute: isMinute ? .value(Double(ectopics)) : .unknown(.starting),
            beats: beats
        )
    }

    /// The place of the newest beat of the last 10 s before row `end`, how many intervals between these beats are whole, the
    /// sum of these, and how many beats there are.
    private func newestBeats(before end: Int) -> (newest: Int?, intervals: Int, samples: Int, beats: Int) {
        var newest: Int?
        var later: (place: Int, isWhole: Bool)?
        var (intervals, samples, beats) = (0, 0, 0)
        for back in 1...max(1, count) where back <= count {
            let index = (next - back + BeatCounter.placesMax) % BeatCounter.placesMax
            let place = places[index]
            guard place >= end - Int(VitalSigns.rateSeconds * Grid.rate) else { break }
            newest = newest ?? place
            if let later, later.isWhole {
                intervals += 1
                samples += later.place - place
            }
            later = (place, isWhole[index])
            beats += 1
        }
        return (newest, intervals, samples, beats)
    }

    private static func nothing(in second: Int64, _ reason: VitalSigns.Reason) -> VitalSigns {
        VitalSigns(
            second: second,
            heartRate: .unknown(reason),
            interval: .unknown(reason),
            ectopicPerMinute: .unknown(reason),
            beats: 0
        )
    }
}
