/// The sizes of a ResNet1d18 with interior pooling.
///
/// What no size can change: conv1 has width 7 and stride 2, the max-pool width 3 and stride 2, four stages of
/// two blocks have width 3 and strides 1 2 2 2. So position j of the last stage always sees the samples 32 j
/// - 217 ... 32 j + 217, and a window of 5,000 samples has the 143 positions 7 ... 149 that see no padding.
public struct Architecture: Sendable, Equatable {
    /// Channels of the four stages; conv1 has those of the first.
    public let channels: [Int]
    /// Dimensions of the embedding.
    public let embedding: Int

    /// A network of those four widths; the caller gives four positive numbers.
    public init(channels: [Int], embedding: Int) {
        precondition(channels.count == 4 && channels.allSatisfy { $0 > 0 } && embedding > 0, "four stages")
        self.channels = channels
        self.embedding = embedding
    }

    /// The network that is shipped: 64 128 256 512 channels, 256 dimensions; 866 M multiply-accumulates a
    /// window.
    public static let standard = Architecture(channels: [64, 128, 256, 512], embedding: 256)

    /// ECG leads.
    public static let leads = 12
    /// Grid samples from one position of the last stage to the next.
    public static let stride = 32
    /// The first position of a window that sees none of the padding before it.
    public static let firstPosition = 7
    /// Positions of a window's pool.
    public static let positions = 143
    /// The grid samples of a window that its pool sees: multiples of the stride, 8 fewer than 5,000.
    public static let samplesSeen = 4_992
}
