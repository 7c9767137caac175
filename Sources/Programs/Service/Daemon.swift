private import Access
private import Digest
internal import ECGSignal
private import Foundation
internal import FrameLog
private import KeyFolder
public import Logging
public import Machine
internal import Messaging
public import Pipeline
internal import Station
internal import Threads
internal import ZeroMQ

/// The daemon: opens the sockets, starts the threads, stops them in the order in which data flows.
///
///     sockets -> IngestThread -> ring -> AdmissionThread -> queues -> ShardThreads -> EventQueue -> PublisherThread
///                                                                           |            PublisherThread <-> JournalThread
///                                                                           \-> WaveQueue -> WaveThread
///
/// Beside them `ControlThread` answers what operators ask, until the last event has been sent.
public final class Daemon: Sendable {
    /// The program's version.
    public static let version = "0.1.0"

    /// Why it did not start.
    public enum StartFailure: Error, CustomStringConvertible {
        /// An endpoint is taken or cannot be opened.
        case unavailable(String)
        /// Configuration or model.
        case configuration(String)
        /// An endpoint does not refuse whom it should.
        case insecure(String)

        /// What, where, what to do.
        public var description: String {
            switch self {
            case .unavailable(let text), .configuration(let text), .insecure(let text): text
            }
        }
    }

    private let configuration: Configuration
    private let log: Logger
    private let knock: SelfProbe.Knock
    private let manager: ServiceManager?
    private let parts: DaemonThreads
    private let threads: [WorkerThread]
    private let publisher: WorkerThread
    /// The threads of the journal; none where no events are kept.
    private let journal: [WorkerThread]
    private let waves: WorkerThread
    private let control: WorkerThread
    /// The endpoints as bound.
    public let endpoints: (frames: [String], events: String, control: String, waves: String)
    /// The endpoint of acknowledged gateways as it was opened; nil where there is none.
    public let ingestEndpoint: String?

    /// Starts everything; ready when it returns.
    ///
    /// `words` is where the lines of `log` go, which METRICS counts; `manager` hears when it is ready and while it works.
    public convenience init(
        _ configuration: Configuration,
        model: Model,
        named modelName: String,
        log: Logger,
        words: LineWriter? = nil,
        manager: ServiceManager? = nil
    ) throws(StartFailure) {
        try self.init(
            configuration,
            model: model,
            named: modelName,
            log: log,
            words: words,
            manager: manager,
            knocking: SelfProbe.knock
        )
    }

    /// Starts everything, and knocks at its own doors by `knock` before it is ready.
    init(
        _ configuration: Configuration,
        model: Model,
        named modelName: String,
        log: Logger,
        words: LineWriter? = nil,
        manager: ServiceManager? = nil,
        knocking knock: @escaping SelfProbe.Knock
    ) throws(StartFailure) {
        self.knock = knock
        self.manager = manager
        self.configuration = configuration
        self.log = log
        do {
            let wanted = try configuration.endpoints()
            let hop = try Hop(samples: configuration.hop)
            let policy = try Daemon.policy(configuration, log)
            let (access, authorisation) = try Daemon.access(configuration)
            let parts = try DaemonThreads(configuration, access, wanted.ingest, manager, log)
            self.parts = parts
            let replies = Daemon.replies(configuration, parts, model, modelName, words)
            let publishing = try parts.startPublisher(wanted.events, replies)
            publisher = publishing.thread
            do {
                let header = FrameLogHeader(configuration, replies, policy, authorisation, parts.clocks)
                let recorder = try parts.startRecorder(configuration, header)
                let keeping = try parts.startJournal(configuration)
                journal = keeping.threads
                let showing = try parts.startWaves(wanted.waves)
                waves = showing.thread
                parts.state.update { $0.waves = showing.endpoints[0].text }
                let shards = try parts.startShards(model, hop, policy.table)
                let terms = CheckpointTerms(model: model.revisions, hop: hop, run: replies.run)
                let (admission, recovery) = try parts.goOn(configuration, recorder, keeping.held, terms)
                // Whoever asks what stands is told of all of it.
                let answering = try parts.startControl(wanted.control, replies)
                control = answering.thread
                let ingest = try parts.startIngest(wanted.subscribe, binding: wanted.bind, after: recovery)
                threads = [ingest.thread, admission] + [recorder?.thread].compactMap(\.self) + shards
                ingestEndpoint = ingest.acknowledged
                endpoints = (
                    ingest.frames, publishing.endpoints[0].text, answering.endpoints[0].text,
                    showing.endpoints[0].text
                )
            } catch {
                parts.abandon()
                throw error
            }
        } catch let failure where failure is ZeroMQError || failure is ThreadError {
            throw .unavailable("\(failure)")
        } catch {
            throw .configuration("\(error)")
        }
        if let breach = SelfProbe.breach(of: parts.access, at: doors, by: knock) {
            drain()
            throw .insecure(breach.words)
        }
        parts.state.update { $0.isReady = true }
        announce(modelName)
    }

