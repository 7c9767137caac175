internal import Conditioning
public import ECGSignal
public import Findings
internal import Rhythm

/// One patient's stream up to what alarms rest on, without the encoder: the same rows, rhythms and signal findings as in
/// `StreamProcessor`, for whoever wants no windows.
public struct RhythmStream: Sendable {
    private let identity: StreamIdentity
    private let clock: StreamClock
    private var stream = ConditionedStream()
    private(set) var reader: RhythmReader
    private var seen = ObservationList()

    /// A stream whose first chunk is `chunk`, which came at `arrival`.
    public init(first chunk: LeadChunk, at arrival: Arrival) {
        identity = chunk.stream
        clock = StreamClock(time: chunk.rate.time(of: chunk.endSample - 1), at: arrival)
        reader = RhythmReader(of: &stream)
    }

    /// What the newest chunk or the close has given, in the order of stream time; the next one replaces it.
    public var observations: [Observation] { seen.observations }

    /// Vital signs of the whole seconds that the newest chunk or the close has completed.
    public var vitals: [VitalSigns] { reader.output.vitals }

    /// Up to where the stream has been judged; nil where no row has been final.
    public var judged: StreamMoment? {
        reader.newest.map { StreamMoment(stream: identity, sample: $0, time: clock.utc(of: $0)) }
    }

    /// Takes an admitted chunk; `table` belongs to its rate.
    public mutating func take(_ placed: PlacedChunk, table: PolyphaseTableReference) {
        _ = stream.take(placed, table: table.table)
        reader.note(placed.chunk)
        reader.follow(&stream)
        seen.become(reader, of: identity, clock)
        passWindows()
    }

    /// The stream is over.
    public mutating func close(_ front: StreamFront) {
        stream.close(.last, at: front)
        reader.close(&stream)
        seen.become(reader, of: identity, clock)
    }

    /// Nobody asks for windows here, so what is kept for them is let go of.
    private mutating func passWindows() {
        while let window = stream.nextWindow(), stream.isReadable(windowAt: window) {
            stream.pass(windowAt: window)
        }
    }
}
