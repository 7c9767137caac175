/// What became of every sample of one lead that reached the daemon.
///
/// Invariant: received = analysed + duplicate + conflict + late + refused + held, at every moment.
public struct Ledger: Sendable, Equatable, Codable {
    /// All samples that arrived.
    public var received = 0
    /// Samples that took their place on the time line, masked ones too.
    public var analysed = 0
    /// Samples that were there already with the same value.
    public var duplicate = 0
    /// Samples that were there already with another value; the first stays.
    public var conflict = 0
    /// Samples behind the frontier whose value was no longer kept.
    public var late = 0
    /// Samples of refused chunks that name this stream.
    public var refused = 0
    /// Samples that wait for an earlier one.
    public var held = 0

    /// An empty ledger.
    public init() {}

    /// Whether every sample that arrived is accounted for by one of the other counts.
    public var isBalanced: Bool { received == analysed + duplicate + conflict + late + refused + held }
}
