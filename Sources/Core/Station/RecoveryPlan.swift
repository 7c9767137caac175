public import ECGSignal
public import Findings

/// How a run goes on from the one before: which streams do, from which checkpoints, and what of the former log is gone
/// through once more.
///
/// Of each stream two checkpoints count: the newest, which is what the stream becomes, and one that was made early enough
/// for the rows in between to fill again what a checkpoint leaves out.
public struct RecoveryPlan: Sendable {
    /// A checkpoint as it was kept.
    public struct Checkpoint: Sendable {
        /// The stream that the checkpoint is of.
        public let stream: StreamIdentity
        /// The entry after which it was made, or which began the stream.
        public let place: LogPlace
        /// Rows of the stream below this were final.
        public let ready: GridIndex
        /// Its bytes; empty where the stream began.
        public let bytes: [UInt8]
        /// When it was written.
        public let written: UTCNanoseconds

        /// Makes one of its parts.
        public init(
            stream: StreamIdentity,
            place: LogPlace,
            ready: GridIndex,
            bytes: [UInt8],
            written: UTCNanoseconds
        ) {
            self.stream = stream
            self.place = place
            self.ready = ready
            self.bytes = bytes
            self.written = written
        }
    }

    /// The former run: the newest that has gone on from the one before.
    public struct Former: Sendable {
        /// Its name.
        public let run: String
        /// When it began.
        public let begun: UTCNanoseconds
        /// When the first entry of its own came.
        public let since: UTCNanoseconds
        /// When its newest entry came.
        public let end: UTCNanoseconds

        /// Makes one of its parts.
        public init(run: String, begun: UTCNanoseconds, since: UTCNanoseconds, end: UTCNanoseconds) {
            self.run = run
            self.begun = begun
            self.since = since
            self.end = end
        }

        /// How much of the log lies behind a checkpoint; the time between two runs is none of it, and the run before ended
        /// about when the last checkpoint was written before this one began, at `last`.
        func age(of checkpoint: Checkpoint, _ last: UTCNanoseconds) -> UTCNanoseconds {
            let isEarlier = checkpoint.place.run != run && checkpoint.written < begun
            return isEarlier ? end - since + max(0, last - checkpoint.written) : end - checkpoint.written
        }
    }

    private struct Course: Sendable {
        let base: Checkpoint
        let newest: Checkpoint?
        var isUnderWay = false
        var hasReached = false
    }

    /// A checkpoint behind which more of the log lies is not gone on from: a minute.
    public static let ageMax: UTCNanoseconds = 60_000_000_000

    /// Rows of the grid that may lie between the two checkpoints of a stream: a minute.
    private static let baseRowsMax: GridIndex = 30_000

    private var courses: [StreamIdentity: Course] = [:]
    /// The streams that do not go on, and why.
    public private(set) var refused: [(stream: StreamIdentity, reason: String)] = []
    /// The place in the log from which on entries are needed; nil where no stream goes on.
    public private(set) var first: LogPlace?

