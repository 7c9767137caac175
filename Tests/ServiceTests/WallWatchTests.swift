import ECGSignal
import Testing

@testable import Service

/// A wall clock that is set while the daemon runs is told.
@Suite struct WallWatchTests {
    private var watch = WallWatch()

    private mutating func look(_ seconds: Int64, ahead: Int64) -> String? {
        watch.look(at: Arrival(utc: (seconds + ahead) * 1_000_000_000, monotonic: seconds * 1_000_000_000))
    }

    @Test mutating func `a clock set back or forward is told with how far, one that goes on is not`() throws {
        for second in 0..<5 { #expect(look(Int64(second), ahead: 1_700_000_000) == nil) }
        let back = try #require(look(5, ahead: 1_700_000_000 - 3_600))
        #expect(back.contains("set back by 3600 s"))
        #expect(look(6, ahead: 1_700_000_000 - 3_600) == nil)
        let forward = try #require(look(20, ahead: 1_700_000_000))
        #expect(forward.contains("set forward by 3600 s"))
    }

    @Test
    mutating func
        `however often it is set, it is told every ten seconds, and the last step is not forgotten`()
    {
        var told = 0
        for second in 0..<40 where look(Int64(second), ahead: second % 2 == 0 ? 1_000 : 9_000) != nil {
            told += 1
        }
        #expect((3...4).contains(told))
        #expect(look(60, ahead: 5_000) != nil)
    }

    @Test mutating func `a clock that is slewed by half a thousandth is no clock that is set`() {
        for second in 0..<100_000 {
            let now = Int64(second) * 1_000_000_000
            #expect(watch.look(at: Arrival(utc: now + now / 2_000, monotonic: now)) == nil)
        }
    }
}
