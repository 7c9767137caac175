public import ECGSignal
public import Findings

/// What is known of a stream at the last row that was judged, and what each rule says of it.
public struct StreamReadings: Sendable {
    /// The last row that was judged.
    public let moment: StreamMoment
    /// How good the newest whole second was; nil before there was one.
    public let quality: SignalQuality?
    /// How much the newest beats resemble each other, about 1 for those of a heart; nil before three.
    public let agreement: Double?
    /// Whether nothing speaks against the newest beats.
    public let areBeatsTrusted: Bool
    /// The vital signs of the newest whole second; nil before there was one, and where nothing has come for 5 s.
    public let vitals: VitalSigns?
    /// What each rule says: of the heart first, then of what was measured, then of the signal.
    public let rules: [RuleReading]
}

extension StreamProcessor {
    /// What is known at the last row that was judged; nil where no row has been final.
    public var readings: StreamReadings? {
        guard let moment = judged else { return nil }
        return rhythmReader.readings(at: moment)
    }
}

extension RhythmStream {
    /// What is known at the last row that was judged; nil where no row has been final.
    public var readings: StreamReadings? { judged.map { reader.readings(at: $0) } }
}
