import Conditioning
import DataSets
import ECGSignal
import Recordings
import TestSupport
import Testing

/// Training and evaluation see the windows that the daemon sees.
@Suite struct WindowTests {
    private func pipelineWindows(
        _ recording: Recording,
        leads: String? = nil,
        nameLeads: String? = nil,
        hop: Hop = .standard
    ) throws -> [ConditionedWindow] {
        let stream = try RecordedStream.read(recording, leads: leads, nameLeads: nameLeads).stream
        var reader = WindowReader()
        return try reader.windows(of: stream.allChunks(), hop: hop)
    }

    @Test(arguments: [
        "ptbxl/00017_hr", "ptbxl100/00045_lr", "ptbxl/01021_hr", "ptb/S0001", "chapman_ningbo/JS20004",
    ])
    func `a recording's first window is the pipeline's`(record: String) throws {
        let recording = try Recording.load(Repository.fixtures + "/" + record)
        var cutter = WindowCutter()
        #expect(try cutter.windows(of: recording) == Array(pipelineWindows(recording).prefix(1)))
    }

    @Test func `two limb leads give the window of a gateway that sends two`() throws {
        let recording = try Recording.load(Repository.fixtures + "/ptbxl100/00045_lr")
        var cutter = WindowCutter()
        let window = try #require(try cutter.windows(of: recording, leads: [.i, .ii]).first)
        #expect(window == (try pipelineWindows(recording, leads: "I,II").first))
        #expect(window.knownLeads == LeadSet.limb)
        #expect(window.usedLeads == LeadSet.limb)
    }

    @Test func `later windows of a long recording are those of the whole stream`() throws {
        let recording = try Recording.load(Repository.fixtures + "/mitdb/100_0000")
        var cutter = WindowCutter()
        let windows = try cutter.windows(of: recording, nameLeads: "II,V1", hop: 512, atMost: 3)
        #expect(windows == Array(try pipelineWindows(recording, nameLeads: "II,V1").prefix(3)))
        let apart = try cutter.windows(of: recording, nameLeads: "II,V1", atMost: 3)
        #expect(apart.map(\.start) == [0, 4_992, 9_984])
    }

    @Test func `a lead that is not in the recording is an error, not a window of zeros`() throws {
        let recording = try Recording.load(Repository.fixtures + "/mitdb/100_0000")
        var cutter = WindowCutter()
        #expect(throws: RecordingError.self) { try cutter.windows(of: recording, leads: [.v6]) }
    }

    @Test func `a parallel map keeps the order of its items`() {
        let makeState: @Sendable () -> Int = { 0 }
        let squares = parallelMap(100, threads: 2, state: makeState) { count, item in
            count += 1
            return item * item
        }
        #expect(squares == (0..<100).map { $0 * $0 })
    }
}
