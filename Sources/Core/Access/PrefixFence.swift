/// What a reader gets of a prefix that it subscribes to, where only some prefixes are its right.
public enum PrefixFence {
    /// The part of `wanted` that lies within `rights`.
    ///
    /// A prefix within a right is granted as it is. One that is wider than rights is granted as these rights. Otherwise
    /// there is nothing to grant. Rights end in a dot, so that ward `3` is not ward `30`.
    /// - Returns: the prefixes to serve, and whether they are the reader's own and not whole rights.
    public static func part(
        of wanted: [UInt8],
        within rights: [[UInt8]]
    ) -> (granted: [[UInt8]], isOwn: Bool) {
        if rights.contains(where: { wanted.starts(with: $0) }) {
            return ([wanted], !rights.contains(wanted))
        }
        return (rights.filter { $0.starts(with: wanted) }, false)
    }
}
