/// How long the parts of a usual beat last, measured on the median of the newest usual beats.
public struct WaveIntervals: Sendable, Equatable {
    /// From the beginning of P to that of QRS, milliseconds.
    public let pr: VitalSigns.Reading
    /// From the beginning of QRS to its end, milliseconds.
    public let qrs: VitalSigns.Reading
    /// From the beginning of QRS to the end of T, milliseconds.
    public let qt: VitalSigns.Reading
    /// How many beats these rest on; 0 where none of them is known.
    public let beats: Int

    /// Makes the intervals of some beats.
    public init(pr: VitalSigns.Reading, qrs: VitalSigns.Reading, qt: VitalSigns.Reading, beats: Int) {
        self.pr = pr
        self.qrs = qrs
        self.qt = qt
        self.beats = beats
    }

    /// None of them is known, for one reason.
    public init(unknown reason: VitalSigns.Reason) {
        self.init(pr: .unknown(reason), qrs: .unknown(reason), qt: .unknown(reason), beats: 0)
    }

    /// The same where the atria fibrillate: there is no P wave.
    public func withoutP() -> WaveIntervals {
        WaveIntervals(pr: .unknown(.atrialFibrillation), qrs: qrs, qt: qt, beats: beats)
    }
}
