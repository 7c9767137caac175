internal import ECGSignal
internal import Recordings

/// PR, QRS and QT as annotators marked them, lead by lead, in the last ten seconds of a recording.
///
/// Each lead's file has the marks `(` `p` `)` `(` `N` `)` `(` `t` `)`: where a wave begins, its peak, where it ends. A
/// beat's limit is the median over the leads that mark it, if half of the leads do; an interval is the median over the
/// beats that have both limits, if half of the beats do. Half of an even number is rounded up.
struct MarkedIntervals {
    /// Milliseconds; nil where the marks do not say.
    private(set) var pr: Double?
    private(set) var qrs: Double?
    private(set) var qt: Double?

    /// A wave as marked in one lead, seconds of the record.
    private struct Wave {
        let sign: Character
        let start: Double?
        let peak: Double
        let end: Double?
    }

    /// A beat as its leads mark it; each has the limits of all leads.
    private struct MarkedBeat {
        let peak: Double
        var pStarts: [Double] = []
        var starts: [Double] = []
        var ends: [Double] = []
        var tEnds: [Double] = []
        var leads = 0
    }

    /// Peaks of one beat in two leads are nearer than this, seconds.
    private static let apart = 0.15

    /// The marks of `leads`, each in the file whose ending is the lead's name, in the ten seconds before `end`.
    ///
    /// - Throws: `RecordingError` where a file cannot be read, or none is there.
    init(
        _ recording: Recording,
        leads: [LeadAssignment.Assignment],
        before end: Double
    ) throws(RecordingError) {
        var beats: [MarkedBeat] = []
        var marked = 0
        for assigned in leads {
            let ending = recording.channels[assigned.channel].name
            guard let file = try MarkedIntervals.file(of: recording, ending) else { continue }
            marked += 1
            let waves = MarkedIntervals.waves(file, ticks: file.ticksPerSecond ?? recording.rate.hertz)
            for (index, wave) in waves.enumerated()
            where wave.sign == "N" && wave.peak < end && wave.peak >= end - 10 {
                let before = index > 0 && waves[index - 1].sign == "p" ? waves[index - 1] : nil
                let after = index + 1 < waves.count && waves[index + 1].sign == "t" ? waves[index + 1] : nil
                let place =
                    beats.firstIndex { abs($0.peak - wave.peak) < MarkedIntervals.apart } ?? beats.count
                if place == beats.count { beats.append(MarkedBeat(peak: wave.peak)) }
                beats[place].leads += 1
                if let start = wave.start { beats[place].starts.append(start) }
                if let end = wave.end { beats[place].ends.append(end) }
                if let start = before?.start { beats[place].pStarts.append(start) }
                if let end = after?.end { beats[place].tEnds.append(end) }
            }
        }
        guard marked > 0 else {
            throw RecordingError(
                .notFound,
                recording.path,
                "no lead has an annotation file; NAME.ii holds the limits of lead ii"
            )
        }
        let half = (marked + 1) / 2
        func limit(_ places: [Double]) -> Double? {
            places.count >= half ? MarkedIntervals.median(places) : nil
        }
        func interval(_ from: (MarkedBeat) -> [Double], _ to: (MarkedBeat) -> [Double]) -> Double? {
            let known = beats.compactMap { beat -> Double? in
                guard let first = limit(from(beat)), let last = limit(to(beat)) else { return nil }
                return 1_000 * (last - first)
            }
            return known.isEmpty || 2 * known.count < beats.count ? nil : MarkedIntervals.median(known)
        }
        pr = interval(\.pStarts, \.starts)
        qrs = interval(\.starts, \.ends)
        qt = interval(\.starts, \.tEnds)
    }

    /// The marks of a lead; nil where it has none.
    private static func file(
        of recording: Recording,
        _ ending: String
    ) throws(RecordingError) -> AnnotationFile? {
        do throws(RecordingError) {
            return try AnnotationFile.load(recording.path, ending: ending)
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }

    private static func waves(_ file: AnnotationFile, ticks: Double) -> [Wave] {
        let marks = file.annotations
        return marks.indices.compactMap { index in
            guard let sign = marks[index].code.sign, "pNt".contains(sign) else { return nil }
            func seconds(_ other: Int, _ bracket: Character) -> Double? {
                guard marks.indices.contains(other), marks[other].code.sign == bracket else { return nil }
                return Double(marks[other].sample) / ticks
            }
            return Wave(
                sign: sign,
                start: seconds(index - 1, "("),
                peak: Double(marks[index].sample) / ticks,
                end: seconds(index + 1, ")")
            )
        }
    }

    /// The middle one, or the mean of the two in the middle.
    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
