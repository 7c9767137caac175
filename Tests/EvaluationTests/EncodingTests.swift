import Conditioning
import DataSets
import ECGEncoder
import ECGSignal
import Foundation
import Pipeline
import Recordings
import TestSupport
import Testing

@testable import Evaluation

@Suite struct EncodingTests {
    @Test func `windows of a long recording have the bits that each has alone`() throws {
        let recording = try Recording.load(Repository.fixtures + "/cinc2017/A00015")
        var cutter = WindowCutter()
        let windows = try cutter.windows(of: recording, nameLeads: "I", hop: 512, atMost: 20)
        #expect(windows.count > 3)
        let encoder = NarrowModel.shared.encoder
        let workspace = encoder.makeWorkspace()
        let points = RecordingEncoder.points(of: windows, by: encoder, using: workspace)
        #expect(points == windows.map { encoder.embed(window: $0.rows, using: workspace) })
    }

    /// Lead II at 500 Hz: a spike of 1 mV every 0.8 s on a slow wave; nothing in `gap`, 0 in `flat`, samples.
    private func recording(
        seconds: Int,
        gap: Range<Int> = 0..<0,
        flat: Range<Int> = 0..<0
    ) throws -> (folder: TemporaryFolder, path: String) {
        let folder = TemporaryFolder()
        let count = seconds * 500
        let samples = (0..<count).map { place -> Int16 in
            if gap.contains(place) { return .min }
            if flat.contains(place) { return 0 }
            let beat = place % 400
            return Int16(abs(place % 700 - 350) / 7 + (beat < 20 ? 200 - abs(beat - 10) * 20 : 0))
        }
        try folder.write("r 1 500 \(count)\nr.dat 16 200/mV 16 0 0 0 0 II\n", to: "r.hea")
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/r.dat"))
        return (folder, folder.path + "/r")
    }

    private func embedded(_ path: String) throws(RecordingError) -> EmbeddedRecording {
        let results = RecordingEncoder(threads: 1, windowsMax: 128)
            .encode([(path, nil)], leads: nil, by: NarrowModel.shared.encoder) {}
        return try results[0].get()
    }

    @Test func `behind a gap of 22 s windows have the bits that each has alone`() throws {
        let (folder, path) = try recording(seconds: 60, gap: 7_000..<18_000)
        var cutter = WindowCutter()
        let windows = try cutter.windows(of: Recording.load(path), hop: 512, atMost: 128)
        // The daemon cuts no window in the gap, so two neighbours lie farther apart than a window is long.
        #expect(zip(windows, windows.dropFirst()).contains { $1.start - $0.start > 5_000 })
        let encoder = NarrowModel.shared.encoder
        let workspace = encoder.makeWorkspace()
        let points = RecordingEncoder.points(of: windows, by: encoder, using: workspace)
        #expect(points == windows.map { encoder.embed(window: $0.rows, using: workspace) })
        let judged = windows.filter { !$0.isWithheld }
        #expect(!judged.isEmpty && judged.count < windows.count)
        #expect(try embedded(path).windows == judged.map { encoder.embed(window: $0.rows, using: workspace) })
        withExtendedLifetime(folder) {}
    }

    @Test func `windows that the daemon withholds are no points, and no recording has such alone`() throws {
        let (folder, path) = try recording(seconds: 30, flat: 0..<10_000)
        var cutter = WindowCutter()
        let windows = try cutter.windows(of: Recording.load(path), hop: 512, atMost: 128)
        #expect(windows.first?.isWithheld == true && windows.last?.isWithheld == false)
        let points = try embedded(path)
        #expect(points.windows.count == windows.count { !$0.isWithheld })
        #expect(points.usedLeads == LeadSet([.ii]))
        let (dead, deadPath) = try recording(seconds: 12, flat: 0..<6_000)
        #expect {
            try embedded(deadPath)
        } throws: { ("\($0)").contains("withholds each of its") }
        withExtendedLifetime((folder, dead)) {}
    }

    @Test func `recordings of one patient are one group`() throws {
        let set = try DataSet.read([Repository.fixtures + "/LIST.csv"])
        let groups = patientGroups(set.recordings)
        // 00017 and 00039 are of one patient.
        #expect(groups[1] == groups[2])
        #expect(Set(groups).count == set.recordings.count - 1)
        #expect(groups.max() == set.recordings.count - 2)
    }
}
