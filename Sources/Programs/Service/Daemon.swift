private import Digest
internal import ECGSignal
private import Foundation
internal import FrameLog
public import Logging
internal import Messaging
public import Pipeline
internal import Station
internal import Threads
internal import ZeroMQ

/// The daemon: opens the sockets, starts the threads, stops them in the order in which data flows.
///
///     sockets -> IngestThread -> ring -> AdmissionThread -> queues -> ShardThreads -> EventQueue -> PublisherThread
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

        /// What, where, what to do.
        public var description: String {
            switch self {
            case .unavailable(let text), .configuration(let text): text
            }
        }
    }

    private let configuration: Configuration
    private let log: Logger
    private let parts: DaemonThreads
    private let threads: [WorkerThread]
    private let publisher: WorkerThread
    private let waves: WorkerThread
    private let control: WorkerThread
    /// The endpoints as bound.
    public let endpoints: (frames: [String], events: String, control: String, waves: String)

    /// Starts everything; ready when it returns.
    public init(
        _ configuration: Configuration,
        model: Model,
        named modelName: String,
        log: Logger
    ) throws(StartFailure) {
        self.configuration = configuration
        self.log = log
        do {
            let wanted = try configuration.endpoints()
            let hop = try Hop(samples: configuration.hop)
            let policy = try WardPolicy(file: configuration.policy)
            let parts = try DaemonThreads(configuration, log: log)
            self.parts = parts
            let replies = ControlReplies(
                run: hexadecimal16(UInt64.random(in: 1...UInt64.max)),
                source: "/shinden/\(configuration.node)",
                modelName: modelName,
                model: model,
                limits: parts.limits,
                names: configuration.logPlainIDs ? .plain : .hashed(KeyedHash()),
                state: parts.state,
                clocks: parts.clocks,
                desk: parts.desk
            )
            let publishing = try parts.startPublisher(wanted.events, replies)
            publisher = publishing.thread
            do {
                let header = FrameLogHeader(configuration, replies, policy, at: parts.clocks.now)
                let recorder = try parts.startRecorder(configuration, header)
                let answering = try parts.startControl(wanted.control, replies)
                control = answering.thread
                let showing = try parts.startWaves(wanted.waves)
                waves = showing.thread
                parts.state.update { $0.waves = showing.endpoints[0].text }
                let shards = try parts.startShards(model, hop, policy.table)
                let admission = try parts.startAdmission()
                let ingest = try parts.startIngest(wanted.subscribe, binding: wanted.bind)
                threads = [ingest.thread, admission] + [recorder].compactMap(\.self) + shards
                endpoints = (
                    ingest.endpoints.map(\.text), publishing.endpoints[0].text, answering.endpoints[0].text,
                    showing.endpoints[0].text
                )
            } catch {
                parts.stopRecorder()
                parts.stopControl()
                parts.waves.close()
                parts.outbox.close()
                throw error
            }
        } catch let failure as ZeroMQError {
            throw .unavailable("\(failure)")
        } catch let failure as ThreadError {
            throw .unavailable("\(failure)")
        } catch {
            throw .configuration("\(error)")
        }
        parts.state.update { $0.isReady = true }
        announce(modelName)
    }

    private func announce(_ modelName: String) {
        let bound = MemoryBound(configuration)
        let words =
            "research software, not a medical device; frames \(endpoints.frames.joined(separator: " ")), "
            + "events \(endpoints.events), control \(endpoints.control), waves \(endpoints.waves), "
            + "model \(modelName), "
            + "streams-max \(configuration.streamsMax), memory typically \(bound.typicalMegabytes) MB, at most "
            + "\(bound.worstMegabytes) MB"
        log.info("\(words)")
        if !configuration.record.isEmpty {
            log.warning("record is set: all frames and the names in them are kept in \(configuration.record)")
        }
        if configuration.logPlainIDs {
            log.warning("log-plain-ids is set: the log names patients and devices as they are")
        }
        log.info("ready")
    }

    /// What ended it, where neither a signal from outside nor an operator did.
    public var fault: String? { parts.state.current.fault }

    /// Why the frame log ends before the run did, where it does.
    public var recordFault: String? { parts.state.current.recordFault }

    /// Reads the policy file again.
    ///
    /// What it says is in force from the next entry of the log on, and alarms that stand, stand on. Where it is refused, what
    /// was in force stays so, and the log says why.
    public func reloadPolicy() {
        do {
            let policy = try WardPolicy(file: configuration.policy)
            guard parts.desk.entries.push(.policy(policy.bytes)) else { return }
            log.info("policy: \(configuration.policy) is in force; alarms that stand, stand on")
        } catch {
            log.error("\(error); the policy that was in force stays")
        }
    }

    /// Ends it in the order of the flow: what was received is analysed and its events are sent.
    public func drain() {
        parts.isStopping.isSet = true
        parts.stop.signal()
        for thread in threads { thread.join() }
        parts.waves.close()
        parts.outbox.close()
        waves.join()
        publisher.join()
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
        at arrival: Arrival
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
            arrival: arrival
        )
    }
}
