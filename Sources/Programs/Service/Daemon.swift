internal import ECGSignal
private import Foundation
internal import Messaging
public import Pipeline
internal import Station
internal import ZeroMQ

/// The daemon: opens the sockets, starts the threads, stops them in the order in which data flows.
///
///     sockets -> IngestThread -> ring -> AdmissionThread -> queues -> ShardThreads -> EventQueue -> PublisherThread
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
    private let log: Log
    private let ingestContext: Context
    private let eventsContext: Context
    private let stop: WakeUp
    private let isStopping: SharedFlag
    private let outbox: EventQueue
    private let state: DaemonState
    private let threads:
        (ingest: WorkerThread, admission: WorkerThread, shards: [WorkerThread], publisher: WorkerThread)
    /// The endpoints as bound.
    public let endpoints: (frames: [String], events: String, control: String)

    /// Starts everything; ready when it returns.
    public init(
        _ configuration: Configuration,
        model: Model,
        named modelName: String,
        log: Log
    ) throws(StartFailure) {
        self.configuration = configuration
        self.log = log
        do {
            let wanted = try configuration.endpoints()
            let hop = try Hop(samples: configuration.hop)
            let clocks = Clocks()
            ingestContext = try Context(ioThreads: 1)
            eventsContext = try Context(ioThreads: 1)
            stop = try WakeUp()
            let wakeUp = try WakeUp()
            isStopping = SharedFlag()
            outbox = EventQueue(wakeUp: wakeUp)
            state = DaemonState(workers: configuration.workers)
            var limits = Admission.Limits()
            limits.streamsMax = configuration.streamsMax
            limits.idleSeconds = configuration.idleSeconds
            let replies = ControlReplies(
                run: hexadecimal16(UInt64.random(in: 1...UInt64.max)),
                source: "/shinden/\(configuration.node)",
                modelName: modelName,
                model: model,
                limits: limits,
                state: state,
                clocks: clocks
            )
            let (publisher, events) = try Daemon.startPublisher(
                wanted.events,
                wanted.control,
                eventsContext,
                outbox,
                wakeUp,
                replies,
                clocks
            )
            let (outbox, state) = (outbox, state)
            let queues = (0..<configuration.workers).map { _ in BoundedQueue<ShardInput>(countMax: 1_024) }
            let shards = try queues.enumerated().map { number, inputs in
                let worker = ShardThread(
                    number: number,
                    inputs: inputs,
                    outbox: outbox,
                    model: model,
                    hop: hop,
                    state: state,
                    clocks: clocks
                )
                return try WorkerThread.start(name: "shard-\(number)") { worker.run() }
            }
            let ring = BoundedQueue<IncomingMessage>(
                countMax: MemoryBound.ringMessages,
                weightMax: MemoryBound.ringBytes
            )
            let isQuiet = SharedFlag()
            let links = LinkWatch(clocks: clocks)
            let table = AdmissionThread(
                ring: ring,
                shards: queues,
                outbox: outbox,
                limits: limits,
                isQuiet: isQuiet,
                links: links,
                state: state,
                clocks: clocks
            )
            let admission = try WorkerThread.start(name: "admission") { table.run() }
            let opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>(countMax: 1)
            let receiver = IngestThread(
                subscribe: wanted.subscribe,
                bind: wanted.bind,
                context: ingestContext,
                ring: ring,
                stop: stop,
                isStopping: isStopping,
                isQuiet: isQuiet,
                links: links,
                clocks: clocks,
                opened: opened
            )
            let ingest = try WorkerThread.start(name: "ingest") { receiver.run() }
            threads = (ingest, admission, shards, publisher)
            let frames = try opened.pop(limit: 1)?.first?.get() ?? []
            endpoints = (frames.map(\.text), events[0].text, events[1].text)
        } catch let failure as ZeroMQError {
            throw .unavailable("\(failure)")
        } catch {
            throw .configuration("\(error)")
        }
        state.update { $0.isReady = true }
        announce(modelName)
    }

    private static func startPublisher(
        _ events: Endpoint,
        _ control: Endpoint,
        _ context: Context,
        _ outbox: EventQueue,
        _ wakeUp: WakeUp,
        _ replies: ControlReplies,
        _ clocks: Clocks
    ) throws -> (WorkerThread, [Endpoint]) {
        let opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>(countMax: 2)
        let publisher = PublisherThread(
            events: events,
            control: control,
            context: context,
            outbox: outbox,
            wakeUp: wakeUp,
            replies: replies,
            clocks: clocks,
            opened: opened
        )
        let thread = try WorkerThread.start(name: "publisher") { publisher.run() }
        return (thread, try opened.pop(limit: 1)?.first?.get() ?? [])
    }

    private func announce(_ modelName: String) {
        let bound = MemoryBound(configuration)
        log.say(
            .info,
            "research software, not a medical device; frames \(endpoints.frames.joined(separator: " ")), "
                + "events \(endpoints.events), control \(endpoints.control), model \(modelName), "
                + "streams-max \(configuration.streamsMax), memory typically \(bound.typicalMegabytes) MB, at most "
                + "\(bound.worstMegabytes) MB"
        )
        log.say(.info, "ready")
    }

    /// Ends it in the order of the flow: what was received is analysed and its events are sent.
    public func drain() {
        isStopping.isSet = true
        stop.signal()
        threads.ingest.join()
        threads.admission.join()
        for shard in threads.shards { shard.join() }
        outbox.close()
        threads.publisher.join()
        ingestContext.close()
        eventsContext.close()
        log.say(.info, "stopped")
    }
}
