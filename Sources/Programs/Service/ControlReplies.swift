private import Access
internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Mathematics
private import Messaging
internal import Pipeline
internal import Station
private import Synchronization
internal import Wire

/// Answers control requests from what the threads tell of themselves.
///
/// What is asked and answered is written down in Wire; here stands which facts of this daemon it is.
struct ControlReplies: Sendable {
    /// Counts that grow from several places.
    final class Counts: Sendable {
        /// Events sent so far.
        let published = AtomicCount()
    }

    let run: String
    let source: String
    let modelName: String
    let model: Model
    let limits: Admission.Limits
    /// How the log names streams; STREAMS tells which is whose.
    let names: LogNames
    let state: DaemonState
    let clocks: Clocks
    /// Where commands wait for what they came to.
    var desk = AnswerDesk()
    /// Who may ask what; nil where no keys are asked for.
    var access: AccessDesk?
    /// What is known of the journal; nil where no events are kept.
    var journal: JournalDesk?
    /// Where questions about the past are put; nil where no events are kept.
    var history: HistoryDesk?
    /// How many elements wait in each queue.
    var queues: @Sendable () -> [(name: String, count: Int)] = { [] }
    /// Where the lines of the log go; nil where nobody counts them.
    var words: LineWriter?
    let counts = Counts()

    /// What answers a question that changes nothing, asked with the key of that name.
    func perform(_ request: ControlRequest, for user: String?) -> JSONObject {
        switch request.operation {
        case .snapshot: snapshot(request, for: user)
        // Whatever is to be done has an order, and `respond` takes it, as it does what is asked of the journal.
        case .acknowledge, .pause, .standby, .baseline, .limits, .discharge, .replay: [:]
        case .hello:
            HelloReport.object(
                version: Daemon.version,
                run: run,
                streamsMax: limits.streamsMax,
                subscriptionBytesMax: EventSocket.subscriptionBytesMax,
                subscriptionsMax: access == nil ? nil : PeerTable.subscriptionsAKeyMax,
                waves: state.current.waves,
                rights: rights(of: user)
            )
        case .status: status(from: request.from, of: sight(of: user))
        case .streams: streams(from: request.from, of: sight(of: user, in: request.ward))
        case .roster: roster(from: request.from, in: request.ward, for: user)
        case .labels: labels(from: request.from)
        case .metrics:
            ControlReply.page(of: metrics, from: request.from, as: MetricsReport.list, MetricsReport.object)
        }
    }

    private func rights(of user: String?) -> [String] {
        guard let access else { return ["read"] }
        let table = access.table
        return user.flatMap { table.holder($0) }.map { AccessDesk.words(of: $0, table) } ?? []
    }

    /// What STATUS and the status event both tell.
    var facts: ServiceFacts { facts(of: state.current) }

    private func facts(of now: DaemonState.Snapshot) -> ServiceFacts {
        ServiceFacts(
            isReady: now.isReady,
            model: modelName,
            openStreams: now.openStreams,
            streamsMax: limits.streamsMax,
            framesReceived: now.framesReceived,
            eventsPublished: counts.published.value,
            peers: now.peers,
            linksDropped: now.linksDropped,
            uptimeSeconds: clocks.sinceStart / 1_000_000_000,
            journal: journal?.current.place,
            isDurable: journal.map { $0.current.place != nil && $0.current.isTrusted } ?? false,
            journalFault: journal?.current.fault,
            recordFault: now.recordFault
        )
    }

    private func status(from first: Int, of isSeen: Sight) -> JSONObject {
        let now = state.current
        let endpoints = Set(now.refused.map(\.endpoint)).sorted().map { name in
            StatusReport.Endpoint(
                name: name,
                codes: now.refused.filter { $0.endpoint == name }.map {
                    StatusReport.CodeCount(code: $0.code.rawValue, count: $0.count)
                }
            )
        }
        // Only those of the page are made into what the reply says.
        let named = now.refusedSenders.filter { $0.sender.map { isSeen($0.patient) } ?? true }
        let senders = named.lazy.map { sender in
            StatusReport.RefusedSender(
                endpoint: sender.endpoint,
                patient: sender.sender?.patient,
                device: sender.sender?.device,
                codes: sender.codes.map {
                    StatusReport.CodeCount(code: $0.code.rawValue, count: $0.count, detail: $0.detail)
                }
            )
        }
        let waiting = now.shards.joined()
            .filter { $0.newestWindow == nil && $0.isOpen && isSeen($0.identity.patient) }
            .prefix(ControlReply.pageCount)
            .map { StatusReport.Waiting(stream: $0.identity.name, why: $0.waitsFor) }
        return StatusReport.object(
            facts(of: now),
            endpoints: endpoints,
            links: now.links,
            senders: senders,
            from: first,
            waiting: waiting
        )
    }

