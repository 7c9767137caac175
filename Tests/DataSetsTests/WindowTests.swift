import DataSets
import ECGSignal
import Gateway
import Recordings
import TestSupport
import Testing

/// Training and evaluation see the windows that the daemon sees.
@Suite struct WindowTests {
    @Test(arguments: [
        "ptbxl/00017_hr", "ptbxl100/00045_lr", "ptbxl/01021_hr", "ptb/S0003", "chapman_ningbo/JS20004",
    ])
    func `a window has the bits that the pipeline's conditioner gives`(record: String) throws {
        let recording = try Recording.load(Repository.fixtures + "/" + record)
        var cutter = WindowCutter()
        let window = try #require(try cutter.windows(of: recording).first)
        let stream = try RecordedStream.read(recording).stream
        #expect(window.rows == WindowOfRecording.rows(of: stream))
        #expect(window.leads.count == Lead.channelCount)
    }

    @Test func `two limb leads give the window of a gateway that sends two`() throws {
        let recording = try Recording.load(Repository.fixtures + "/ptbxl100/00045_lr")
        var cutter = WindowCutter()
        let window = try #require(try cutter.windows(of: recording, leads: [.i, .ii]).first)
        let stream = try RecordedStream.read(recording, leads: "I,II").stream
        #expect(window.rows == WindowOfRecording.rows(of: stream))
        #expect(window.usedLeads == LeadSet(Lead.limb))
    }

    @Test func `later windows of a long recording are those of the whole stream`() throws {
        let recording = try Recording.load(Repository.fixtures + "/mitdb/100_0000")
        var cutter = WindowCutter()
        let nameLeads = "II,V1"
        let windows = try cutter.windows(of: recording, nameLeads: nameLeads, hop: 512, atMost: 3)
        #expect(windows.map(\.firstSample) == [0, 512, 1_024])
        let apart = try cutter.windows(of: recording, nameLeads: nameLeads, hop: 1_024, atMost: 2)
        #expect(apart[1].rows == windows[2].rows)
        #expect(windows[0].rows.dropFirst(512 * 12) == windows[1].rows.prefix(4_488 * 12))
    }

    @Test func `by lead is the same window, lead after lead`() throws {
        let recording = try Recording.load(Repository.fixtures + "/ptbxl/00017_hr")
        var cutter = WindowCutter()
        let window = try #require(try cutter.windows(of: recording).first)
        let byLead = window.byLead
        #expect(byLead.count == window.rows.count)
        #expect(byLead[5_000 * 3 + 17] == window.rows[17 * 12 + 3])
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
