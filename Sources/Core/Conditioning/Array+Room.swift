extension Array {
    /// Makes room for `more` elements; where it has to grow, by an eighth of itself or 16 elements at least.
    ///
    /// An array that grows by itself doubles. One that loses at its begin what it gains at its end would so hold up to
    /// twice what it ever needs, for each lead of each stream.
    mutating func makeRoom(for more: Int) {
        guard count + more > capacity else { return }
        reserveCapacity(Swift.max(count + more, count + Swift.max(count / 8, 16)))
    }
}
