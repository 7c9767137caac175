import ECGSignal
import Glibc
import Testing
import Threads
import ZeroMQ

@testable import Service

/// The thread that makes the log, with real sockets.
@Suite struct IngestThreadTests {
    /// Far longer than anything waited for here takes; a limit, never a measure.
    private let limit: Duration = .seconds(60)

    @Test
    func `the log has every frame, a tick a second and the shutdown at its end, in times that never fall`()
        throws
    {
        let clocks = Clocks()
        let ring = BoundedQueue<LoggedEntry<RawMessage>>(countMax: 100_000)
        let opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>(countMax: 1)
        let isStopping = SharedFlag()
        let stop = try WakeUp()
        let context = try Context(ioThreads: 1)
        let ingest = IngestThread(
            subscribe: [],
            bind: try Endpoint("tcp://127.0.0.1:*"),
            context: context,
            ring: ring,
            stop: stop,
            isStopping: isStopping,
            state: DaemonState(workers: 1),
            links: LinkWatch(clocks: clocks),
            clocks: clocks,
            outbox: EventQueue(wakeUp: try WakeUp()),
            opened: opened
        )
        let thread = try WorkerThread.start(name: "ingest") { ingest.run() }
        let endpoint = try #require(try opened.pop(limit: 1)?.first?.get().first)
        var entries: [LoggedEntry<RawMessage>] = []
        do {
            let publisher = try Socket(.pub, in: context, options: SocketOptions())
            _ = try publisher.connect(endpoint)
            let end = ContinuousClock.now + limit
            var ticks = 0
            // Frames of one to seven parts, until the link is up and some ticks have come between them.
            while ticks < 3 || entries.count < 40, ContinuousClock.now < end {
                for count in 1...7 {
                    let parts = (0..<count).map { $0 == 0 ? Array("ecg1.x".utf8) : [UInt8($0)] }
                    _ = try publisher.send(parts)
                }
                if ring.load.count > 0 { entries += ring.pop(limit: 1_000) ?? [] }
                ticks = entries.count { if case .tick = $0.content { true } else { false } }
                _ = poll(nil, 0, 10)
            }
            #expect(ticks >= 3)
        }
        isStopping.isSet = true
        stop.signal()
        thread.join()
        while let more = ring.pop(limit: 1_000) { entries += more }
        context.close()
        try judge(entries)
    }

    private func judge(_ entries: [LoggedEntry<RawMessage>]) throws {
        let times = entries.map(\.arrival.monotonic)
        #expect(times == times.sorted())
        var sizes: [Int] = []
        var tickTimes: [MonotonicNanoseconds] = []
        var ends = 0
        for entry in entries {
            switch entry.content {
            case .frame(.parts(let parts), _, _): sizes.append(parts.count)
            case .frame(.tooManyParts(let count), _, _): sizes.append(count)
            case .tick: tickTimes.append(entry.arrival.monotonic)
            case .command, .policy, .authorisation, .memory, .recovery:
                Issue.record("nobody asked for anything")
            case .shutdown: ends += 1
            }
        }
        for (size, next) in zip(sizes, sizes.dropFirst()) { #expect(next == size % 7 + 1) }
        #expect(sizes.count > 30)
        for (tick, next) in zip(tickTimes, tickTimes.dropFirst()) {
            // The schedule is a second; a machine that was held up is late, never early by more than it was late.
            #expect(next - tick > 0)
        }
        let last = try #require(entries.last)
        guard case .shutdown = last.content else {
            Issue.record("the last entry is no shutdown")
            return
        }
        #expect(ends == 1)
    }
}
