public import ECGSignal
internal import Wire

/// The end of what the runs of a folder have logged: from a place in one run to the end of the newest one.
///
/// Entries that a run has copied from the one before are left out, so that each comes once.
public struct LogTail: Sendable {
    /// An entry and its place.
    public struct Placed: Sendable {
        /// Where it stands.
        public let place: LogPlace
        /// The entry.
        public let entry: LoggedEntry<RawMessage>
    }

    private let start: LogPlace
    private var readers: ArraySlice<FrameLogReader>
    private var isCopy = false
    /// Why one of the logs could not be read to its end; what stands behind that place is left out.
    public private(set) var fault: FrameLogError?

    /// Where the logs of a folder end.
    public struct End: Sendable, Equatable {
        /// When the newest entry came.
        public let arrival: Arrival
        /// When the first of the runs began that were ended before they had gone on from the one before; nil where the newest
        /// run had, or had nothing to go on from.
        public let unfinishedSince: UTCNanoseconds?
    }

    /// Where a folder's logs end; nil where there is none that can be read.
    ///
    /// A run that was ended while it went through the log of the one before has only copies of older entries, so the end is
    /// that of the newest run that has gone on. Of such runs the copies are read, of that one its newest segment.
    public static func end(in folder: String) -> End? {
        var newest: [String]?
        var unfinishedSince: UTCNanoseconds?
        for segments in ((try? logs(in: folder)) ?? []).reversed() {
            guard let first = segments.lazy.compactMap({ try? FrameLogReader($0) }).first else { continue }
            newest = newest ?? segments
            if hasGoneOn(segments) {
                newest = segments
                break
            }
            unfinishedSince = first.header.arrival.utc
        }
        return newest?.reversed().lazy.compactMap { end(of: $0) }.first.map {
            End(arrival: $0, unfinishedSince: unfinishedSince)
        }
    }

    /// When the newest entry of a segment came, the marks of a recovery apart; nil where it cannot be read.
    private static func end(of segment: String) -> Arrival? {
        guard var reader = try? FrameLogReader(segment) else { return nil }
        var end: Arrival?
        while let entry = try? reader.next() {
            if case .recovery = entry.content { continue }
            end = entry.arrival
        }
        return end ?? reader.header.arrival
    }

    /// Whether a run has come to entries of its own.
    private static func hasGoneOn(_ segments: [String]) -> Bool {
        var isCopying = false
        for (number, segment) in segments.enumerated() {
            guard var reader = try? FrameLogReader(segment) else { continue }
            // Whose begin was taken away for want of room has run for long.
            if number == 0, reader.header.firstEntry > 1 { return true }
            while let entry = try? reader.next() {
                switch entry.content {
                case .memory: continue
                case .recovery(.ends): isCopying = false
                case .recovery: isCopying = true
                default: guard isCopying else { return true }
                }
            }
        }
        return false
    }

    /// The runs that have logged into a folder, the newest last.
    public static func runs(in folder: String) -> [String] {
        ((try? logs(in: folder)) ?? []).compactMap { segments in
            segments.first.flatMap { try? FrameLogReader($0).header.run }
        }
    }

    /// What stands from `start` on in the logs of all runs but `own`, which goes on from it; nothing where its run is gone.
    public init(in folder: String, from start: LogPlace, without own: String) {
        self.start = start
        var readers: [FrameLogReader] = []
        do throws(FrameLogError) {
            for segments in try LogTail.logs(in: folder) {
                guard let first = segments.first, let log = try? FrameLogReader(first), log.header.run != own
                else { continue }
                if !readers.isEmpty {
                    readers.append(log)
                } else if log.header.run == start.run {
                    let later = segments.dropFirst().lazy.compactMap { try? FrameLogReader($0) }
                        .last { $0.header.firstEntry <= start.entry }
                    readers.append(later ?? log)
                }
            }
        } catch { fault = error }
        self.readers = readers[...]
    }

    /// The next entry; nil at the end.
    public mutating func next() -> Placed? {
        while !readers.isEmpty {
            let first = readers.startIndex
            do throws(FrameLogError) {
                guard let entry = try readers[first].next() else {
                    readers.removeFirst()
                    isCopy = false
                    continue
                }
                let header = readers[first].header
                let place = LogPlace(
                    run: header.run,
                    entry: header.firstEntry + readers[first].entryCount - 1
                )
                if case .recovery(let step) = entry.content {
                    if case .ends = step { isCopy = false } else { isCopy = true }
                    continue
                }
                if isCopy || place.run == start.run && place.entry < start.entry { continue }
                return Placed(place: place, entry: entry)
            } catch {
                fault = fault ?? error
                readers.removeFirst()
                isCopy = false
            }
        }
        return nil
    }

    /// The segments of each log, the newest log last.
    private static func logs(in folder: String) throws(FrameLogError) -> [[String]] {
        guard LogFiles.isFolder(folder) == true else { return [] }
        var logs: [(name: String, segments: [String])] = []
        for name in try LogFiles.segments(in: folder) {
            if logs.last?.name != name.log { logs.append((name.log, [])) }
            logs[logs.count - 1].segments.append("\(folder)/\(name.text)")
        }
        // Runs are counted where chunks are acknowledged, whatever the clock did; else they go by their names.
        // A run that was ended at its very begin has left no header.
        let counted = logs.enumerated().compactMap { place, log in
            log.segments.first.flatMap { try? FrameLogReader($0).header }.map {
                (generation: $0.receipts?.generation, place: place, segments: log.segments)
            }
        }
        return counted.sorted { one, other in
            guard let left = one.generation, let right = other.generation else {
                return one.place < other.place
            }
            return left < right
        }.map(\.segments)
    }
}
