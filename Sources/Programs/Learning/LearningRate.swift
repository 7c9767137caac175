private import Foundation

/// The learning rate of each step: a straight rise, then half a cosine down to 0.
public struct LearningRate: Sendable, Equatable {
    /// The greatest rate.
    public let peak: Double
    /// Steps of the rise.
    public let warmUpSteps: Int
    /// Steps of the whole run.
    public let steps: Int

    /// A rise over `warmUpSteps`, 0 after `steps`.
    public init(peak: Double, warmUpSteps: Int, steps: Int) {
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.steps = steps
    }

    /// The rate of step `step`, 0 for the first.
    public func rate(at step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let progress = Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps))
        return peak * (1 + cos(Double.pi * min(1, progress))) / 2
    }
}
