/// How long a test waits for something before it gives it up.
///
/// A limit in seconds alone means another amount of work on every machine and at every moment. So a limit here is
/// given for an idle machine, and when a wait begins `Pace` measures how much slower this machine is now; the limit
/// grows by that factor. A wait that sees its work go on renews itself, so that it ends only where nothing moves.

private import Glibc
private import Synchronization

/// How many times slower than an idle machine this one runs at this moment.
public enum Pace {
    /// The time that `work` takes alone on one idle core of the machine that the limits were chosen on: 2 cores of a
    /// Zen 1 EPYC.
    ///
    /// A slower core gives a greater pace, a faster one still 1.
    private static let idle = Duration.milliseconds(24)
    /// A measurement is believed for so long, so that many short waits do not measure all the time.
    private static let validity = Duration.seconds(5)
    private static let newest = Mutex<(pace: Double, measured: ContinuousClock.Instant)?>(nil)

    /// At least 1; 4 where the same work takes four times as long as on the idle machine.
    public static var now: Double {
        newest.withLock { newest in
            if let newest, newest.measured.duration(to: .now) < validity { return newest.pace }
            let start = ContinuousClock.now
            work()
            let pace = max(1, min(start.duration(to: .now) / idle, 10))
            newest = (pace, .now)
            return pace
        }
    }

    /// A fixed amount of arithmetic that no compiler can leave out.
    ///
    /// It lasts longer than a scheduler's slice, so
    /// that a thread which shares its core is held up in the midst of it.
    private static func work() {
        var generator = SeededGenerator(seed: 1)
        var sum: UInt64 = 0
        for _ in 0..<12_000_000 { sum &+= generator.next() }
        precondition(sum != 0)
    }
}

/// The end of one wait.
public struct Patience {
    /// The limit of most waits, for an idle machine: far longer than anything waited for here takes there.
    public static let usual = Duration.seconds(30)
    /// However often it is renewed, the last renewal counts so long after the begin at most: one test that fails must not
    /// take the time of all others.
    private static let renewalsMax = Duration.seconds(240)

    private let idle: Duration
    private let begin = ContinuousClock.now
    private var pace: Double
    private var renewed: ContinuousClock.Instant

    /// A wait that begins now and lasts for `idle` on an idle machine, longer on a slow one.
    public init(_ idle: Duration = Patience.usual) {
        self.idle = idle
        pace = Pace.now
        renewed = begin
    }

    /// What is waited for has come nearer: the limit counts from now.
    public mutating func renew() { renewed = max(renewed, min(.now, begin + Patience.renewalsMax)) }

    /// Whether the limit is over.
    ///
    /// A machine that has become slower since the wait began lengthens it.
    public mutating func isOver() -> Bool {
        if ContinuousClock.now < end { return false }
        pace = max(pace, Pace.now)
        return ContinuousClock.now >= end
    }

    /// The time that is left, for calls that take a limit of their own.
    public var left: Duration { max(.zero, ContinuousClock.now.duration(to: end)) }

    private var end: ContinuousClock.Instant { renewed + idle * pace }

    /// The limit of a single call that cannot be renewed, measured now.
    public static func limit(_ idle: Duration = Patience.usual) -> Duration { idle * Pace.now }
}

/// Looks again and again until `condition` holds; false once the limit, lengthened by this machine's pace, is over.
public func eventually(
    within idle: Duration = Patience.usual,
    _ condition: () throws -> Bool
) rethrows -> Bool {
    var patience = Patience(idle)
    while try !condition() {
        if patience.isOver() { return false }
        // Two milliseconds without a descriptor to look at: the processor is left to what is waited for.
        _ = poll(nil, 0, 2)
    }
    return true
}

/// Looks again and again until there is a value; nil once the limit, lengthened by this machine's pace, is over.
public func awaited<Value>(_ look: () throws -> Value?) rethrows -> Value? {
    var value: Value?
    _ = try eventually {
        value = try look()
        return value != nil
    }
    return value
}
