internal import ECGSignal
internal import Foundation

/// A made ECG of twelve leads as a WFDB record, for a load that needs no recording: a regular rhythm of 72 a minute.
///
/// What a patient costs hardly depends on what the leads show, as long as there is a beat a second to follow.
struct BenchSignal {
    private static let rate = 500
    /// A whole number of beats, so that the loop has no seam.
    private static let seconds = 50
    private static let unitsPerMillivolt = 1_000.0
    /// The heights of P, QRS and T in each standard lead, millivolts.
    private static let heights: [(p: Double, qrs: Double, t: Double)] = [
        (0.08, 0.7, 0.2), (0.14, 1.1, 0.3), (0.06, 0.4, 0.1), (-0.11, -0.9, -0.25), (0.02, 0.2, 0.06),
        (0.1, 0.75, 0.2), (0.05, -0.7, -0.05), (0.07, -0.5, 0.4), (0.08, 0.3, 0.45), (0.08, 1.2, 0.4),
        (0.08, 1.3, 0.35), (0.08, 1.0, 0.25),
    ]
    /// Seconds from the beginning of a beat to the middle of its waves, and how broad they are.
    private static let waves = (p: (0.2, 0.025), qrs: (0.36, 0.012), t: (0.64, 0.045))

    /// Writes the record into `folder`.
    /// - Returns: Its path, without an ending.
    static func write(into folder: String) throws -> String {
        let count = rate * seconds
        let columns = heights.map { height in
            (0..<count).map { Int16((value(at: $0, height) * unitsPerMillivolt).rounded()) }
        }
        var samples: [UInt8] = []
        samples.reserveCapacity(2 * count * columns.count)
        for time in 0..<count {
            for column in columns {
                let bits = UInt16(bitPattern: column[time])
                samples += [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
            }
        }
        var header = "made \(columns.count) \(rate) \(count)\n"
        for (lead, column) in zip(Lead.standard, columns) {
            let sum = column.reduce(Int16(0)) { $0 &+ $1 }
            header += "made.dat 16 \(unitsPerMillivolt)(0)/mV 16 0 \(column[0]) \(sum) 0 \(lead.name)\n"
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(samples).write(to: URL(fileURLWithPath: folder + "/made.dat"))
        try Data(header.utf8).write(to: URL(fileURLWithPath: folder + "/made.hea"))
        return folder + "/made"
    }

    /// Millivolts at sample `index`: 60 beats in 50 seconds.
    private static func value(at index: Int, _ height: (p: Double, qrs: Double, t: Double)) -> Double {
        let time = Double(index % (rate * 5 / 6)) / Double(rate)
        func bell(_ wave: (middle: Double, deviation: Double)) -> Double {
            let z = (time - wave.middle) / wave.deviation
            return exp(-z * z / 2)
        }
        return height.p * bell(waves.p) + height.qrs * bell(waves.qrs) + height.t * bell(waves.t)
    }
}
