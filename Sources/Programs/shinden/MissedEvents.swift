internal import Messaging
internal import Wire
internal import ZeroMQ

/// What a watch fetches from the daemon's journal: what came before it, and what it missed.
///
/// Everything that is wanted and numbered up to `cursor` has been shown. After a hole in the numbers of a topic, and after
/// a restart of the daemon, what is numbered higher is asked for; what was shown already is known by its id.
struct MissedEvents {
    /// Where to ask; nil where it is not known.
    private let endpoint: Endpoint?
    private let patient: String?
    /// The ward whose events are wanted; nil for those of every ward that may be read.
    private let ward: String?
    private let kinds: Set<String>
    /// The kind, where only one is wanted: then the daemon leaves out the others.
    private let onlyKind: EventKind?
    /// The number from which on events are wanted that came before the watch; nil for none.
    private var from: Int64?
    private let isQuiet: Bool

    private var cursor: JournalPlace?
    private var run: String?
    /// Whether something has to be asked for.
    private var isDue = false
    private var hasComplained = false
    /// The events that were shown as they came, the newest last.
    private var shown: [String] = []
    /// How many events were fetched because they had been missed.
    private(set) var fetched = 0

    /// When it may be asked again after nobody answered; what comes is shown meanwhile.
    private var nextTry = ContinuousClock.now
    /// The newest heartbeat, and when it came.
    private var lastBeat: (place: JournalPlace, at: ContinuousClock.Instant)?

    private static let shownMax = 4_096
    /// Pages that are fetched before what comes is shown again.
    private static let pagesMax = 8
    private static let patience = Duration.seconds(2)
    private static let pause = Duration.seconds(10)

    init(
        endpoint: Endpoint?,
        patient: String?,
        ward: String?,
        kinds: [EventKind],
        from: Int64?,
        isQuiet: Bool
    ) {
        self.endpoint = endpoint
        self.patient = patient
        self.ward = ward
        self.kinds = Set(kinds.map(\.type))
        onlyKind = kinds.count == 1 ? kinds.first : nil
        self.from = from
        self.isQuiet = isQuiet
    }

    /// Takes the next message of the daemon; the events that are to be shown before it.
    mutating func take(_ read: EventReader.Read, _ context: Context) throws -> [JSONObject] {
        let place = read.journal
        if let place, place.epoch != cursor?.epoch { begin(place) }
        let isNewRun = run != nil && read.run != nil && read.run != run
        run = read.run ?? run
        if isNewRun, let place, place.sequence < cursor?.sequence ?? 0 {
            say("the journal ends before what was read of it; it is read from its begin")
            cursor = JournalPlace(epoch: place.epoch, sequence: 0)
        }
        if cursor != nil, read.missed > 0 || isNewRun { isDue = true }
        if isDue { return ContinuousClock.now < nextTry ? [] : try fetch(context) }
        if let place, read.event["type"]?.text == EventKind.heartbeat.type { pass(place) }
        return []
    }

    /// A heartbeat without a hole: everything up to the one before it has been shown.
    ///
    /// Pages, and wards, each have a message of their own in one beat, so that what one of them tells is known a beat later.
    private mutating func pass(_ place: JournalPlace) {
        let now = ContinuousClock.now
        guard now - (lastBeat?.at ?? now - .seconds(1)) >= .milliseconds(500) else { return }
        if let before = lastBeat?.place, before.epoch == cursor?.epoch,
            before.sequence > cursor?.sequence ?? 0
        {
            cursor = before
        }
        lastBeat = (place, now)
    }

    /// Whether the event of a message was shown already, because it was fetched; what is not, counts as shown from now on.
    mutating func hasShown(_ read: EventReader.Read) -> Bool {
        guard read.isWanted, let name = MissedEvents.name(of: read.event) else { return false }
        if shown.contains(name) { return true }
        remember([name])
        return false
    }

    private mutating func remember(_ names: [String]) {
        shown += names
        if shown.count > MissedEvents.shownMax {
            shown.removeFirst(shown.count - MissedEvents.shownMax * 3 / 4)
        }
    }

    /// The daemon names a journal that was not known: the first one, or another one.
    private mutating func begin(_ place: JournalPlace) {
        if let first = from {
            cursor = JournalPlace(epoch: place.epoch, sequence: max(0, first - 1))
            from = nil
            isDue = true
        } else if cursor != nil {
            say("the daemon has another journal now, \(place.epochText); it is read from its begin")
            cursor = JournalPlace(epoch: place.epoch, sequence: 0)
            isDue = true
        } else {
            cursor = place
        }
    }

    private mutating func fetch(_ context: Context) throws -> [JSONObject] {
        guard let endpoint, let known = cursor else { return [] }
        var events: [JSONObject] = []
        do {
            var asker = try ControlAsker(endpoint, in: context)
            var next: Int64? = known.sequence + 1
            for _ in 0..<MissedEvents.pagesMax {
                guard let page = next else { break }
                var question = ReplayQuestion(from: page, ward: ward, kind: onlyKind, patient: patient)
                question.limit = ReplayQuestion.limitMax
                let reply = try asker.replay(question, patience: MissedEvents.patience)
                guard let report = ReplayReport(reply) else { throw ControlAsker.Failure.unreadable }
                guard report.place.epoch == known.epoch else {
                    begin(report.place)
                    break
                }
                tellOfHoles(report)
                events += report.events
                // Only a page further on is asked for, so that this ends whatever the other side says.
                next = report.next.flatMap { $0 > page ? $0 : nil }
                let reached = next.map { $0 - 1 } ?? report.place.sequence
                if reached > cursor?.sequence ?? 0 {
                    cursor = JournalPlace(epoch: known.epoch, sequence: reached)
                }
                isDue = next != nil
            }
            hasComplained = false
        } catch let failure as ControlAsker.Failure {
            if !hasComplained { say("what was missed cannot be asked for yet: \(failure.words)") }
            hasComplained = true
            nextTry = .now + MissedEvents.pause
        }
        let new = events.filter { event in
            guard kinds.contains(event["type"]?.text ?? ""), let name = MissedEvents.name(of: event) else {
                return false
            }
            return !shown.contains(name)
        }
        remember(new.compactMap { MissedEvents.name(of: $0) })
        fetched += new.count
        if !new.isEmpty {
            say("\(new.count) events of the journal follow, up to number \(cursor?.sequence ?? 0)")
        }
        return new
    }

    private func tellOfHoles(_ report: ReplayReport) {
        if let gone = report.truncated {
            say("the journal has let go of the events \(gone.lowerBound) to \(gone.upperBound)")
        }
        for range in report.unreadable {
            say("the events \(range.lowerBound) to \(range.upperBound) are damaged in the journal")
        }
    }

    /// Its id with its run: what is said of an endpoint begins to count anew in each run.
    private static func name(of event: JSONObject) -> String? {
        event["id"]?.text.map { "\(event["run"]?.text ?? "") \($0)" }
    }

    private func say(_ words: String) { if !isQuiet { Output.words("shinden watch: " + words) } }
}

extension ControlAsker.Failure {
    fileprivate var words: String {
        switch self {
        case .silent: "no answer"
        case .unknownKey: "the daemon does not let this key in"
        case .unreadable: "the answer cannot be read"
        case .refused(let problem): problem.detail
        }
    }
}
