/// Fits a straight line under the delays with which a stream's samples come: its slope is the device's drift.
///
/// A delay is what passed by the reference clock minus what passed by the sample index. The way only ever adds to it, so
/// the smallest delay of each five seconds of stream time is kept, for five minutes, and the line is the edge of their
/// lower convex hull over their mean time, which is the best line below all of them (Moon, Skelly and Towsley, "Estimation
/// and removal of clock skew from network delay measurements", INFOCOM 1999). Before that, minima far below the others,
/// as a stumbling clock makes them, are left out by medians.
struct ClockFit: Sendable, Codable {
    /// A line under the delays, and how far they lie above it.
    struct Line: Sendable, Equatable, Codable {
        /// Seconds of delay a second of stream time.
        let slope: Double
        /// Seconds of delay at stream time 0.
        let offset: Double
        /// The mean height of the minima above the line, seconds.
        let meanHeight: Double

        /// The delay at a stream time, seconds.
        func delay(at time: Double) -> Double { offset + slope * time }

        /// How much faster than nominal the device's clock runs, parts in a million.
        var partsPerMillion: Double { (1 / (1 + slope) - 1) * 1e6 }
    }

    private struct Low: Sendable, Codable {
        let bin: Int64
        var time: Double
        var delay: Double
    }

    /// Seconds of stream time of which one minimum is kept.
    private static let binSeconds = 5.0
    /// The number of minima that are kept: five minutes of them.
    private static let lowsMax = 60
    /// The number of minima from which on a line is fitted.
    static let lowsMin = 10
    /// A minimum this far below the others is left out, seconds, or six times their median deviation.
    private static let strayDepth = 0.1

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case lows
    }

    /// The lows of the bins, in ascending order of the bins.
    private var lows: [Low] = []
    /// Room for one fit, kept so that a fit allocates nothing.
    private var values: [Double] = []
    private var hull: [Int] = []

    /// Nothing is known.
    init() {
        lows.reserveCapacity(ClockFit.lowsMax + 1)
        values.reserveCapacity(ClockFit.lowsMax + 1)
        hull.reserveCapacity(ClockFit.lowsMax + 1)
    }

    /// A sample at stream time `time` came with that delay, both in seconds.
    mutating func note(time: Double, delay: Double) {
        let bin = Int64((time / ClockFit.binSeconds).rounded(.down))
        if let place = lows.lastIndex(where: { $0.bin <= bin }), lows[place].bin == bin {
            if delay < lows[place].delay { (lows[place].time, lows[place].delay) = (time, delay) }
        } else if lows.last.map({ $0.bin < bin }) ?? true {
            let kept = lows.firstIndex { $0.bin > bin - Int64(ClockFit.lowsMax) } ?? lows.count
            lows.removeFirst(kept)
            lows.append(Low(bin: bin, time: time, delay: delay))
        }
    }

    /// The line under the minima; nil while there are too few of them.
    mutating func line() -> Line? {
        guard lows.count >= ClockFit.lowsMin else { return nil }
        let half = lows.count / 2
        values.removeAll(keepingCapacity: true)
        for place in 0..<lows.count - half {
            let (first, second) = (lows[place], lows[place + half])
            values.append((second.delay - first.delay) / (second.time - first.time))
        }
        let slope = takeMedian()
        for low in lows { values.append(low.delay - slope * low.time) }
        let middle = takeMedian()
        for low in lows { values.append(abs(low.delay - slope * low.time - middle)) }
        let lowest = middle - max(ClockFit.strayDepth, 6 * takeMedian())
        return edge { $0.delay - slope * $0.time >= lowest }
    }

    /// The median of `values`, which is empty afterwards.
    ///
    /// They are put in order by insertion, since they are few and the library's sort takes memory.
    private mutating func takeMedian() -> Double {
        for end in values.indices.dropFirst() {
            var place = end
            while place > 0, values[place] < values[place - 1] {
                values.swapAt(place, place - 1)
                place -= 1
            }
        }
        defer { values.removeAll(keepingCapacity: true) }
        return values[values.count / 2]
    }

    /// The edge of the lower convex hull of those minima over their mean time.
    private mutating func edge(of isKept: (Low) -> Bool) -> Line? {
        hull.removeAll(keepingCapacity: true)
        var (count, sum) = (0.0, 0.0)
        for place in lows.indices where isKept(lows[place]) {
            (count, sum) = (count + 1, sum + lows[place].time)
            while hull.count > 1, isAbove(hull[hull.count - 1], from: hull[hull.count - 2], to: place) {
                hull.removeLast()
            }
            hull.append(place)
        }
        guard hull.count > 1 else { return nil }
        let mean = sum / count
        let right = max(1, hull.firstIndex { lows[$0].time >= mean } ?? hull.count - 1)
        let (first, second) = (lows[hull[right - 1]], lows[hull[right]])
        let slope = (second.delay - first.delay) / (second.time - first.time)
        let offset = first.delay - slope * first.time
        var height = 0.0
        for low in lows where isKept(low) { height += low.delay - offset - slope * low.time }
        return Line(slope: slope, offset: offset, meanHeight: height / count)
    }

    /// Whether minimum `middle` lies on or above the line from one minimum to another.
    private func isAbove(_ middle: Int, from first: Int, to last: Int) -> Bool {
        let (a, b, c) = (lows[first], lows[middle], lows[last])
        return (b.delay - a.delay) * (c.time - a.time) >= (c.delay - a.delay) * (b.time - a.time)
    }
}
