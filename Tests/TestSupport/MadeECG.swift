public import ECGSignal

/// An ECG made of bells, for laws that real recordings do not show: what it holds is known exactly.
public struct MadeECG {
    /// `[time]`, millivolts at 500 Hz.
    public private(set) var values: [Float]

    /// Silence with noise of some microvolts.
    public init(seconds: Double, noiseMillivolts: Float = 0.004, seed: UInt64 = 1) {
        var generator = SeededGenerator(seed: seed)
        values = (0..<Int(seconds * 500)).map { _ in
            Float.random(in: -noiseMillivolts...noiseMillivolts, using: &generator)
        }
    }

    /// Adds a bell of that height at a time, `deviation` seconds broad.
    public mutating func addBell(at seconds: Double, height: Double, deviation: Double) {
        let middle = Int(seconds * 500)
        let reach = Int(deviation * 500 * 5)
        for index in values.indices.clamped(to: middle - reach..<middle + reach + 1) {
            let z = (Double(index) / 500 - seconds) / deviation
            values[index] += Float(height * bell(z))
        }
    }

    /// Adds P, QRS and T of a beat whose R stands at a time.
    public mutating func addBeat(at seconds: Double, qrs: Double = 1, p: Double = 0.15, t: Double = 0.3) {
        if p != 0 { addBell(at: seconds - 0.16, height: p, deviation: 0.02) }
        addBell(at: seconds, height: qrs, deviation: 0.011)
        addBell(at: seconds + 0.03, height: -0.25 * qrs, deviation: 0.011)
        if t != 0 { addBell(at: seconds + 0.28, height: t, deviation: 0.04) }
    }

    /// Adds beats from one time to another, and says where.
    @discardableResult
    public mutating func addRhythm(
        from start: Double,
        to end: Double,
        rate: Double,
        qrs: Double = 1,
        p: Double = 0.15,
        t: Double = 0.3
    ) -> [Double] {
        var times: [Double] = []
        var time = start + 0.3
        while time < end {
            addBeat(at: time, qrs: qrs, p: p, t: t)
            times.append(time)
            time += 60 / rate
        }
        return times
    }

    /// Adds a wave to every sample from a time on.
    public mutating func add(from seconds: Double, _ wave: (Double) -> Double) {
        for index in Int(seconds * 500)..<values.count { values[index] += Float(wave(Double(index) / 500)) }
    }

    /// Multiplies every sample.
    public mutating func scale(by factor: Float) { for index in values.indices { values[index] *= factor } }

    /// e^(-z^2 / 2) by its series, so that no library is needed.
    private func bell(_ z: Double) -> Double {
        var power = -z * z / 2 / 64
        var sum = 1.0
        for k in stride(from: 14, through: 1, by: -1) { sum = 1 + power / Double(k) * sum }
        power = sum
        for _ in 0..<6 { power *= power }
        return power
    }
}

/// Rows of leads, each `[time]` in millivolts at 500 Hz; NaN is missing.
public func rows(_ leads: [Lead: [Float]], _ range: Range<Int>? = nil) -> WideRows {
    let count = leads.values.map(\.count).max() ?? 0
    let range = range ?? 0..<count
    var rows = WideRows()
    rows.reset(to: GridIndex(range.lowerBound)..<GridIndex(range.upperBound))
    for (lead, values) in leads.sorted(by: { $0.key < $1.key }) {
        for index in range where index < values.count && !values[index].isNaN {
            rows.set(values[index], at: GridIndex(index), channel: lead.channel ?? 0)
            rows.notePresent(GridIndex(index)..<GridIndex(index + 1), channel: lead.channel ?? 0)
        }
    }
    return rows
}
