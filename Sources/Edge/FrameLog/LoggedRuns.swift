public import ECGSignal

/// The runs that have logged into a folder, as it was when this was made: each with its header and its segments.
public struct LoggedRuns: Sendable {
    struct Run: Sendable {
        let header: FrameLogHeader
        /// The paths of its segments, one after the other; the header is the first one's.
        let segments: [String]
    }

    /// The runs, the newest last.
    let runs: [Run]
    /// Why the folder could not be read; nil where it could, or is not there.
    let fault: FrameLogError?

    /// Where the logs of a folder end.
    public struct End: Sendable, Equatable {
        /// The newest run that has gone on from the one before.
        public let run: String
        /// When it began.
        public let begun: UTCNanoseconds
        /// When the first entry of its own came.
        public let since: UTCNanoseconds
        /// When the newest entry came.
        public let arrival: Arrival
        /// When the first of the runs began that were ended before they had gone on from the one before; nil where the newest
        /// run had, or had nothing to go on from.
        public let unfinishedSince: UTCNanoseconds?
    }

    /// Reads the headers of a folder's logs; runs that were ended at their very begin have left none.
    public init(in folder: String) {
        do throws(FrameLogError) {
            runs = try LoggedRuns.runs(in: folder)
            fault = nil
        } catch {
            runs = []
            fault = error
        }
    }

    private init(_ runs: [Run], _ fault: FrameLogError?) {
        self.runs = runs
        self.fault = fault
    }

    /// Those of the runs of which a segment is there still: a run that begins takes away what is older than may be kept.
    public var stillThere: LoggedRuns {
        let left = runs.map { run in
            Run(header: run.header, segments: run.segments.filter { LogFiles.isFolder($0) == false })
        }
        return LoggedRuns(left.filter { !$0.segments.isEmpty }, fault)
    }

    /// What the runs are called, the newest last.
    public var names: [String] { runs.map(\.header.run) }

    /// Where the logs end; nil where there is none that can be read.
    ///
    /// A run that was ended while it went through the log of the one before has only copies of older entries, so the end is
    /// that of the newest run that has gone on. Of such runs the copies are read, of that one its newest segment.
    public func end() -> End? {
        guard var newest = runs.last else { return nil }
        var since = newest.header.arrival
        var unfinishedSince: UTCNanoseconds?
        for run in runs.reversed() {
            if let own = LoggedRuns.firstOwn(of: run) {
                (newest, since) = (run, own)
                break
            }
            unfinishedSince = run.header.arrival.utc
        }
        return newest.segments.reversed().lazy.compactMap { LoggedRuns.end(of: $0) }.first.map {
            End(
                run: newest.header.run,
                begun: newest.header.arrival.utc,
                since: since.utc,
                arrival: $0,
                unfinishedSince: unfinishedSince
            )
        }
    }

    /// When the newest entry of a segment came, the marks of a recovery apart; nil where it cannot be read.
    private static func end(of segment: String) -> Arrival? {
        guard var reader = try? FrameLogReader(segment) else { return nil }
        var end: Arrival?
        while let body = try? reader.nextBody() {
            if body.kind != .recovery { end = body.arrival }
        }
        return end ?? reader.header.arrival
    }

    /// When the first entry of a run's own came; nil where it has not come so far.
    private static func firstOwn(of run: Run) -> Arrival? {
        // Whose begin was taken away for want of room has run for long.
        if run.header.firstEntry > 1 { return run.header.arrival }
        var isCopying = false
        // A reader goes on to the end of the log; only behind damage the next segment is a new begin.
        for segment in run.segments {
            guard var reader = try? FrameLogReader(segment) else { continue }
            do throws(FrameLogError) {
                while let body = try reader.nextBody() {
                    switch body.kind {
                    case .memory: continue
                    case .recovery: isCopying = !body.isRecoveryEnd
                    default: guard isCopying else { return body.arrival }
                    }
                }
                return nil
            } catch { continue }
        }
        return nil
    }

    private static func runs(in folder: String) throws(FrameLogError) -> [Run] {
        guard LogFiles.isFolder(folder) == true else { return [] }
        var logs: [(name: String, segments: [String])] = []
        for name in try LogFiles.segments(in: folder) {
            if logs.last?.name != name.log { logs.append((name.log, [])) }
            logs[logs.count - 1].segments.append("\(folder)/\(name.text)")
        }
        // Runs are counted where chunks are acknowledged, whatever the wall clock did; else the other clock goes on from one to
        // the next.
        let counted = logs.enumerated().compactMap { place, log in
            log.segments.first.flatMap { try? FrameLogReader.header(of: $0) }.map {
                (place: place, run: Run(header: $0, segments: log.segments))
            }
        }
        return counted.sorted { one, other in
            guard let left = one.run.header.receipts?.generation,
                let right = other.run.header.receipts?.generation
            else {
                let clocks = (one.run.header.arrival.monotonic, other.run.header.arrival.monotonic)
                return (clocks.0, one.place) < (clocks.1, other.place)
            }
            return left < right
        }.map(\.run)
    }
}
