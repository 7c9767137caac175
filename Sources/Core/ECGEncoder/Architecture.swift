/// The sizes of a ResNet1d18 with interior pooling.
///
/// What no size can change: conv1 has width 7 and stride 2, the max-pool width 3 and stride 2, four stages of
/// two blocks have width 3 and strides 1 2 2 2. So position j of the last stage always sees the samples 32 j
/// - 217 ... 32 j + 217, and a window of 5,000 samples has the 143 positions 7 ... 149 that see no padding.
public struct Architecture: Sendable, Equatable {
    /// How many channels each of the four stages has; conv1 has as many as the first.
    public let channels: [Int]
    /// How many dimensions the embedding has.
    public let embedding: Int

    /// Makes the sizes of a network; `channels` are four positive numbers.
    public init(channels: [Int], embedding: Int) {
        precondition(channels.count == 4 && channels.allSatisfy { $0 > 0 } && embedding > 0, "four stages")
        self.channels = channels
        self.embedding = embedding
    }

    /// The network that is shipped: 64 128 256 512 channels, 256 dimensions; 866 M multiply-accumulates a
    /// window.
    public static let standard = Architecture(channels: [64, 128, 256, 512], embedding: 256)

    /// How many ECG leads the network takes.
    public static let leads = 12
    /// How many grid samples lie between two positions of the last stage.
    public static let stride = 32
    /// The first position of a window that sees none of the padding before it.
    public static let firstPosition = 7
    /// How many positions the pool of a window has.
    public static let positions = 143
    /// The grid samples of a window that its pool sees: multiples of the stride, 8 fewer than 5,000.
    public static let samplesSeen = 4_992
}
