/// What the entries at the begin of a log say of how its run goes on from the one before.
///
///     begins
///     restores   a stream is as it was when a checkpoint was made                 \
///     ...        entries of the former run that came after that                     > each stream at its place
///     reached    so far the former run had come when the newest one was made       /
///     ...        further entries of the former run
///     ends
///
/// The entries between are copies, with the moments at which they came.
public enum RecoveryStep: Sendable, Equatable {
    /// Copies of a former run's entries follow; events with these ids are told no second time.
    case begins(told: [String])
    /// A stream goes on from the checkpoint `base`, or, where that is empty, from its first chunk, which follows; until it is
    /// where it was when `newest` was made, nothing that follows is told.
    case restores(base: [UInt8], newest: [UInt8])
    /// The stream is where it was when the newest checkpoint was made; what follows from here on is told.
    case reached(StreamIdentity)
    /// The run's own entries follow.
    case ends
}
