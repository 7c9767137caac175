private import CMachine
private import Foundation

/// The wall clock of this machine, and whether something keeps it right.
public struct WallClock: Sendable, Equatable {
    /// Seconds since 1970, UTC.
    public let seconds: Int64
    /// Whether the kernel is told that something keeps it right, for example an NTP service; nil where it does not tell.
    public let isKept: Bool?

    /// A clock that shows that.
    public init(seconds: Int64, isKept: Bool?) {
        self.seconds = seconds
        self.isKept = isKept
    }

    /// The clock now.
    public static var now: WallClock {
        let kept = machine_clock_is_kept()
        return WallClock(
            seconds: Int64(Date().timeIntervalSince1970),
            isKept: kept < 0 ? nil : kept == 1
        )
    }

    /// The year that it shows, UTC.
    public var year: Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
        return calendar.component(.year, from: Date(timeIntervalSince1970: Double(seconds)))
    }
}
