/// Numbers what is published: contiguous for each exact topic within a run, so that a reader knows what it missed.
///
/// A topic whose patient has gone is named once more where all are named, and then not again until something comes on
/// it, so that what is named does not grow with the patients who have come and gone. Its number is kept.
public struct Outbox: Sendable {
    /// Topics whose numbers are kept; beyond it the tenth that came first is forgotten.
    public static let topicsMax = 100_000

    private struct Head: Sendable {
        let topic: String
        var number: UInt64
        var hasChanged: Bool
        /// Whether it is among those that are named where all are.
        var isNamed = true
        /// Whether nobody is there any more for whom something may come.
        var isLeaving = false
    }

    private var heads: [Head] = []
    private var indices: [String: Int] = [:]

    /// An empty outbox.
    public init() {}

    /// The number of the next message of `topic`, from 1.
    public mutating func number(for topic: String) -> UInt64 {
        if let index = indices[topic] {
            heads[index].number += 1
            heads[index].hasChanged = true
            heads[index].isNamed = true
            return heads[index].number
        }
        if heads.count >= Outbox.topicsMax { forgetOldest() }
        indices[topic] = heads.count
        heads.append(Head(topic: topic, number: 1, hasChanged: true))
        return 1
    }

    /// Says whether somebody is there for whom something may come on `topic`; at the begin somebody is.
    public mutating func setLeaving(_ isLeaving: Bool, _ topic: String) {
        guard let index = indices[topic] else { return }
        heads[index].isLeaving = isLeaving
    }

    /// The newest number of every topic that is named, or of those with news since the last call.
    public mutating func takeHeads(all: Bool) -> [(String, UInt64)] {
        var taken: [(String, UInt64)] = []
        for index in heads.indices where all ? heads[index].isNamed : heads[index].hasChanged {
            heads[index].hasChanged = false
            taken.append((heads[index].topic, heads[index].number))
            if all, heads[index].isLeaving { heads[index].isNamed = false }
        }
        return taken
    }

    /// The oldest tenth goes, so that this is rare.
    private mutating func forgetOldest() {
        heads.removeFirst(Outbox.topicsMax / 10)
        indices = [:]
        for (index, head) in heads.enumerated() { indices[head.topic] = index }
    }
}