    /// What answers control requests, in a run of its own.
    private static func replies(
        _ configuration: Configuration,
        _ parts: DaemonThreads,
        _ model: Model,
        _ modelName: String,
        _ words: LineWriter?
    ) -> ControlReplies {
        ControlReplies(
            run: hexadecimal16(UInt64.random(in: 1...UInt64.max)),
            source: "/shinden/\(configuration.node)",
            modelName: modelName,
            model: model,
            limits: parts.limits,
            names: configuration.logPlainIDs ? .plain : .hashed(KeyedHash()),
            state: parts.state,
            clocks: parts.clocks,
            desk: parts.desk,
            access: parts.access,
            journal: parts.journal,
            history: parts.history,
            queues: parts.queueLoads,
            words: words
        )
    }

    /// Who may do what, and the bytes of the file that says so; nil where no keys are asked for.
    private static func access(_ configuration: Configuration) throws -> (AccessDesk?, [UInt8]) {
        guard !configuration.keys.isEmpty else { return (nil, []) }
        let folder = KeyFolder(configuration.keys)
        let pair = try folder.daemonPair()
        let (bytes, table) = try folder.authorised()
        let names: [Door: String] = [
            .frames: configuration.bindSubscribe, .events: configuration.events,
            .control: configuration.control, .ingest: configuration.ingest,
            .waves: configuration.waves.isEmpty ? "waves" : configuration.waves,
        ]
        return (AccessDesk(pair, table, names: names), bytes)
    }

    /// The endpoints that others dial.
    private var doors: [(door: Door, endpoint: String)] {
        endpoints.frames.prefix(1).map { (.frames, $0) }
            + [(.events, endpoints.events), (.control, endpoints.control), (.waves, endpoints.waves)]
            + (ingestEndpoint.map { [(.ingest, $0)] } ?? [])
    }

    private func announce(_ modelName: String) {
        let bound = MemoryBound(configuration)
        let words =
            "research software, not a medical device; frames \(endpoints.frames.joined(separator: " ")), "
            + "events \(endpoints.events), control \(endpoints.control), waves \(endpoints.waves), "
            + (ingestEndpoint.map { "ingest \($0), " } ?? "") + "model \(modelName), "
            + "streams-max \(configuration.streamsMax), memory typically \(bound.typicalMegabytes) MB, at most "
            + "\(bound.worstMegabytes) MB"
        log.info("\(words)")
        if let access = parts.access {
            let words =
                "every endpoint asks for keys: \(access.table.keys.count) in \(configuration.keys); this daemon's is "
                + "\(access.publicKey), fingerprint \(Fingerprint(of: access.publicKey))"
            log.info("\(words)")
        }
        if !configuration.logFolder.isEmpty {
            let key = configuration.state.isEmpty ? "record" : "state"
            log.warning(
                "\(key) is set: all frames and the names in them are kept in \(configuration.logFolder)"
            )
        }
        if configuration.logPlainIDs {
            log.warning("log-plain-ids is set: the log names patients and devices as they are")
        }
        log.info("ready")
        manager?.tell("READY=1\nSTATUS=research software, not a medical device; ready")
    }

