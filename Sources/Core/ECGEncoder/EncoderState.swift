public import ECGSignal

/// What the encoder remembers of one stream: the last rows of each layer's input and 143 rows of features.
///
/// A value of about 330 KB for the standard network: a copy of it goes its own way. The arrays are shared until one of
/// the copies changes, so the one that is moved into a batch and out again is changed in place. Positions are counted
/// from the sample at which the stream began, a multiple of 32, so that a restart far away costs nothing.
///
/// Invariant: of tensor t the rows `kept[t] ..< ends[t]` are held, at most `historyRows` of them; of the
/// features the last 143.
public struct EncoderState: Sendable {
    /// The grid sample at which this stretch of the stream began.
    public private(set) var origin: GridIndex
    /// For each tensor, one past the last row that was computed.
    var ends: [Int]
    /// For each tensor, the first row that is held.
    var kept: [Int]
    /// The rows that are held, tensor after tensor; those of bytes stand at the same places of `bytes`.
    var history: [Float]
    /// The rows that are held of tensors of bytes; empty where the network has none.
    var bytes: [UInt8]
    /// The features, `[143][channels]`; position p stands in row p mod 143.
    var features: [Float]
    /// The attention's score of each row, `[143]`.
    var scores: [Float]
    private let begins: [Int]

    init(_ network: Network, at origin: GridIndex) {
        self.origin = origin
        begins = network.begins
        ends = network.begins
        kept = network.begins
        history = Array(repeating: 0, count: network.historyCount)
        bytes = Array(repeating: 0, count: network.precision == .int8 ? network.historyCount : 0)
        let rowLength = network.tensors[network.tensors.count - 1].rowLength
        features = Array(repeating: 0, count: Architecture.positions * rowLength)
        scores = Array(repeating: 0, count: Architecture.positions)
        checkOrigin()
    }

    /// What stands in a batch where a state was moved out: nothing.
    static let taken = EncoderState()

    private init() {
        origin = 0
        begins = []
        ends = []
        kept = []
        history = []
        bytes = []
        features = []
        scores = []
    }

    /// One past the last grid sample that was taken, which is where the next one stands.
    public var end: GridIndex { origin + GridIndex(ends[0]) }

    /// Forgets everything; the next sample stands at `origin`, a multiple of 32 and not negative.
    public mutating func restart(at origin: GridIndex) {
        self.origin = origin
        checkOrigin()
        for index in begins.indices {
            ends[index] = begins[index]
            kept[index] = begins[index]
        }
    }

    /// Whether the features held are those of the window that begins at `start`.
    ///
    /// They are while `end` is `start` + 4,992.
    public func holds(windowStart start: GridIndex) -> Bool {
        let step = GridIndex(Architecture.stride)
        guard start >= origin, start.isMultiple(of: step), start - origin <= GridIndex(ends[0]) else {
            return false
        }
        let first = Int((start - origin) / step) + Architecture.firstPosition
        return ends[ends.count - 1] == first + Architecture.positions
    }

    /// Takes a row of features, copied from `source`, with its score.
    mutating func appendFeatures(
        position: Int,
        score: Float,
        from source: [Float],
        at offset: Int,
        rowLength: Int
    ) {
        let row = position % Architecture.positions
        copyValues(rowLength, from: source, at: offset, into: &features, at: row * rowLength)
        scores[row] = score
    }

    private func checkOrigin() {
        precondition(
            origin >= 0 && origin.isMultiple(of: GridIndex(Architecture.stride)),
            "origin not on the stride"
        )
    }
}

/// Copies `count` values; both ranges are checked.
func copyValues<Element>(
    _ count: Int,
    from source: [Element],
    at sourceOffset: Int,
    into target: inout [Element],
    at offset: Int
) {
    precondition(count >= 0 && sourceOffset >= 0 && offset >= 0)
    precondition(sourceOffset + count <= source.count && offset + count <= target.count)
    for index in 0..<count { target[offset + index] = source[sourceOffset + index] }
}
