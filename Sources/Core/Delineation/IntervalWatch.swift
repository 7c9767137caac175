public import ECGSignal
public import Findings

/// Measures PR, QRS, QT and ST of one stream, once a second, on one page.
///
///     row -> each lead at 250 Hz, its newest two seconds                    LeadBeats
///     usual beat, once its class and its T are there -> laid on the others   MedianBeat
///     median of the newest eight of the last 10 s -> limits of P, QRS, T     WaveFinder
///
/// It finds no beats; it is told of them. What comes out is a function of rows and beats, wherever they were cut; the
/// watch is a value, and it allocates nothing once every lead was heard and the caller's list has room.
public struct IntervalWatch: Sendable, Codable {
    /// After so many rows without a sample nothing before them counts: 2 s.
    private static let silentRows = 1_000
    /// Room for the usual beats that may be waited for at once: more than two seconds can have.
    private static let waitingRoom = 16

    /// A beat that is not yet whole.
    private struct Waiting: Sendable, Codable {
        var place: Int
        var interval: Int?
        /// The row with which it was known to be a usual one.
        var knownAt: Int
    }

    /// What was found in a version of the median.
    private struct Told: Sendable, Codable {
        let version: Int
        let intervals: WaveIntervals
    }

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case beat, waiting, newest, silent, told
    }

    private var beat = MedianBeat()
    private var finder = WaveFinder()
    private var waiting: [Waiting] = []
    private var newest: Int?
    /// Rows since the newest that had a sample, at most 2 s of them.
    private var silent = 0
    /// What was found in the median of that version.
    private var told = Told(version: -1, intervals: WaveIntervals(unknown: .fewBeats))

    /// A watch that has seen nothing.
    public init() { waiting.reserveCapacity(IntervalWatch.waitingRoom) }

    /// Notes a beat that is like most beats of the patient, before the rows that made that known are taken.
    ///
    /// - Parameters:
    ///   - place: Where it stands on the grid.
    ///   - interval: Samples of the grid since the beat before; nil where that is not known.
    ///   - row: The grid index of the row with which it was known to be one.
    public mutating func note(usualBeatAt place: GridIndex, interval: Int?, knownAt row: GridIndex) {
        waiting.append(Waiting(place: Int(place), interval: interval, knownAt: Int(row)))
    }

    /// Takes the next rows, each grid index once, and appends to `intervals` what is known at the end of each whole second in them.
    public mutating func take(_ rows: WideRows, into intervals: inout [WaveIntervals]) {
        let values = rows.fours.span
        for row in 0..<rows.count {
            let n = Int(rows.start) + row
            if let newest, n != newest + 1 { beat.forget() }
            newest = n
            silent = rows.present[row].isEmpty ? min(silent + 1, IntervalWatch.silentRows) : 0
            // Rows without a sample may be left out after that: they change nothing any more.
            if silent == IntervalWatch.silentRows { beat.forget() }
            beat.take(values, from: row * FourLeads.count, isSilent: silent > 0, at: n)
            beat.putBack(at: n)
            while let first = waiting.first, n >= max(first.knownAt, (first.place & ~1) + LeadBeats.reach) {
                waiting.removeFirst()
                // Rows that were left out may have made a beat too old to be read.
                guard n - first.place <= LeadBeats.oldest else { continue }
                beat.take(beatAt: first.place, interval: first.interval, at: n)
            }
            if (n + 1).isMultiple(of: Int(Grid.rate)) { intervals.append(tell(before: n + 1)) }
        }
    }

    private mutating func tell(before end: Int) -> WaveIntervals {
        beat.forgetOld(before: end)
        guard beat.version != told.version else { return told.intervals }
        let intervals = measure()
        told = Told(version: beat.version, intervals: intervals)
        return intervals
    }

    private mutating func measure() -> WaveIntervals {
        guard beat.beats >= MedianBeat.beatsMin else { return WaveIntervals(unknown: .fewBeats) }
        guard !beat.used.isEmpty else { return WaveIntervals(unknown: .unclear) }
        let limits = finder.find(in: beat)
        guard let qrs = limits.qrs else { return WaveIntervals(unknown: .unclear) }
        func reading(_ samples: Double?) -> VitalSigns.Reading {
            samples.map { .value(4 * $0) } ?? .unknown(.unclear)
        }
        return WaveIntervals(
            pr: reading(limits.pStart.map { qrs.start - $0 }),
            qrs: reading(qrs.end - qrs.start),
            qt: reading(limits.tEnd.map { $0 - qrs.start }),
            st: levels(beside: qrs),
            beats: beat.beats
        )
    }

    /// ST of the used leads, 60 ms after QRS beside the mean of the 16 ms before it.
    private func levels(beside qrs: (start: Double, end: Double)) -> STLevels {
        guard 4 * (qrs.end - qrs.start) < LongQT.wideQRS else { return STLevels(unknown: .wideQRS) }
        var levels = STLevels(unknown: .unclear)
        let before = Int(qrs.start) - 4..<Int(qrs.start)
        let place = Int(qrs.end.rounded()) + 15
        guard place < LeadBeats.samples else { return levels }
        for channel in 0..<Lead.channelCount where beat.used.contains(channel: channel) {
            var baseline = 0.0
            for index in before { baseline += beat.leads[channel][index] }
            let level = beat.leads[channel][place] - baseline / Double(before.count)
            levels.set(level / 1_000, channel: channel)
        }
        return levels
    }
}

// MARK: checkpoints

extension IntervalWatch {
    /// The first row that the beats are cut from that are known; nil where there is none.
    public var firstRow: GridIndex? { beat.firstRow.map { GridIndex($0) } }

    /// Cuts the beats that `other` knows, from the rows that come, and none of its own; it tells nothing that counts.
    public mutating func putBack(beatsOf other: IntervalWatch) { beat.putBack(beatsOf: other.beat) }

    /// Has the beats that another watch has cut for it.
    public mutating func takeBeats(of other: IntervalWatch) { beat.takeBeats(of: other.beat) }
}
