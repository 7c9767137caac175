/// Numbers what is published: contiguous for each exact topic within a run, so that a reader knows what it missed.
public struct Outbox: Sendable {
    /// Topics whose numbers are kept; beyond it the tenth that came first is forgotten.
    public static let topicsMax = 100_000

    private struct Head: Sendable {
        let topic: String
        var number: UInt64
        var hasChanged: Bool
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
            return heads[index].number
        }
        if heads.count >= Outbox.topicsMax { forgetOldest() }
        indices[topic] = heads.count
        heads.append(Head(topic: topic, number: 1, hasChanged: true))
        return 1
    }

    /// The newest number of every topic, or of those with news since the last call.
    public mutating func takeHeads(all: Bool) -> [(String, UInt64)] {
        var taken: [(String, UInt64)] = []
        for index in heads.indices where all || heads[index].hasChanged {
            heads[index].hasChanged = false
            taken.append((heads[index].topic, heads[index].number))
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
