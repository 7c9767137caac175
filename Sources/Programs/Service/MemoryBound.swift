/// What bounds the daemon's memory, in one place with its sum.
///
/// Megabytes are 10^6 bytes.
struct MemoryBound {
    /// Messages that wait between sockets and admission.
    static let ringMessages = 1_024
    /// Their bytes.
    static let ringBytes = 32_000_000

    /// Program, model and its packed weights: 49 MB at ready (Benchmarks/live_run.py).
    private static let baseMegabytes = 50
    /// A stream of 12 leads at 500 Hz: 540 KB with 300 of them (Benchmarks/live_run.py --patients 300).
    private static let streamKilobytesTypical = 600
    /// The same at 2,000 Hz with a hole in every lead.
    private static let streamKilobytesWorst = 2_500
    /// Resampling tables.
    private static let tablesMegabytes = 64
    /// A worker's rooms for a batch.
    private static let workerMegabytes = 30
    /// Events on their way, at most 16 KiB each.
    private static let outboxMegabytes = 68

    /// Every stream open, chunks as gateways send them, no reader stopped.
    let typicalMegabytes: Int
    /// Every stream open and every queue full, one stopped reader with 20,000 events of 6 KB.
    let worstMegabytes: Int

    /// The sum for a configuration.
    init(_ configuration: Configuration) {
        let fixed = MemoryBound.baseMegabytes + configuration.workers * MemoryBound.workerMegabytes
        typicalMegabytes = fixed + configuration.streamsMax * MemoryBound.streamKilobytesTypical / 1_000
        worstMegabytes =
            fixed + configuration.streamsMax * MemoryBound.streamKilobytesWorst / 1_000
            + MemoryBound.tablesMegabytes + MemoryBound.ringBytes / 1_000_000 + MemoryBound.outboxMegabytes
            + 120
    }
}
