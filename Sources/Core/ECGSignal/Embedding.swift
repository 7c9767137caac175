/// A point in the space that ECGs and statements share: 256 numbers of unit length.
public struct Embedding: Sendable, Equatable {
    /// The 256 coordinates of the point.
    public let values: [Float]

    /// Makes a point of its coordinates.
    public init(values: [Float]) { self.values = values }

    /// How many dimensions the space has.
    public static let dimensions = 256
}
