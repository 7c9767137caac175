internal import ECGSignal

/// What bounds the daemon's memory, in one place with its sum.
///
/// Megabytes are 10^6 bytes.
struct MemoryBound {
    /// Messages that wait between sockets and admission: few, since each may hold a second of signal, and all of
    /// it is to be analysed within the seconds that a stop may take.
    static let ringMessages = 256
    /// Bytes of those messages.
    static let ringBytes = 4_000_000
    /// Inputs that wait for one worker: enough for batches of many streams.
    static let shardInputs = 1_024
    /// Milliseconds of signal in those inputs, for the sake of the stop again.
    static let shardMilliseconds = 30_000

    /// Blocks of waveforms that wait to be sent.
    static let waveBlocks = 4_096
    /// Bytes of their samples; what comes then is not shown.
    static let waveBytes = 4_000_000

    /// Program, model and its packed weights: 49 MB at ready (Benchmarks/live_run.py).
    private static let baseMegabytes = 50
    /// A stream of 12 leads at 500 Hz: 708 KB (Benchmarks/heap_slope.py).
    private static let streamKilobytesTypical = 750
    /// The same at 2,000 Hz with a hole in every lead.
    private static let streamKilobytesWorst = 2_500
    /// Resampling tables.
    private static let tablesMegabytes = 64
    /// A worker's rooms for a batch.
    private static let workerMegabytes = 30
    /// Events on their way, at most 16 KiB each.
    private static let outboxMegabytes = 68

    /// Events on their way into the journal, as many again while the disk fails, and SQLite's caches.
    private static let journalMegabytes = 2 * JournalDesk.bytesMax / 1_000_000 + 8

    /// Bytes of an event, as a diagnosis of twelve leads has.
    static let eventBytes = 6_000

    /// Streams of acknowledged gateways that are remembered: the open ones, and as many closed ones.
    static func receiptStreams(_ streamsMax: Int) -> Int { min(2 * streamsMax, LoggedReceipts.streamsMax) }

    /// The newest 512 chunks of each are known by their checks, 32 bytes each with their places in a table.
    private static func receiptMegabytes(_ streamsMax: Int) -> Int {
        1 + receiptStreams(streamsMax) * 2 * Int(ReceivedNumbers.window) * 32 / 1_000_000
    }

    /// Events that wait for one reader at most: 5 s of them, within 1,000 and 20,000; what comes then it misses.
    let eventsAReader: Int
    /// Every stream open, chunks as gateways send them, no reader stopped.
    let typicalMegabytes: Int
    /// Every stream open and every queue full, one stopped reader.
    let worstMegabytes: Int

    /// The sum for a configuration.
    init(_ configuration: Configuration) {
        // A window each hop, and vital signs each second.
        let hop = max(1, configuration.hop)
        let eventsPerSecond = configuration.streamsMax * (Int(Grid.rate) + hop) / hop
        eventsAReader = min(max(5 * eventsPerSecond, 1_000), 20_000)
        let fixed = MemoryBound.baseMegabytes + configuration.workers * MemoryBound.workerMegabytes
        typicalMegabytes = fixed + configuration.streamsMax * MemoryBound.streamKilobytesTypical / 1_000
        worstMegabytes =
            fixed + configuration.streamsMax * MemoryBound.streamKilobytesWorst / 1_000
            + (configuration.logFolder.isEmpty ? 0 : Recorder.bytesMax / 1_000_000)
            + (configuration.ingest.isEmpty ? 0 : MemoryBound.receiptMegabytes(configuration.streamsMax))
            + (configuration.journalFolder.isEmpty ? 0 : MemoryBound.journalMegabytes)
            + MemoryBound.tablesMegabytes + MemoryBound.ringBytes / 1_000_000 + MemoryBound.outboxMegabytes
            + MemoryBound.waveBytes / 1_000_000
            + eventsAReader * MemoryBound.eventBytes / 1_000_000
    }
}

/// What a daemon of a configuration needs of the machine's memory, bytes.
public struct MemoryNeed: Sendable {
    /// Every stream open, chunks as gateways send them, no reader stopped.
    public let typicalBytes: Int
    /// Every stream open and every queue full, one stopped reader.
    public let worstBytes: Int

    /// The need of a configuration.
    public init(_ configuration: Configuration) {
        let bound = MemoryBound(configuration)
        typicalBytes = bound.typicalMegabytes * 1_000_000
        worstBytes = bound.worstMegabytes * 1_000_000
    }
}

extension Configuration {
    /// Open files of a daemon to which nobody is connected, rounded up (Tests/DoctorTests counts them).
    public static let openFilesMin = 128
    /// Readers of events, waveforms and control requests that find a place beside the gateways.
    static let readersReckoned = 64

    /// Open files of a daemon where every stream comes by a gateway of its own.
    public var openFilesMax: Int {
        Configuration.openFilesMin + subscribe.count + streamsMax + Configuration.readersReckoned
    }
}
