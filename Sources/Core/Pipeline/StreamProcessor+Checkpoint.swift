internal import Conditioning
public import ECGSignal
internal import Findings

/// What a checkpoint holds of one patient's stream, and how a stream goes on from it.
///
///     kept                    all that is known, without encoder and without samples
///     init(from kept)         the stream as it was then: filters go on bit for bit, windows and beats that were
///                             under way are not there
///     expect(later), take...  rows go through once more, up to where a later checkpoint was made
///     become(later)           the stream as it was then, with what those rows have filled again: all of it
extension StreamProcessor {
    /// What is known of a stream, without encoder and without samples but those between gateway and last filter.
    public struct Kept: Sendable, Codable {
        var identity: StreamIdentity
        var stream: ConditionedStream
        var newestWindow: GridIndex?
        var newestWithheld: WindowDiagnosis.WindowWithheld?
        var clock: StreamClock
        var monitorLead: MonitorLead
        var counter: TechnicalCounter
        var completing: CompletingFrames
        var encoderReader: ConditionedStream.Reader
        var rhythmReader: RhythmReader
        var heart: HeartSigns

        /// Rows below it are final.
        public var ready: GridIndex { stream.ready }

        /// The first row that the next window or what the rhythm lane has under way is made of.
        public var firstRow: GridIndex {
            min(rhythmReader.firstRow(before: ready), stream.expectedWindow ?? ready)
        }

        /// Leaves out the samples between gateway and last filter too: a stream cannot go on from it alone.
        public mutating func leaveOutSamples() { stream.leaveOutSamples(leavesOutAll: true) }
    }

    /// What is known of it now.
    public var kept: Kept {
        var lean = stream
        lean.leaveOutSamples()
        var clock = clock
        clock.leaveOutPast()
        return Kept(
            identity: identity,
            stream: lean,
            newestWindow: newestWindow,
            newestWithheld: newestWithheld,
            clock: clock,
            monitorLead: monitorLead,
            counter: counter,
            completing: completing,
            encoderReader: encoderReader,
            rhythmReader: rhythmReader,
            heart: heart
        )
    }

    /// A stream as it was; nil where `table` has none that fits.
    public init?(
        _ kept: Kept,
        model: Model,
        table: (SampleRate) -> PolyphaseTableReference?
    ) {
        identity = kept.identity
        stream = kept.stream
        newestWindow = kept.newestWindow
        newestWithheld = kept.newestWithheld
        self.model = model
        clock = kept.clock
        monitorLead = kept.monitorLead
        counter = kept.counter
        completing = kept.completing
        encoderReader = kept.encoderReader
        rhythmReader = kept.rhythmReader
        heart = kept.heart
        guard stream.attach({ table($0)?.table }) else { return nil }
    }

    /// Rows go through up to where `later` was made: what it leaves out is made of them, and nothing else counts.
    public mutating func expect(_ later: Kept) {
        stream.expect(windowAt: later.stream.expectedWindow, by: encoderReader)
        rhythmReader.putBack(rowsOf: later.rhythmReader)
    }

    /// Becomes what it was when `later` was made, having been given what came until then; false where `table` has none
    /// that fits.
    public mutating func become(
        _ later: Kept,
        table: (SampleRate) -> PolyphaseTableReference?
    ) -> Bool {
        guard var next = StreamProcessor(later, model: model, table: table) else { return false }
        next.stream.takeSamples(of: stream)
        next.stream.expect(windowAt: later.stream.expectedWindow, by: encoderReader)
        next.rhythmReader.takeRows(of: rhythmReader)
        self = next
        return true
    }
}
