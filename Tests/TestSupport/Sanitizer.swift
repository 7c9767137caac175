private import CAllocations

/// What watches these tests and every program that they start, for the few tests that cannot hold under it.
public enum Sanitizer: Int32, Sendable {
    /// Nothing does.
    case none = 0
    /// AddressSanitizer: each access to memory.
    case address = 1
    /// ThreadSanitizer: the order of accesses between threads.
    case thread = 2

    /// That of this build.
    public static var current: Sanitizer { Sanitizer(rawValue: ca_sanitizer()) ?? .none }
}
