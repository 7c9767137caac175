/// The wide band at 500 Hz: everything above 0.05 Hz that the device sent, for beats, ST and pacing spikes.
///
/// A Butterworth high-pass of order 1, which is what an electrocardiograph of diagnostic bandwidth has; above it the
/// device's own upper limit holds. In Double without fused multiply-adds: the same bits on every machine.
struct WideBand: BandFilter, Equatable, Codable {
    // scipy.signal.butter(1, 0.05, "high", fs=500)
    private static let gain = 0.9996859393893597
    private static let feedback = 0.9993718787787192

    private var lastInput = 0.0
    private var lastOutput = 0.0

    /// At rest, as if it had seen nothing but 0.
    init() {}

    /// Puts the filter in the steady state of `firstSample`, millivolts, so that a constant comes out as 0.
    mutating func restart(at firstSample: Float) {
        lastInput = Double(firstSample)
        lastOutput = 0
    }

    /// The next sample, millivolts, rounded once; allocates nothing.
    mutating func filter(_ sample: Float) -> Float {
        let input = Double(sample)
        var output = WideBand.gain * (input - lastInput) + WideBand.feedback * lastOutput
        // A long silence would otherwise end in subnormal numbers, which are slow.
        if abs(output) < 1e-300 { output = 0 }
        lastInput = input
        lastOutput = output
        return Float(output)
    }
}
