/// Where the six planes of a sample's tiles stand: number k of a tile's channel is at offset + k * size + tile * channels.
///
/// A tile is four rows of a convolution of width 3 and stride 1, the last one fewer. Winograd's F(4, 3) computes it from six
/// numbers a channel, so with half the products of the definition; Lavin and Gray 2016, here over time alone.
public struct TilePlanes: Sendable, Equatable {
    /// Planes of a tile.
    public static let count = 6
    /// Index of the first number of the first plane.
    public let offset: Int
    /// Numbers from one plane to the next.
    public let size: Int

    /// The planes that begin at `offset` and lie `size` apart.
    public init(_ offset: Int, size: Int) {
        self.offset = offset
        self.size = size
    }

    /// Tiles of so many rows.
    public static func tiles(of rows: Int) -> Int { (rows + 3) / 4 }

    /// Traps where the tiles of those rows reach beyond a plane or the array.
    func check(_ range: RowRange, _ count: Int) {
        let numbers = TilePlanes.tiles(of: range.rows) * range.channels
        precondition(
            range.rows > 0 && offset >= 0 && numbers <= size
                && offset + (TilePlanes.count - 1) * size + numbers <= count,
            "tiles outside their array"
        )
    }
}
