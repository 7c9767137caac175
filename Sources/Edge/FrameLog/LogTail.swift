public import ECGSignal
internal import Wire

/// The end of what the runs of a folder have logged: from a place in one run to the end of the newest one.
///
/// Entries that a run has copied from the one before are left out, so that each comes once.
public struct LogTail: Sendable {
    /// An entry and its place.
    public struct Placed: Sendable {
        /// Where the entry stands.
        public let place: LogPlace
        /// The entry as it was logged.
        public let entry: LoggedEntry<RawMessage>
    }

    private let start: LogPlace
    private var readers: ArraySlice<FrameLogReader>
    private var isCopy = false
    /// Why one of the logs could not be read to its end; what stands behind that place is left out.
    public private(set) var fault: FrameLogError?

    /// What stands from `start` on in the logs of these runs; nothing where its run is not one of them.
    public init(_ runs: LoggedRuns, from start: LogPlace) {
        self.start = start
        fault = runs.fault
        var readers: [FrameLogReader] = []
        for run in runs.runs where !readers.isEmpty || run.header.run == start.run {
            let segments = run.segments.lazy.compactMap { try? FrameLogReader($0) }
            let reader = readers.isEmpty ? segments.last { $0.header.firstEntry <= start.entry } : nil
            if let reader = reader ?? segments.first { readers.append(reader) }
        }
        self.readers = readers[...]
    }

    /// The next entry; nil at the end.
    public mutating func next() -> Placed? {
        while !readers.isEmpty {
            let first = readers.startIndex
            do throws(FrameLogError) {
                guard let body = try readers[first].nextBody() else {
                    readers.removeFirst()
                    isCopy = false
                    continue
                }
                let header = readers[first].header
                let place = LogPlace(
                    run: header.run,
                    entry: header.firstEntry + readers[first].entryCount - 1
                )
                if body.kind == .recovery {
                    isCopy = !body.isRecoveryEnd
                    continue
                }
                if isCopy || place.run == start.run && place.entry < start.entry { continue }
                return Placed(place: place, entry: try readers[first].entry(of: body))
            } catch {
                fault = fault ?? error
                readers.removeFirst()
                isCopy = false
            }
        }
        return nil
    }
}
