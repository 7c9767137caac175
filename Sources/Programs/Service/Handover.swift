private import Synchronization

/// A value that one thread leaves for another, which takes it away: nobody holds it after that.
final class Handover<Value: Sendable>: Sendable {
    private let value: Mutex<Value?>

    /// Leaves a value, or none.
    init(_ value: Value?) { self.value = Mutex(value) }

    /// The value, once; nil after that.
    func take() -> Value? {
        value.withLock { value in
            defer { value = nil }
            return value
        }
    }
}
