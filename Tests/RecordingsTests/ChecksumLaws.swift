import Recordings
import TestSupport
import Testing

/// The sum of a signal's samples, 16 bits wide, which a header states for each signal.
@Suite struct ChecksumLaws {
    @Test(arguments: seeds(100))
    func `right sums are taken and a wrong one is refused, for any number of signals`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let channels = Int.random(in: 1...20, using: &generator)
        let frames = Int.random(in: 1...200, using: &generator)
        let values = (0..<channels * frames).map { _ in Int.random(in: -32_767...32_767, using: &generator) }
        let wrong = Bool.random(using: &generator) ? Int.random(in: 0..<channels, using: &generator) : nil
        let lines = (0..<channels).map { channel in
            let own = stride(from: channel, to: values.count, by: channels).map { values[$0] }
            let sum = Int16(truncatingIfNeeded: own.reduce(0, +) + (channel == wrong ? 1 : 0))
            return "r.dat 16 1000/mV 16 0 \(own[0]) \(sum) 0 c\(channel)"
        }
        let files = ["r.dat": little(values)]
        if wrong == nil {
            let read = try record("r \(channels) 500 \(frames)", lines, files: files)
            #expect(!read.remarks.contains(.checksumsNeverComputed(header: "folder/r.hea")), "seed \(seed)")
        } else {
            #expect(throws: RecordingError.self, "seed \(seed)") {
                try record("r \(channels) 500 \(frames)", lines, files: files)
            }
        }
    }
}
