internal import Conditioning
public import ECGSignal
public import Findings

/// Vital signs as events, and when windows may be cut.
extension StreamProcessor {
    /// An event for each second that the newest chunk, silence or close has completed; `frame` is what brought the samples.
    public func vitalEvents(_ frame: Arrival?) -> [Event] {
        vitals.map { Event(.vitals(identity, $0), time: clock.utc(of: $0.sample), completedBy: frame) }
    }

    /// Whether all rows of a window are there, and the rhythm has been judged up to its end or the stream's.
    func isReadable(windowAt window: GridIndex) -> Bool {
        let end = min(window + GridIndex(Grid.windowSamples), stream.ready)
        return stream.isReadable(windowAt: window) && (rhythmReader.newest ?? .max - 1) + 1 >= end
    }
}
