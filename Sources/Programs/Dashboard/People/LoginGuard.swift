/// How often passwords may be tried: five times a name at once, then once in half a minute, and thirty a minute in all.
///
/// It is a value and decides by the milliseconds that it is told. Names that were never tried, and those whose last failure
/// is long ago, take no room.
struct LoginGuard: Sendable {
    /// Failures of a name after which each further try waits.
    static let failuresMax = 5
    /// Milliseconds that each further try waits for.
    static let wait: Int64 = 30_000
    /// Milliseconds after which failures are forgotten.
    static let memory: Int64 = 900_000
    /// Names that are remembered.
    static let namesMax = 256
    /// Tries in a minute, all names together.
    static let triesMax = 30

    private var failures: [String: (count: Int, at: Int64)] = [:]
    private var tries: [Int64] = []

    /// Notes a try and returns 0, or returns the milliseconds after which it may be made.
    mutating func tryOnce(_ name: String, at now: Int64) -> Int64 {
        failures = failures.filter { now - $0.value.at < LoginGuard.memory }
        tries.removeAll { now - $0 >= 60_000 }
        if let known = failures[name], known.count >= LoginGuard.failuresMax, now - known.at < LoginGuard.wait
        {
            return LoginGuard.wait - (now - known.at)
        }
        if tries.count >= LoginGuard.triesMax { return 60_000 - (now - tries[0]) }
        tries.append(now)
        return 0
    }

    /// The password was wrong.
    mutating func failed(_ name: String, at now: Int64) {
        if failures[name] == nil, failures.count >= LoginGuard.namesMax {
            let oldest = failures.min { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
            if let oldest { failures[oldest.key] = nil }
        }
        failures[name] = ((failures[name]?.count ?? 0) + 1, now)
    }

    /// The password was right.
    mutating func succeeded(_ name: String) { failures[name] = nil }
}
