import Conditioning
import DataSets
import ECGEncoder
import ECGSignal
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

    @Test func `recordings of one patient are one group`() throws {
        let set = try DataSet.read([Repository.fixtures + "/LIST.csv"])
        let groups = patientGroups(set.recordings)
        // 00017 and 00039 are of one patient.
        #expect(groups[1] == groups[2])
        #expect(Set(groups).count == set.recordings.count - 1)
        #expect(groups.max() == set.recordings.count - 2)
    }
}
