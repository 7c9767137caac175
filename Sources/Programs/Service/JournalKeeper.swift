internal import ECGSignal
internal import Findings
internal import Journal
internal import Pipeline
internal import Station
internal import Wire

/// The publisher's side of the journal: it chooses what is kept, hands it over, and hears what became of it.
struct JournalKeeper {
    private let desk: JournalDesk
    private let replies: ControlReplies
    private var choice: DurableChoice
    private var counter = TechnicalCounter(.endpoint("journal"))
    /// States that found no room, or may not be kept yet.
    private var held = HeldStates<JournalState>()
    /// Whether events follow from entries of the former run.
    var isRecovering: Bool {
        get { held.isRecovering }
        set { held.isRecovering = newValue }
    }

    /// A keeper of that desk's journal.
    init(_ desk: JournalDesk, _ replies: ControlReplies) {
        self.desk = desk
        self.replies = replies
        let model = replies.model
        choice = DurableChoice { model.threshold(of: $0) }
    }

    /// Hands over what of a parcel is to be kept, with the states that follow from it, once the log has its entry `position`.
    ///
    /// - Returns: the ticket, nil where nothing is kept, and for each message its place among what was handed over, nil
    ///   where it is not kept.
    mutating func hand(
        _ outgoing: [Outgoing],
        _ states: [JournalState],
        _ checkpoints: [JournalCheckpoint] = [],
        after position: Int? = nil
    ) -> (ticket: Int?, offsets: [Int?]) {
        var entries: [JournalDesk.Entry] = []
        let offsets = outgoing.map { each -> Int? in
            guard let entry = entry(of: each) else { return nil }
            entries.append(entry)
            return entries.count - 1
        }
        for state in states {
            held.take(state, of: Sender(patient: state.patient, device: state.device))
        }
        let events = outgoing.compactMap { if case .event(let item) = $0.content { item.event } else { nil } }
        let due = held.due(with: events)
        guard !entries.isEmpty || !due.isEmpty || !checkpoints.isEmpty else { return (nil, offsets) }
        guard let ticket = desk.offer(entries, Array(due.values), checkpoints, after: position) else {
            return (nil, offsets)
        }
        held.remove(due.keys)
        return (ticket, offsets)
    }

    private mutating func entry(of outgoing: Outgoing) -> JournalDesk.Entry? {
        // What is told in a second ward is kept in the first.
        guard outgoing.role == .own else { return nil }
        let (run, source, number) = (replies.run, replies.source, outgoing.number)
        let ward = outgoing.ward
        switch outgoing.content {
        case .event(let item):
            let event = item.event
            guard choice.keeps(event) else { return nil }
            return JournalDesk.Entry(topic: outgoing.topic, patient: event.sender?.patient ?? "_") { place in
                var writer = EventWriter()
                let envelope = EventWriter.Envelope(
                    run: run,
                    topicSequence: number,
                    latencyMilliseconds: nil,
                    ward: ward,
                    source: source,
                    place: place
                )
                writer.write(event, in: envelope)
                return writer.bytes
            }
        case .status(let message):
            let replies = replies
            return JournalDesk.Entry(topic: outgoing.topic, patient: "_") { place in
                message.bytes(numbered: number, replies, at: place)
            }
        case .done: return nil
        }
    }

    /// Tells the gate what the journal's thread has told.
    mutating func hear(_ gate: inout DurableGate<Outgoing>, at now: MonotonicNanoseconds) {
        for word in desk.takeWords() {
            switch word {
            case .kept(let ticket, let first): gate.settle(ticket, .success(first), at: now)
            case .refused(let ticket, let refusal): gate.settle(ticket, .failure(refusal), at: now)
            case .recovered: gate.recover(at: now)
            }
        }
        let isTrusted = gate.isTrusted
        desk.update { $0.isTrusted = isTrusted }
    }

    /// The place of that number in the journal that is open.
    func place(of sequence: Int64) -> JournalPlace? {
        desk.current.place.map { JournalPlace(epoch: $0.epoch, sequence: sequence) }
    }

    /// The newest place that readers are told: `newest`, or where the journal stood when it was opened.
    func begin(_ newest: JournalPlace?) -> JournalPlace? {
        guard let now = desk.current.place else { return newest }
        return newest?.epoch == now.epoch ? newest : now
    }

    /// The technical event that tells of a change.
    mutating func event(of notice: DurableGate<Outgoing>.Notice, at now: Arrival) -> Event {
        switch notice {
        case .failed(let reason):
            counter.report(
                .journalFailed,
                .start,
                priority: .medium,
                firstSample: nil,
                detail: "events are not kept: \(reason); they go on as not durable",
                at: now
            )
        case .recovered:
            counter.report(
                .journalFailed,
                .end,
                priority: .info,
                firstSample: nil,
                detail: "events are kept again",
                at: now
            )
        }
    }
}
