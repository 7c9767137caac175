/// How long the parts of a usual beat last and how high its ST segment lies, measured on the median of the newest usual beats.
public struct WaveIntervals: Sendable, Equatable, Codable {
    /// From the beginning of P to that of QRS, milliseconds.
    public let pr: VitalSigns.Reading
    /// From the beginning of QRS to its end, milliseconds.
    public let qrs: VitalSigns.Reading
    /// From the beginning of QRS to the end of T, milliseconds.
    public let qt: VitalSigns.Reading
    /// The level of ST, lead by lead.
    public private(set) var st: STLevels
    /// How many beats these rest on; 0 where none of them is known.
    public let beats: Int

    /// Makes the intervals of some beats.
    public init(
        pr: VitalSigns.Reading,
        qrs: VitalSigns.Reading,
        qt: VitalSigns.Reading,
        st: STLevels = STLevels(unknown: .unclear),
        beats: Int
    ) {
        self.pr = pr
        self.qrs = qrs
        self.qt = qt
        self.st = st
        self.beats = beats
    }

    /// None of them is known, for one reason.
    public init(unknown reason: VitalSigns.Reason) {
        self.init(
            pr: .unknown(reason),
            qrs: .unknown(reason),
            qt: .unknown(reason),
            st: STLevels(unknown: reason),
            beats: 0
        )
    }

    /// The same where the atria fibrillate: there is no P wave.
    public func withoutP() -> WaveIntervals {
        WaveIntervals(pr: .unknown(.atrialFibrillation), qrs: qrs, qt: qt, st: st, beats: beats)
    }

    /// The same where ST cannot be known.
    public func withoutST(_ reason: VitalSigns.Reason) -> WaveIntervals {
        var other = self
        other.st = STLevels(unknown: reason)
        return other
    }
}
