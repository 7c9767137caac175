/// A point in the space that ECGs and statements share: 256 numbers of unit length.
public struct Embedding: Sendable, Equatable {
    /// `[256]`.
    public let values: [Float]

    /// The point as given.
    public init(values: [Float]) { self.values = values }

    /// Dimensions of the space.
    public static let dimensions = 256
}
