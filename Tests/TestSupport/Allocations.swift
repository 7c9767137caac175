private import CAllocations

/// What a thread asked of the allocator.
public struct Allocations: Sendable, Equatable {
    /// Requests for memory.
    public var count = 0
    /// Bytes of those requests.
    public var bytes = 0

    /// Makes a count of no allocations.
    public init() {}

    /// What `body` asks of the allocator on this thread; nothing is counted where a sanitizer owns it.
    public static func of(_ body: () throws -> Void) rethrows -> Allocations {
        let before = (count: ca_count(), bytes: ca_bytes())
        try body()
        var found = Allocations()
        found.count = ca_count() - before.count
        found.bytes = ca_bytes() - before.bytes
        return found
    }
}
