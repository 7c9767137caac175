/// What a stream's newest chunks held, by a check of each, so that other content under a number that came before is found.
///
/// It remembers at most two windows of `ReceivedNumbers`: of what is older only the number is known.
public struct ChunkChecks: Sendable, Equatable {
    private var checks: [UInt64: UInt32] = [:]

    /// No checks are known.
    public init() {}

    /// How many are known.
    public var count: Int { checks.count }

    /// The check of the chunk of that number; nil where it is not remembered.
    public subscript(number: UInt64) -> UInt32? { checks[number] }

    /// Remembers a chunk's check, and forgets those more than a window behind where there are too many.
    public mutating func remember(_ check: UInt32, of number: UInt64, receivedThrough through: UInt64) {
        checks[number] = check
        forget(receivedThrough: through)
    }

    /// Forgets those more than a window below `through`, where over two windows are remembered.
    public mutating func forget(receivedThrough through: UInt64) {
        guard checks.count > 2 * Int(ReceivedNumbers.window) else { return }
        let oldest = through - min(through, ReceivedNumbers.window)
        checks = checks.filter { $0.key > oldest }
    }
}
