/// The encoder's band, 0.5 to 40 Hz at 500 Hz: the bandwidth of a bedside monitor, causal and recursive.
///
/// Butterworth, high-pass of order 2, then low-pass of order 4, as second-order sections in direct form II
/// transposed, in Double without fused multiply-adds: the same bits on every machine. Oppenheim and Schafer,
/// 3rd edition, sections 6.3 and 7.3.
public struct EncoderBand: Sendable, Equatable {
    // scipy.signal.butter(2, 0.5, "high", fs=500, output="sos")
    private var highPass = Section(
        b0: 0.9955669720176472,
        b1: -1.9911339440352944,
        b2: 0.9955669720176472,
        a1: -1.9911142922016536,
        a2: 0.9911535958689355
    )
    // scipy.signal.butter(4, 40, "low", fs=500, output="sos")
    private var firstLowPass = Section(
        b0: 0.002234891698082326,
        b1: 0.004469783396164652,
        b2: 0.002234891698082326,
        a1: -1.2128120926202186,
        a2: 0.3840041622865537
    )
    private var secondLowPass = Section(b0: 1, b1: 2, b2: 1, a1: -1.479798894397217, a2: 0.6886769530538618)

    /// At rest, as if it had seen nothing but 0.
    public init() {}

    /// Puts every section in the steady state of `firstSample`, millivolts; that sample is then filtered as any other.
    ///
    /// A constant so comes out as the constant's own answer, 0, from the first sample on.
    public mutating func restart(at firstSample: Float) {
        var level = Double(firstSample)
        level = highPass.settle(at: level)
        level = firstLowPass.settle(at: level)
        _ = secondLowPass.settle(at: level)
    }

    /// The next sample, millivolts at 500 Hz, rounded once; allocates nothing.
    public mutating func filter(_ sample: Float) -> Float {
        Float(secondLowPass.filter(firstLowPass.filter(highPass.filter(Double(sample)))))
    }
}

/// y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].
private struct Section: Sendable, Equatable {
    let b0: Double
    let b1: Double
    let b2: Double
    let a1: Double
    let a2: Double
    fileprivate var first = 0.0
    fileprivate var second = 0.0

    init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
        self.b0 = b0
        self.b1 = b1
        self.b2 = b2
        self.a1 = a1
        self.a2 = a2
    }

    /// The state in which `level` for ever leaves it as it is; returns what then comes out.
    mutating func settle(at level: Double) -> Double {
        let output = level * ((b0 + b1 + b2) / (1 + a1 + a2))
        second = b2 * level - a2 * output
        first = b1 * level - a1 * output + second
        return output
    }

    mutating func filter(_ input: Double) -> Double {
        let output = b0 * input + first
        first = b1 * input - a1 * output + second
        second = b2 * input - a2 * output
        // So that a long silence never computes with subnormal numbers, which are slow. Both at once: one alone
        // would keep the other going round at the threshold.
        if abs(first) < 1e-300 && abs(second) < 1e-300 {
            first = 0
            second = 0
        }
        return output
    }
}

extension EncoderBand: BandFilter {}

/// What the sections hold is written; their coefficients are the program's.
extension EncoderBand: Codable {
    /// The filter that was written.
    public init(from decoder: any Decoder) throws {
        self.init()
        var list = try decoder.unkeyedContainer()
        for section in [\EncoderBand.highPass, \.firstLowPass, \.secondLowPass] {
            self[keyPath: section].first = try list.decode(Double.self)
            self[keyPath: section].second = try list.decode(Double.self)
        }
    }

    /// Writes the filter's state into a checkpoint.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for section in [highPass, firstLowPass, secondLowPass] {
            try list.encode(section.first)
            try list.encode(section.second)
        }
    }
}
