/// The numbers in which an encoder's convolutions are computed; a property of a model, not of a machine.
public enum Precision: String, Sendable, CaseIterable {
    /// Floats, one chain of fused multiply-adds an output.
    case float32 = "fp32"
    /// Weights and activations of eight bits, exact sums; the first convolution and all after the last stay floats.
    case int8
}

/// How the values of a tensor are written as bytes of 0 to 127, channel by channel: value = (byte - `zero`) x step.
struct ByteScale: Sendable {
    /// What one step of each channel is worth; 0 where a channel was never seen to hold anything.
    let steps: [Double]
    /// The byte that stands for 0.
    let zero: Int

    private static let greatest = 127
    /// The byte for 0 where values may be negative: as many steps lie above it as below.
    private static let middle = 64

    /// Spreads the bytes over the greatest magnitude that each channel was seen to have.
    init(range: [Float], isRectified: Bool) {
        zero = isRectified ? 0 : Self.middle
        let count = Double(Self.greatest - zero)
        steps = range.map { Double($0) / count }
    }

    /// What a channel's values are multiplied with to be counted in steps.
    func inverse(_ channel: Int) -> Double { steps[channel] > 0 ? 1 / steps[channel] : 0 }
}

extension Convolution {
    /// The name of the tensor `[outputs]` that holds the greatest magnitude of each of its outputs.
    var rangeName: String { "\(name).range" }
}
