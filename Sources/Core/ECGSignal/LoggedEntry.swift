/// One entry of the log: everything that the daemon's decisions rest on, in the order in which it was logged.
///
/// One thread stamps all entries from one clock, so `arrival.monotonic` never falls from an entry to the next. The
/// same entries give the same decisions and the same events, live, from a log or in a test.
///
/// `Message` is what a frame holds: the parts as they came (`RawMessage`), which is what a log keeps, or what the
/// decoder made of them (`JudgedMessage`), which is what admission takes. Decoding is a function of the parts alone,
/// so a log of raw frames replays exactly.
public struct LoggedEntry<Message: Sendable>: Sendable {
    /// What the entry holds.
    public enum Content: Sendable {
        /// A message of a gateway, the endpoint it came in by, and the name of the key that it was sent with, which is
        /// empty where the endpoint asks for none.
        case frame(Message, endpoint: String, peer: String = "")
        /// The housekeeping tick, once a second; `isQuiet` says that no message waited at that moment.
        case tick(isQuiet: Bool)
        /// An operator asks for something that changes what is decided.
        case command(OperatorCommand)
        /// What a ward sets for its alarms is another from here on: the bytes of its policy file.
        case policy([UInt8])
        /// Who may do what is another from here on: the bytes of the authorisation file.
        case authorisation([UInt8])
        /// What of one patient and device outlived a restart: the bytes that the former run left. It comes before the first
        /// frame.
        case memory([UInt8])
        /// How the run goes on from the one before; it comes before the first frame.
        case recovery(RecoveryStep)
        /// The daemon stops: nothing comes after this entry.
        case shutdown
    }

    /// When it was logged.
    public let arrival: Arrival
    /// What the entry holds.
    public let content: Content

    /// The entry of that moment.
    @inlinable public init(_ content: Content, at arrival: Arrival) {
        self.content = content
        self.arrival = arrival
    }

    /// The same entry with its message, where it is a frame, read by `read`.
    @inlinable public func reading<Other>(_ read: (Message) -> Other) -> LoggedEntry<Other> {
        switch content {
        case .frame(let message, let endpoint, let peer):
            .init(.frame(read(message), endpoint: endpoint, peer: peer), at: arrival)
        case .tick(let isQuiet): .init(.tick(isQuiet: isQuiet), at: arrival)
        case .command(let command): .init(.command(command), at: arrival)
        case .policy(let bytes): .init(.policy(bytes), at: arrival)
        case .authorisation(let bytes): .init(.authorisation(bytes), at: arrival)
        case .memory(let bytes): .init(.memory(bytes), at: arrival)
        case .recovery(let step): .init(.recovery(step), at: arrival)
        case .shutdown: .init(.shutdown, at: arrival)
        }
    }
}

/// A message as the transport delivered it; nobody has looked into it.
public enum RawMessage: Sendable, Equatable {
    /// `[part, byte]`, at least one part; the transport has bounded their number and sizes.
    case parts([[UInt8]])
    /// More parts than any message of ours has; they were dropped, their number is known.
    case tooManyParts(Int)

    /// Bytes of all parts.
    public var byteCount: Int {
        if case .parts(let parts) = self { parts.reduce(0) { $0 + $1.count } } else { 0 }
    }
}
