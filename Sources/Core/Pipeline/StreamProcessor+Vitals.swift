public import ECGSignal
public import Findings

/// Vital signs as events.
extension StreamProcessor {
    /// An event for each second that the newest chunk, silence or close has completed; `frame` is what brought the samples.
    public func vitalEvents(_ frame: Arrival?) -> [Event] {
        vitals.map { Event(.vitals(identity, $0), time: clock.utc(of: $0.sample), completedBy: frame) }
    }

    /// How good the signal of the newest whole second was, and why; nil before there was one.
    ///
    /// Where nothing comes any more no second is good.
    public var quality: SignalQuality? {
        life == .silent ? rhythmReader.quality?.silent() : rhythmReader.quality
    }
}
