/// The streams of one pass: each one's state and its new samples, in memory that is used again for the next pass.
///
/// A state is moved in with its samples, changed in place by `Encoder.advance`, and moved out again.
public struct EncoderBatch: Sendable {
    struct Entry: Sendable {
        var state: EncoderState
        /// Its samples are `count` rows from row `first` of `samples` on.
        let first: Int
        let count: Int
    }

    var entries: [Entry] = []
    /// `[time][12]`, millivolts, stream after stream.
    var samples: [Float] = []

    /// A batch without streams.
    public init() {}

    /// How many streams are in it.
    public var count: Int { entries.count }

    /// How many rows it has, over all streams.
    public var rowCount: Int { samples.count / Architecture.leads }

    /// Moves a stream in; `fill` writes its `rowCount` new samples, which follow those that the state has taken.
    ///
    /// `fill` is given the batch's memory and the first row to write: `[time][12]`, millivolts at 500 Hz in the
    /// encoder's band, 0 where a lead has none; finite. The rows are 0 before. `rowCount` is a multiple of 32.
    /// - Returns: The stream's place, which `takeState` wants.
    @discardableResult
    public mutating func append(
        _ state: consuming EncoderState,
        rowCount: Int,
        fill: (inout [Float], _ firstRow: Int) -> Void
    ) -> Int {
        precondition(
            rowCount >= 0 && rowCount.isMultiple(of: Architecture.stride),
            "not a multiple of 32 samples"
        )
        let first = samples.count / Architecture.leads
        samples.append(contentsOf: repeatElement(0, count: rowCount * Architecture.leads))
        fill(&samples, first)
        precondition(
            samples.count == (first + rowCount) * Architecture.leads,
            "the batch's memory was resized"
        )
        entries.append(Entry(state: consume state, first: first, count: rowCount))
        return entries.count - 1
    }

    /// Moves the state at `place` out; each place has one.
    public mutating func takeState(at place: Int) -> EncoderState {
        var state = EncoderState.taken
        swap(&state, &entries[place].state)
        precondition(!state.ends.isEmpty, "the state was taken before")
        return state
    }

    /// Makes room for the next pass; the memory stays.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
    }
}
