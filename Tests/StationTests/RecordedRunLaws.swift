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

    @Test func `a window is there as soon as its last sample has come`() {
        let windows = run(chunks(seed: 1)).windows
        #expect(windows.count > 15)
        for window in windows {
            // Chunk n ends at sample 500 (n + 1).
            #expect(window.afterChunk == Int((window.end + 499) / 500) - 1)
        }
    }
}
