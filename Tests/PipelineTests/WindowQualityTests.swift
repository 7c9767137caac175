import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

/// What a window's signal is worth, as its event says.
@Suite struct WindowQualityTests {
    /// The windows of a heart in II and V2 for 40 s: from 12 to 18 s muscles are in V2, from 24 s on both hold noise alone.
    private func windows() throws -> [WindowDiagnosis] {
        var ecg = MadeECG(seconds: 40)
        ecg.addRhythm(from: 0, to: 24, rate: 75)
        var generator = SeededGenerator(seed: 2)
        var values = [ecg.values, ecg.values]
        for index in 6_000..<9_000 { values[1][index] += Float.random(in: -0.3...0.3, using: &generator) }
        for index in 12_000..<20_000 {
            for lead in 0..<2 { values[lead][index] = Float.random(in: -0.8...0.8, using: &generator) }
        }
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: [.ii, .v2], values: values)])
        return timeless(try ProcessorRun.events(of: stream.chunks(using: &generator))).diagnoses
    }

    @Test func `a window is good where each of its seconds was, limited with a fault, and else unanalysable`()
        throws
    {
        let windows = try windows()
        #expect(Set(windows.map(\.quality)) == [.good, .limited, .unanalysable])
        for window in windows where window.firstSample >= 500 {
            let end = window.firstSample + 5_000
            if end <= 6_000 { #expect(window.quality == .good, "\(window.firstSample)") }
            // A whole second of muscles lies in it, and no more than 5 s of noise.
            if end >= 6_600, window.firstSample <= 8_000, end <= 13_000 {
                #expect(window.quality == .limited, "\(window.firstSample)")
            }
            // 7 s of what resembles no beats, of which it takes a few to know that.
            if window.firstSample >= 14_000 {
                #expect(window.quality == .unanalysable, "\(window.firstSample)")
                #expect(window.windowWithheld == .quality)
            }
        }
    }

    @Test func `nothing is ranked while a standstill lasts, whatever beats were before it`() throws {
        var ecg = MadeECG(seconds: 40)
        let last = try #require(ecg.addRhythm(from: 0, to: 20, rate: 75).last)
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: [.ii], values: [ecg.values])])
        var generator = SeededGenerator(seed: 5)
        let windows = timeless(try ProcessorRun.events(of: stream.chunks(using: &generator))).diagnoses
        for window in windows {
            let end = Double(window.firstSample) / 500 + 10
            if end > last + 4.5 { #expect(window.windowWithheld == .quality, "\(end)") }
            if end < last + 4 { #expect(window.windowWithheld == nil, "\(end)") }
        }
        #expect(windows.contains { Double($0.firstSample) / 500 < last - 4 && $0.windowWithheld == .quality })
    }

    /// The windows of a heart in II and V2 for 40 s, of which `lost` is missing from some leads.
    private func windows(without lost: Range<Int>, in leads: [Int]) throws -> [WindowDiagnosis] {
        var ecg = MadeECG(seconds: 40)
        ecg.addRhythm(from: 0, to: 40, rate: 75)
        var values = [ecg.values, ecg.values]
        for lead in leads { for index in lost { values[lead][index] = .nan } }
        var generator = SeededGenerator(seed: 3)
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: [.ii, .v2], values: values)])
        return timeless(try ProcessorRun.events(of: stream.chunks(using: &generator))).diagnoses
    }

    @Test(arguments: [10_000..<11_000, 10_250..<10_300]) func `a window with a gap at its edge is not good`(
        gap: Range<Int>
    ) throws {
        let windows = try windows(without: gap, in: [0, 1])
        for window in windows where window.firstSample >= 500 {
            let range = Int(window.firstSample)..<Int(window.firstSample) + 5_000
            #expect((window.quality == .good) == !range.overlaps(gap), "\(window.firstSample)")
        }
        #expect(Set(windows.map(\.quality)).contains(.good))
    }

    @Test func `a window in which a lead comes late is not good`() throws {
        let windows = try windows(without: 0..<10_000, in: [1])
        for window in windows where window.firstSample >= 500 {
            let isTorn = (window.firstSample + 1..<window.firstSample + 5_000).contains(10_000)
            #expect((window.quality == .good) == !isTorn, "\(window.firstSample)")
        }
    }

    @Test func `a stream of which nothing comes any more is not good`() throws {
        var ecg = MadeECG(seconds: 12)
        ecg.addRhythm(from: 0, to: 12, rate: 75)
        var generator = SeededGenerator(seed: 4)
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: [.ii], values: [ecg.values])])
        let chunks = stream.chunks(using: &generator)
        var run = ProcessorRun(chunks[0])
        for chunk in chunks { try run.take(chunk) }
        #expect(run.processor.quality?.grade == .good)
        run.tick()
        let silent = try #require(run.processor.quality)
        #expect(silent.grade == .unanalysable && silent.reasons(of: 1) == [.missing])
    }
}