    /// What ended it, where neither a signal from outside nor an operator did.
    public var fault: String? { parts.state.current.fault }

    /// Why the frame log ends before the run did, where it does.
    public var recordFault: String? { parts.state.current.recordFault }

    /// Reads its files again, the policy's and that of who may come in, where it has them.
    public func reload() {
        if !configuration.policy.isEmpty { reloadPolicy() }
        if let access = parts.access { reloadKeys(access) }
    }

    /// Reads the authorisation file again.
    ///
    /// Chunks and requests are judged by it from then on. Where somebody may read less, every reader is cut off and comes
    /// in anew; gateways are not, so that no stream is lost. Then it knocks at its own doors again.
    private func reloadKeys(_ access: AccessDesk) {
        do {
            let (bytes, table) = try KeyFolder(configuration.keys).authorised()
            // First who may read: the entry of the log tells of patients who are in other wards, where they are then.
            let isLess = access.adopt(table)
            guard parts.desk.entries.push(.authorisation(bytes)) else { return }
            if isLess { parts.wakeSenders() }
            let places =
                table.wards.isEmpty && table.beds.isEmpty
                ? "" : ", \(table.wards.count) patients in wards, \(table.beds.count) beds"
            log.info("keys: \(configuration.keys) is in force, \(table.keys.count) keys\(places)")
        } catch {
            log.error("keys: \(error); who could come in before still can, and nobody else")
            return
        }
        switch SelfProbe.breach(of: access, at: doors, by: knock) {
        case nil: break
        case .open(let words)?: parts.state.fail(words)
        // Whoever does not answer lets nobody in, and those who are in are watched on.
        case .unproven(let words)?: log.error("\(words)")
        }
    }

    /// Reads the policy file, and tells who else may change it.
    private static func policy(
        _ configuration: Configuration,
        _ log: Logger
    ) throws(Configuration.Refused) -> WardPolicy {
        let policy = try WardPolicy(file: configuration.policy)
        if let warning = policy.warning { log.warning("\(warning)") }
        return policy
    }

    /// Reads the policy file again.
    ///
    /// What it says is in force from the next entry of the log on, and alarms that stand, stand on. Where it is refused, what
    /// was in force stays so, and the log says why.
    private func reloadPolicy() {
        do {
            let policy = try Daemon.policy(configuration, log)
            guard parts.desk.entries.push(.policy(policy.bytes)) else { return }
            log.info("policy: \(configuration.policy) is in force; alarms that stand, stand on")
        } catch {
            log.error("\(error); the policy that was in force stays")
        }
    }

    /// Ends it in the order of the flow: what was received is analysed and its events are sent.
    public func drain() {
        manager?.tell("STOPPING=1")
        parts.isStopping.isSet = true
        parts.stop.signal()
        for thread in threads { thread.join() }
        parts.waves.close()
        parts.outbox.close()
        waves.join()
        publisher.join()
        parts.closeJournal()
        for thread in journal { thread.join() }
        parts.stopControl()
        control.join()
        parts.close()
        log.info("stopped")
    }
}

extension FrameLogHeader {
    /// What the log of a daemon rests on.
    fileprivate init(
        _ configuration: Configuration,
        _ replies: ControlReplies,
        _ policy: WardPolicy,
        _ authorisation: [UInt8],
        _ clocks: Clocks
    ) {
        self.init(
            run: replies.run,
            node: configuration.node,
            program: "shinden \(Daemon.version)",
            modelName: replies.modelName,
            revisions: replies.model.revisions,
            hop: configuration.hop,
            horizonSeconds: Int(StreamTimeline.horizonSeconds),
            streamsMax: configuration.streamsMax,
            idleSeconds: configuration.idleSeconds,
            ingestSpeedMax: configuration.ingestSpeedMax,
            policy: String(decoding: policy.bytes, as: UTF8.self),
            authorisation: String(decoding: authorisation, as: UTF8.self),
            arrival: clocks.now
        )
    }
}
