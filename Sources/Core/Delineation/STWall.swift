internal import ECGSignal

/// A part of the heart whose ST may rise or fall, and the pairs of leads in which both must show it.
struct STWall: Sendable {
    /// The id in the catalogue without its beginning, which says whether ST rises or falls: `_inferior`.
    let suffix: String
    /// Channels of leads that look at neighbouring places.
    let pairs: [(Int, Int)]
    /// Whether one lead alone may show it, by twice the change.
    let canBeOne: Bool

    /// Every wall of the catalogue, the one that names none first.
    static let all: [STWall] = [
        STWall(suffix: "", pairs: anterior + inferior + lateral + between, canBeOne: true),
        STWall(suffix: "_anterior", pairs: anterior, canBeOne: false),
        STWall(suffix: "_inferior", pairs: inferior, canBeOne: false),
        STWall(suffix: "_lateral", pairs: lateral, canBeOne: false),
    ]

    // Channels: I 0, II 1, III 2, aVL 4, aVF 5, V1 to V6 6 to 11. aVR, which looks at no wall, counts for none.
    private static let anterior = [(6, 7), (7, 8), (8, 9)]
    private static let inferior = [(1, 2), (1, 5), (2, 5)]
    private static let lateral = [(0, 4), (0, 10), (0, 11), (4, 10), (4, 11), (10, 11)]
    /// Neighbours that lie at the border of two walls: I and II, V4 and V5.
    private static let between = [(0, 1), (9, 10)]
}