    private func streams(from first: Int, of isSeen: Sight) -> JSONObject {
        let all = state.current.shards.joined().filter { isSeen($0.identity.patient) }.sorted {
            $0.identity < $1.identity
        }
        let now = clocks.now
        let ward = SnapshotReport.WardRates(state.alarms.wardRates)
        let settings = Dictionary(state.alarms.settings.map { ($0.sender, $0) }) { one, _ in one }
        return ControlReply.page(of: all, from: first, as: StreamReport.list) { stream in
            let report = StreamReport(stream, loggedAs: names.name(of: stream.identity.name)).object
            let setting = settings[Sender(of: stream.identity)].map {
                ControlReplies.setting($0, over: ward, now).object
            }
            return report.with(["set": setting.map { .object($0) } ?? .null])
        }
    }

    private func labels(from first: Int) -> JSONObject {
        let entries = LabelReport.entries(
            of: model.ranker.catalogue,
            ranked: model.ranker.rankedIDs,
            ruled: RuleStatements.ids,
            threshold: model.ranker.threshold(of:)
        )
        return LabelReport.object(
            entries,
            from: first,
            notLookedFor: (model.notLookedFor.count, model.lookedForSentences)
        )
    }
}

extension StreamReport {
    fileprivate init(_ status: Shard.Status, loggedAs logName: String) {
        let (state, why): (String, String?) =
            switch status.state {
            case .starting: ("starting", nil)
            case .live: ("live", nil)
            case .silent: ("silent", nil)
            case .closed(let reason): ("closed", reason.rawValue)
            }
        self.init(
            stream: status.identity.name,
            patient: status.identity.patient,
            device: status.identity.device,
            epoch: hexadecimal16(status.identity.epoch),
            state: state,
            why: why,
            logName: logName,
            newestWindow: status.newestWindow,
            withheld: status.newestWithheld?.rawValue,
            quality: status.isOpen ? status.quality?.grade.rawValue : nil,
            leads: status.leads.map { lead, track, rate, contact, ledger in
                Lead(
                    name: lead.name,
                    track: track,
                    hertz: rate?.hertz,
                    ledger: ledger,
                    contact: contact.rawValue,
                    faults: status.isOpen ? status.faults(of: lead) : []
                )
            },
            refused: status.refused.map { StatusReport.CodeCount(code: $0.code.rawValue, count: $0.count) },
            missingChunks: status.missingChunks,
            duplicateChunks: status.duplicateChunks,
            batteryPercent: status.batteryPercent,
            driftPartsPerMillion: status.clock.driftPartsPerMillion,
            offsetUncertaintyMilliseconds: status.clock.offsetUncertaintyMilliseconds,
            isRateMismatched: status.clock.isRateMismatched
        )
    }
}

extension Shard.Status {
    /// Why it has no window yet: how much signal is there, unless no electrode is on the patient.
    fileprivate var waitsFor: String {
        if state != .silent, !leads.isEmpty, leads.allSatisfy({ $0.contact == .off }) {
            return "electrodes off"
        }
        let tenths = min(gridSamples, Int64(Grid.windowSamples)) / 50
        return "\(state == .silent ? "silent" : "starting"), \(tenths / 10).\(tenths % 10) of 10 s"
    }

    /// What was wrong with a lead in the newest second; one without a position stands in channel I.
    fileprivate func faults(of lead: Lead) -> [String] {
        guard let quality, let channel = lead.channel ?? (lead.standsInForAnother ? 0 : nil) else {
            return []
        }
        return quality.reasons(of: channel).map(\.rawValue)
    }

    fileprivate var isOpen: Bool { if case .closed = state { false } else { true } }
}

/// A count that several threads raise.
final class AtomicCount: Sendable {
    private let count = Atomic(0)

    /// Gives it another value.
    func set(_ number: Int) { count.store(number, ordering: .relaxed) }

    /// Raises the count by so much.
    func add(_ number: Int) { count.add(number, ordering: .relaxed) }

    /// The count as it is now.
    var value: Int { count.load(ordering: .relaxed) }
}
