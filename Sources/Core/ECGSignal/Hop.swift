/// How far apart windows start, in grid samples: a multiple of 32 from 32 to 4,992.
public struct Hop: Sendable, Hashable, Codable {
    /// Grid samples.
    public let samples: Int

    /// 512 grid samples: 1.024 s.
    public static let standard = Hop(512)

    private init(_ samples: Int) { self.samples = samples }

    /// Why a hop was refused.
    public struct Refused: Error, Sendable, CustomStringConvertible {
        /// The value, the rule and its reason.
        public let description: String
    }

    /// A hop of that many grid samples.
    public init(samples: Int) throws(Refused) {
        guard samples.isMultiple(of: Grid.stride), (Grid.stride...4_992).contains(samples) else {
            throw Refused(
                description:
                    "hop \(samples): must be a multiple of \(Grid.stride) grid samples from \(Grid.stride) "
                    + "to 4992, since the encoder's last stage steps by \(Grid.stride) samples and a window may "
                    + "only start where one of its positions does"
            )
        }
        self.samples = samples
    }

    /// The first window start at or after `index`: windows are absolute, they start at multiples of the hop.
    public func firstStart(notBefore index: GridIndex) -> GridIndex {
        let hop = Int64(samples)
        return (index + hop - 1) / hop * hop
    }
}
