import ECGSignal
import Findings
import Pipeline
import Station
import TestSupport
import Testing

/// A recording that is given chunk by chunk.
@Suite struct RecordedRunLaws {
    /// Windows of a long stream, and after how many chunks each came.
    private func run(_ chunks: [LeadChunk]) -> (events: [Event], windows: [(end: GridIndex, afterChunk: Int)])
    {
        var run = RecordedRun(model: NarrowModel.shared, start: 1_700_000_000_000_000_000)
        var events: [Event] = []
        var windows: [(end: GridIndex, afterChunk: Int)] = []
        for (number, chunk) in chunks.enumerated() {
            let found = run.take(chunk)
            events += found
            for case .diagnosis(_, let diagnosis) in found.map(\.content) {
                windows.append((diagnosis.firstSample + GridIndex(Grid.windowSamples), number))
            }
        }
        return (events + run.finish(), windows)
    }

    private func chunks(seed: UInt64) -> [LeadChunk] {
        var generator = SeededGenerator(seed: seed)
        let stream = SentStream(tracks: [
            SentTrack(
                rate: .grid,
                leads: [.i, .ii],
                values: [noise(15_250, &generator), noise(15_250, &generator)]
            )
        ])
        return (0..<31).map { (number: Int64) -> LeadChunk in
            let range: Range<SampleIndex> = number * 500..<min(number * 500 + 500, 15_250)
            return stream.chunk(
                of: stream.tracks[0],
                leads: [0, 1],
                range,
                sequence: UInt64(number + 1),
                isLast: number == 30
            )
        }
    }

    /// The log that the chunks would have made live: each when its last sample came, a tick at every second before it.
    private func log(of chunks: [LeadChunk], from start: UTCNanoseconds) -> [LoggedEntry<JudgedMessage>] {
        func entry(
            _ content: LoggedEntry<JudgedMessage>.Content,
            _ time: MonotonicNanoseconds
        ) -> LoggedEntry<JudgedMessage> {
            LoggedEntry(content, at: Arrival(utc: start + time, monotonic: time))
        }
        // The stream has 500 samples a second, so sample n came 2 ms after sample n - 1.
        let times = chunks.map { MonotonicNanoseconds($0.endSample - 1) * 2_000_000 }
        let end = times.max() ?? 0
        let ticks = stride(from: 1_000_000_000, through: end, by: 1_000_000_000).map {
            entry(.tick(isQuiet: false), $0)
        }
        let frames = zip(chunks, times).map { entry(.frame(.success($0), endpoint: "file"), $1) }
        // `sorted` is stable: a tick stands before a frame of the same moment.
        return (ticks + frames).sorted { $0.arrival.monotonic < $1.arrival.monotonic }
            + [entry(.shutdown, end)]
    }

    @Test(arguments: seeds(3)) func `chunk by chunk gives the events of the whole log`(seed: UInt64) {
        let chunks = chunks(seed: seed)
        var station = OfflineStation(model: NarrowModel.shared)
        var whole: [Event] = []
        for entry in log(of: chunks, from: 1_700_000_000_000_000_000) { whole += station.take(entry) }
        #expect(whole.count > 15)
        #expect(run(chunks).events == whole, "seed \(seed)")
    }

    @Test func `a window is there as soon as its last sample has come`() {
        let windows = run(chunks(seed: 1)).windows
        #expect(windows.count > 15)
        for window in windows {
            // Chunk n ends at sample 500 (n + 1).
            #expect(window.afterChunk == Int((window.end + 499) / 500) - 1)
        }
    }
}
