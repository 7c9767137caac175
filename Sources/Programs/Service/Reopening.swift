private import Synchronization

/// The wish that endpoints be closed and opened again; each thread that owns one looks whether it is newer than its own.
final class Reopening: Sendable {
    private let count = Atomic(0)

    /// How often it was wished.
    var number: Int { count.load(ordering: .acquiring) }

    /// Wishes it once more.
    func ask() { count.add(1, ordering: .acquiringAndReleasing) }
}
