import Conditioning
import Diagnosis
import ECGEncoder
import ECGSignal
import Findings
import Foundation
import Gateway
import ModelFolder
import Pipeline
import Recordings
import Service
import TestSupport

/// Sends the same recordings at other rates: does the embedding stay, and the first statement.
///
///     .build/release/RateInvariance FOLDER [COUNT]
///
/// FOLDER holds 12-lead records of 10 s at 500 Hz (PTB-XL's `records500`); COUNT of them, evenly spread over their
/// names, are resampled as another device would send them and go the daemon's way. Prints for each rate the smallest
/// and the median cosine to the 500 Hz form, the record of the smallest, and how often the first statement is the same.
struct RateInvariance {
    static let rates: [Int64] = [100, 125, 128, 250, 256, 360, 512, 1_000]
    static let leads = LeadSet(Lead.standard)

    static func records(in folder: String, count: Int) -> [String] {
        let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let all = found.filter { $0.hasSuffix(".hea") }.sorted().filter { isComplete("\(folder)/\($0)") }
        guard all.count > count else { return all }
        return (0..<count).map { all[$0 * all.count / count] }
    }

    /// 12 leads at 500 Hz, none with a missing sample.
    static func isComplete(_ path: String) -> Bool {
        guard let recording = try? Recording.load(path) else { return false }
        return recording.channels.count == Lead.channelCount
            && recording.channels.indices.allSatisfy { number in
                let channel = recording.channels[number]
                let samples = try? recording.samples(of: number, in: 0..<channel.sampleCount)
                return channel.rate == .grid && samples?.missing.isEmpty == true
            }
    }

    static func run(_ folder: String, _ count: Int) throws {
        let model = try ModelFolder.load(Repository.defaultModel).runnable()
        let workspace = model.encoder.makeWorkspace()
        var cosines = [[(cosine: Double, name: String)]](repeating: [], count: rates.count)
        var same = [Int](repeating: 0, count: rates.count)
        var used = 0
        var reader = WindowReader()
        for path in records(in: folder, count: count) {
            let (stream, _) = try RecordedStream.read(Recording.load("\(folder)/\(path)"))
            guard let window = try reader.firstWindow(of: stream.allChunks()) else { continue }
            used += 1
            let reference = model.encoder.embed(window: window.rows, using: workspace)
            let first = model.ranker.rank(reference, usedLeads: leads).top.first?.statement.id
            for (index, hertz) in rates.enumerated() {
                guard let rate = SampleRate(hertz) else { continue }
                let sent = try RateConverter.convert(stream, to: rate).allChunks()
                guard let window = try reader.firstWindow(of: sent) else { continue }
                let other = model.encoder.embed(window: window.rows, using: workspace)
                cosines[index].append((reference.cosine(to: other), stream.identity.patient))
                if model.ranker.rank(other, usedLeads: leads).top.first?.statement.id == first {
                    same[index] += 1
                }
            }
        }
        print("\(used) records; cosine of the embedding to that of the 500 Hz form")
        print("| Hz | smallest | its record | median | same first statement |")
        print("| ---: | ---: | --- | ---: | ---: |")
        for (index, hertz) in rates.enumerated() {
            let sorted = cosines[index].sorted { $0.cosine < $1.cosine }
            guard let worst = sorted.first else { continue }
            let figures = [worst.cosine, sorted[sorted.count / 2].cosine].map { String(format: "%.6f", $0) }
            print("| \(hertz) | \(figures[0]) | \(worst.name) | \(figures[1]) | \(same[index]) of \(used) |")
        }
    }
}

guard CommandLine.arguments.count >= 2 else {
    print("usage: RateInvariance FOLDER [COUNT]")
    exit(64)
}
try RateInvariance.run(
    CommandLine.arguments[1],
    CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 200
)