    /// A plan for the checkpoints that were kept, those of each stream in their order.
    ///
    /// `runs` are those whose logs are there, the newest last, and `former` is the newest of them that has gone on.
    public init(
        _ checkpoints: [Checkpoint],
        runs: [String],
        former: Former,
        model: Revisions,
        hop: Hop,
        streamsMax: Int
    ) {
        var kept: [StreamIdentity: [Checkpoint]] = [:]
        for checkpoint in checkpoints { kept[checkpoint.stream, default: []].append(checkpoint) }
        let order = Dictionary(runs.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
        let last = checkpoints.map(\.written).filter { $0 < former.begun }.max() ?? 0
        for (stream, all) in kept.sorted(by: { $0.key < $1.key }) {
            let age = all.last.map { former.age(of: $0, last) } ?? 0
            switch RecoveryPlan.course(all, order, age, model, hop) {
            case .success(let course) where courses.count < streamsMax: courses[stream] = course
            case .success: refused.append((stream, "there is no room for it"))
            case .failure(let reason): refused.append((stream, reason.words))
            }
        }
        first = courses.values.map(\.base.place).min { one, other in
            (order[one.run] ?? 0, one.entry) < (order[other.run] ?? 0, other.entry)
        }
    }

    /// Streams that go on.
    public var count: Int { courses.count }

    private struct Reason: Error { let words: String }

    private static func course(
        _ all: [Checkpoint],
        _ order: [String: Int],
        _ age: UTCNanoseconds,
        _ model: Revisions,
        _ hop: Hop
    ) -> Result<Course, Reason> {
        guard let newest = all.last else { return .failure(Reason(words: "nothing is kept of it")) }
        guard age <= ageMax else {
            return .failure(Reason(words: "more than a minute of the log lies behind its newest checkpoint"))
        }
        guard order[newest.place.run] != nil else { return .failure(Reason(words: "its log is gone")) }
        if newest.bytes.isEmpty { return .success(Course(base: newest, newest: nil, hasReached: true)) }
        let state: StreamState
        do throws(StreamState.Misfit) {
            state = try StreamState(newest.bytes, model: model, hop: hop)
        } catch {
            return .failure(Reason(words: error.words))
        }
        let base = all.dropLast().last { candidate in
            guard order[candidate.place.run] != nil else { return false }
            // What lies in between is gone through before anything else is done.
            if candidate.bytes.isEmpty { return newest.written - candidate.written <= ageMax }
            guard candidate.ready <= state.firstRow, candidate.ready >= state.ready - baseRowsMax,
                let earlier = try? StreamState(candidate.bytes, model: model, hop: hop)
            else { return false }
            return earlier.isWhole && earlier.ready == candidate.ready
        }
        guard let base else { return .failure(Reason(words: "no checkpoint is old enough to go on from")) }
        return .success(Course(base: base, newest: newest))
    }

    /// What of the next entry of the former log is gone through once more, in its order; `stream` is that of a frame.
    public mutating func take<Message>(
        _ entry: LoggedEntry<Message>,
        at place: LogPlace,
        of stream: StreamIdentity?
    ) -> [LoggedEntry<Message>] {
        switch entry.content {
        case .tick, .command: return courses.values.contains(where: \.isUnderWay) ? [entry] : []
        case .policy, .authorisation, .memory, .recovery, .shutdown: return []
        case .frame:
            guard let stream, let course = courses[stream] else { return [] }
            return frame(entry, at: place, stream, course)
        }
    }

    private mutating func frame<Message>(
        _ entry: LoggedEntry<Message>,
        at place: LogPlace,
        _ stream: StreamIdentity,
        _ course: Course
    ) -> [LoggedEntry<Message>] {
        func step(_ step: RecoveryStep) -> LoggedEntry<Message> {
            LoggedEntry(.recovery(step), at: entry.arrival)
        }
        let isBase = !course.isUnderWay && place == course.base.place
        guard isBase || course.isUnderWay else { return [] }
        var entries: [LoggedEntry<Message>] = []
        let begin = course.newest.map {
            step(.restores(base: course.base.bytes, newest: $0.bytes))
        }
        if isBase {
            courses[stream]?.isUnderWay = true
            // The first chunk of a stream follows; a checkpoint was made after its entry.
            if course.base.bytes.isEmpty {
                entries = [begin, entry].compactMap(\.self)
            } else {
                entries = [begin].compactMap(\.self)
            }
        } else {
            entries = [entry]
        }
        if place == course.newest?.place {
            courses[stream]?.hasReached = true
            entries.append(step(.reached(stream)))
        }
        return entries
    }

    /// The former log is over, its newest entry at `arrival`: where it ends before a stream's newest checkpoint, the stream
    /// goes on from that all the same.
    public mutating func finish<Message>(
        _ type: Message.Type,
        at arrival: Arrival
    ) -> [LoggedEntry<Message>] {
        courses.keys.sorted().filter { courses[$0].map { $0.isUnderWay && !$0.hasReached } ?? false }
            .map { LoggedEntry(.recovery(.reached($0)), at: arrival) }
    }

    /// The streams that go on, of which the log has shown the place to begin.
    public var goingOn: [StreamIdentity] { courses.filter(\.value.isUnderWay).map(\.key).sorted() }
}

extension StreamState.Misfit {
    /// What is wrong, for people.
    public var words: String {
        switch self {
        case .version(let version):
            "its checkpoint has version \(version), and this program reads \(StreamState.version)"
        case .model: "its checkpoint was made with another model or hop"
        case .damaged: "its checkpoint is damaged"
        }
    }
}
