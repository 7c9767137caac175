import ECGSignal
import Foundation
import Recordings
import TestSupport
import Testing

/// Records whose values the Python package wfdb reads as well; `golden/make.py` made them.
///
/// `SHINDEN_GOLDEN` names another folder of such records and their `expected.json`, for comparisons at large;
/// `golden/random_records.py` makes one.
@Suite struct GoldenFormatTests {
    struct Expected: Decodable, Sendable {
        let hertz: Double
        let names: [String]
        let units: [String]
        /// `[channel][time]`, physical; null is missing.
        let values: [[Double?]]
    }

    static let folder =
        ProcessInfo.processInfo.environment["SHINDEN_GOLDEN"] ?? Repository.root
        + "/Tests/RecordingsTests/golden"

    static let expected: [String: Expected] = {
        let bytes = (try? Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))) ?? Data()
        return (try? JSONDecoder().decode([String: Expected].self, from: bytes)) ?? [:]
    }()

    @Test(
        .disabled(
            if: ProcessInfo.processInfo.environment["SHINDEN_GOLDEN"] != nil,
            "a folder for comparisons at large need not hold every format"
        )
    )
    func `every format that is read has a golden record`() throws {
        let names = Self.expected.keys.sorted()
        let formats = Set(
            names.compactMap {
                $0.first == "f" || $0.first == "w" ? Int($0.dropFirst().prefix { $0 != "_" }) : nil
            }
        )
        #expect(formats == [8, 16, 24, 32, 61, 80, 160, 212, 310, 311])
        #expect(Set(["fixed", "varied", "frames", "skew", "offset"]).isSubset(of: names))
    }

    @Test(arguments: expected.keys.sorted()) func `a record reads as wfdb reads it`(name: String) throws {
        let expected = try #require(Self.expected[name])
        let recording = try Recording.load("\(Self.folder)/\(name)")
        #expect(abs(recording.rate.hertz - expected.hertz) < 1e-9)
        #expect(recording.channels.map(\.name) == expected.names)
        #expect(recording.channels.map(\.unit.name) == expected.units)
        for (channel, wanted) in expected.values.enumerated() {
            let found = try recording.physical(channel)
            #expect(found.count == wanted.count)
            let isReal = recording.channels[channel].unitsPerStep == nil
            for (mine, theirs) in zip(found, wanted) {
                guard let theirs else {
                    #expect(mine.isNaN)
                    continue
                }
                // Real numbers are Float.
                #expect(abs(mine - theirs) <= (isReal ? 1e-6 : 1e-12) * max(1, abs(theirs)))
            }
        }
    }

    @Test(arguments: expected.keys.sorted()) func `any stretch reads as that stretch of the whole`(
        name: String
    ) throws {
        let recording = try Recording.load("\(Self.folder)/\(name)")
        for seed in seeds(20) {
            var generator = SeededGenerator(seed: seed)
            for (number, channel) in recording.channels.enumerated() {
                let whole = try recording.all(number)
                let from = Int.random(in: 0..<channel.sampleCount, using: &generator)
                let range = from..<Int.random(in: from + 1...channel.sampleCount, using: &generator)
                let part = try recording.samples(of: number, in: range)
                #expect(part.count == range.count, "seed \(seed)")
                let missing = range.filter { index in whole.missing.contains { $0.contains(index) } }
                #expect(part.missing.flatMap { $0.map { $0 + from } } == missing, "seed \(seed)")
                switch (whole.values, part.values) {
                case (.integers(let all), .integers(let some)):
                    #expect(Array(all[range]) == some, "seed \(seed)")
                case (.reals(let all), .reals(let some)): #expect(Array(all[range]) == some, "seed \(seed)")
                default: Issue.record("a stretch is of another kind than the whole, seed \(seed)")
                }
            }
        }
    }
}
