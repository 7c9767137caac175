/// Numbers what is published: contiguous for each exact topic within a run, so that a reader knows what it missed.
///
/// A topic whose patient has gone is named once more where all are named, and then not again until something comes on
/// it, so that what is named does not grow with the patients who have come and gone. Its number is kept.
public struct Outbox: Sendable {
    /// Topics whose numbers are kept; beyond it the tenth that came first is forgotten.
    public static let topicsMax = 100_000

    private struct Head: Sendable {
        let topic: String
        /// The number of the newest message that was sent; 0 before the first.
        var number: UInt64 = 0
        /// The newest number that was given out; the message may still wait.
        var given: UInt64 = 0
        var hasChanged = false
        /// Whether it is among those that are named where all are.
        var isNamed = true
        /// Whether nobody is there any more for whom something may come.
        var isLeaving = false
    }

    private var heads: [Head] = []
    private var indices: [String: Int] = [:]

    /// An outbox in which nothing waits.
    public init() {}

    /// The number of the next message of `topic`, from 1, which is sent at once.
    public mutating func number(for topic: String) -> UInt64 {
        let number = reserve(for: topic)
        send(number, of: topic)
        return number
    }

    /// The number of the next message of `topic`, from 1, which may have to wait; `send` tells when it goes.
    public mutating func reserve(for topic: String) -> UInt64 {
        if indices[topic] == nil {
            if heads.count >= Outbox.topicsMax { forgetOldest() }
            indices[topic] = heads.count
            heads.append(Head(topic: topic))
        }
        guard let index = indices[topic] else { return 1 }
        heads[index].given += 1
        return heads[index].given
    }

    /// The message of that number is sent: only now the topic's head names it.
    public mutating func send(_ number: UInt64, of topic: String) {
        guard let index = indices[topic] else { return }
        heads[index].number = number
        heads[index].hasChanged = true
        heads[index].isNamed = true
    }

    /// Says whether somebody is there for whom something may come on `topic`; at the begin somebody is.
    public mutating func setLeaving(_ isLeaving: Bool, _ topic: String) {
        guard let index = indices[topic] else { return }
        heads[index].isLeaving = isLeaving
    }

    /// The newest number of every topic that is named, or of those with news since the last call.
    public mutating func takeHeads(all: Bool) -> [(String, UInt64)] {
        var taken: [(String, UInt64)] = []
        for index in heads.indices
        where heads[index].number > 0 && (all ? heads[index].isNamed : heads[index].hasChanged) {
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
