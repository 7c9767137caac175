private import Synchronization

/// A flag that threads share.
final class SharedFlag: Sendable {
    private let value = Atomic(false)

    /// Whether it is set.
    var isSet: Bool {
        get { value.load(ordering: .acquiring) }
        set { value.store(newValue, ordering: .releasing) }
    }
}
