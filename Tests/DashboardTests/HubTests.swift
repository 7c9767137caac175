import TestSupport
import Testing
import Wire

@testable import Dashboard

/// The tabs that look at the board.
@Suite struct HubTests {
    private func hub() throws -> Hub {
        try Hub(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:2")])
    }

    @Test func `the monitor's lead is always asked for, all leads of a patient only while somebody looks`()
        throws
    {
        let hub = try hub()
        #expect(hub.wantedWaves(of: 0, asksKeys: false) == ["wv1._.m."])
        #expect(hub.wantedWaves(of: 0, asksKeys: true).isEmpty)
        let all = try #require(hub.open(tile: nil))
        #expect(hub.wantedWaves(of: 0, asksKeys: false) == ["wv1._.m."])
        hub.change { board, now in
            board.take(
                event: [
                    "type": .string("shinden.tech.v1"),
                    "data": .object([
                        "patient": .string("p7"), "device": .string("d"),
                        "stream": .string("p7.d.0000000000000001"), "code": .string("stream_opened"),
                    ]),
                ],
                missed: 0,
                run: "r",
                from: 0,
                at: now
            )
        }
        let one = try #require(hub.open(tile: 0))
        #expect(hub.wantedWaves(of: 0, asksKeys: false) == ["wv1._.m.", "wv1._.d.p7."])
        hub.close(all)
        #expect(hub.wantedWaves(of: 0, asksKeys: false) == ["wv1._.m.", "wv1._.d.p7."])
        // What the key may not read is not asked for, of whichever ward the patient was taken to be.
        for (rights, wanted) in [
            (["wv1.3."], []), (["wv1._."], ["wv1._.m.", "wv1._.d.p7."]),
            (["wv1."], ["wv1._.m.", "wv1._.d.p7."]),
        ] as [([String], Set<String>)] {
            hub.change { board, _ in board.sources[0].waveRights = rights }
            #expect(hub.wantedWaves(of: 0, asksKeys: true) == wanted)
        }
        hub.change { board, _ in board.sources[0].waveRights = nil }
        hub.close(one)
        #expect(hub.wantedWaves(of: 0, asksKeys: false) == ["wv1._.m."])
    }

    @Test func `there are so many tabs and no more, and the end ends them`() throws {
        let hub = try hub()
        let tabs = (0..<Hub.tabsMax).compactMap { _ in hub.open(tile: nil) }
        #expect(tabs.count == Hub.tabsMax)
        #expect(hub.open(tile: nil) == nil)
        hub.close(tabs[0])
        #expect(hub.open(tile: nil) != nil)
        var cursor = TabCursor(tile: nil)
        #expect(hub.next(tabs[1], &cursor).message != nil)
        #expect(hub.next(tabs[0], &cursor).isOver)
        hub.stop()
        #expect(hub.next(tabs[1], &cursor).isOver)
        #expect(hub.open(tile: nil) == nil)
    }
}
