internal import Messaging
internal import ZeroMQ

/// What a watch has read, and what it has told its reader of the rest.
struct WatchTally {
    /// Events printed so far.
    var printed = 0
    private var missed: UInt64 = 0
    private var heard: ContinuousClock.Instant?
    private var isSilent = false
    private let start = ContinuousClock.now

    /// Seconds without a sign of the daemon after which a person should know.
    private static let silenceLimit = Duration.seconds(3)
    /// Seconds that the first sign may take.
    private static let answerLimit = Duration.seconds(5)

    /// The last line of a watch.
    var closing: String { "\(printed) event\(printed == 1 ? "" : "s"), \(missed) missed" }

    /// Tells what was lost, and when the daemon falls silent; ends the program where it was never heard.
    mutating func note(_ read: EventReader.Read?, at endpoint: Endpoint) throws {
        let now = ContinuousClock.now
        if let read {
            if isSilent { Output.words("shinden watch: the daemon is heard again") }
            isSilent = false
            heard = now
            if read.missed > 0 {
                missed += read.missed
                Output.words("shinden watch: \(read.missed) events were missed (\(missed) in all)")
            }
        } else if let heard {
            guard !isSilent, heard.duration(to: now) > WatchTally.silenceLimit else { return }
            isSilent = true
            Output.words(
                "shinden watch: no heartbeat for 3 s; the daemon has gone or hangs; still listening"
            )
        } else if start.duration(to: now) > WatchTally.answerLimit {
            Output.words(
                "shinden watch: no daemon answers at \(endpoint) within 5 s; start shinden serve, or give --events"
            )
            throw Failure.unavailable
        }
    }
}
