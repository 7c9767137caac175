/// What a log remembers of the chunks that were acknowledged, whichever run of the daemon wrote them.
///
/// It follows from the log alone: from what the newest segment's header says, and the acknowledged chunks after it. So
/// after a restart one segment is read, however long the log is.
public struct LoggedReceipts: Sendable, Equatable {
    /// Streams that are remembered at most, whatever is asked for.
    public static let streamsMax = 20_000

    /// The identity of this memory, not 0; a gateway that is told another one takes nothing for remembered.
    public let journal: UInt64
    /// Which run of the daemon writes, from 1 on: the greatest of a folder is the newest, whatever the clock did.
    public let generation: Int
    /// The numbers of each stream, the stream that was heard of last at the end.
    public var streams: [(stream: StreamIdentity, numbers: ReceivedNumbers)] {
        entries.sorted { $0.value.heard < $1.value.heard }.map { ($0.key, $0.value.numbers) }
    }

    private struct Entry: Sendable, Equatable {
        var numbers: ReceivedNumbers
        var heard: Int
        var checks = ChunkChecks()
    }

    private var entries: [StreamIdentity: Entry] = [:]
    private var count = 0
    private let limit: Int

    /// A memory of at most `limit` streams, those of `streams` in it, the one that was heard of last at the end.
    public init(
        journal: UInt64,
        generation: Int = 1,
        streams: [(stream: StreamIdentity, numbers: ReceivedNumbers)] = [],
        limit: Int = LoggedReceipts.streamsMax
    ) {
        self.journal = journal
        self.generation = generation
        self.limit = max(1, min(limit, LoggedReceipts.streamsMax))
        for (stream, numbers) in streams.suffix(self.limit) {
            count += 1
            entries[stream] = Entry(numbers: numbers, heard: count)
        }
    }

    /// The same memory in the hands of the next run.
    public var inherited: LoggedReceipts {
        LoggedReceipts(journal: journal, generation: generation + 1, streams: streams, limit: limit)
    }

    /// The numbers of one stream; nil where it is not remembered.
    public func numbers(of stream: StreamIdentity) -> ReceivedNumbers? { entries[stream]?.numbers }

    /// The checks of a stream's newest chunks, as far as they were noted.
    public func checks(of stream: StreamIdentity) -> ChunkChecks { entries[stream]?.checks ?? ChunkChecks() }

    /// A chunk of that number has been logged; what was not heard of for longest is forgotten where there is no room.
    ///
    /// `check` is the CRC-32C of all that it holds, where that is to be remembered too.
    public mutating func note(_ number: UInt64, of stream: StreamIdentity, check: UInt32? = nil) {
        count += 1
        if entries[stream] == nil, entries.count >= limit,
            let oldest = entries.min(by: { $0.value.heard < $1.value.heard })
        {
            entries[oldest.key] = nil
        }
        entries[stream, default: Entry(numbers: ReceivedNumbers(), heard: count)].numbers.insert(number)
        entries[stream]?.heard = count
        if let check, let through = entries[stream]?.numbers.through {
            entries[stream]?.checks.remember(check, of: number, receivedThrough: through)
        }
    }

    /// Equal where the same is remembered, whenever it was heard of.
    public static func == (left: LoggedReceipts, right: LoggedReceipts) -> Bool {
        left.journal == right.journal && left.generation == right.generation
            && left.entries.mapValues(\.numbers) == right.entries.mapValues(\.numbers)
    }
}
