/// How far the pages of a SNAPSHOT reach: the newest number of each topic of the patients whose alarms stand on them.
public struct SnapshotHeads: Sendable, Equatable {
    private var numbers: [String: UInt64] = [:]

    /// Pages that tell of nothing.
    public init() {}

    /// Reads all pages of an answer; where two name a topic the smaller number counts, since it may have gone on between them.
    public init(_ pages: [ControlReply]) {
        for head in pages.flatMap({ $0.object["heads"]?.object?.members ?? [] }) {
            guard let number = head.value.whole.flatMap({ UInt64(exactly: $0) }) else { continue }
            numbers[head.name] = min(numbers[head.name] ?? .max, number)
        }
    }

    /// Whether the event with that number came before the pages were written.
    public func reach(_ number: UInt64, of topic: String) -> Bool {
        numbers[topic].map { number <= $0 } ?? false
    }
}
