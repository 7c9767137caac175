/// A chunk with its place in its stream: what the time line made of each lead's samples, and how far it then stood.
public struct PlacedChunk: Sendable {
    /// The chunk that was placed.
    public let chunk: LeadChunk
    /// For each lead of the chunk, in the chunk's order.
    public let placements: [Placement]
    /// The stream after the chunk.
    public let front: StreamFront
    /// Whether the stream was over before the chunk came: then nothing of it is new, and it is only counted.
    public let isCountedOnly: Bool

    /// What becomes of a stretch of samples of one lead.
    public struct Placement: Sendable, Equatable {
        /// New samples, to be stored.
        public var fresh = RangeList()
        /// Samples whose values are there already: equal ones are duplicates, others conflicts.
        public var known = RangeList()
        /// Samples behind the frontier whose value is not kept.
        public var lateCount = 0
    }

    /// Whether any of its samples is new.
    public var hasNews: Bool { placements.contains { !$0.fresh.isEmpty } }
}
