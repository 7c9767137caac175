public import ECGSignal

/// What kind of beat a QRS complex is, by its timing, width and shape.
public enum BeatClass: String, Sendable, CaseIterable {
    /// Like most beats of the patient.
    case normal
    /// From a ventricle: another shape, wider, mostly early.
    case ventricular
    /// Early but of the usual shape.
    case supraventricularPremature
    /// Begun by a pacemaker.
    case paced
    /// The shape could not be seen.
    case unclassified
}

/// A QRS complex that was found; it is published at once and never withdrawn.
public struct FoundBeat: Sendable, Equatable {
    /// Where it stands on the grid: at its sharpest bend, which is the top of R or the bottom of a deep S.
    public let place: GridIndex
    /// The grid index of the row at which it was published.
    public let publishedAt: GridIndex
    /// Whether it was found by looking back after a beat was missing.
    public let isSearchedBack: Bool
    /// Its activity beside that of the beats before it, about 1.
    public let strength: Double
    /// How active the leads are at the quietest place since the beat before, beside the beats: near 0 where they rest.
    let trough: Double
}

/// A beat with its class, which comes with the next beat, or 1.5 s after the beat where there is none.
public struct Beat: Sendable, Equatable {
    /// Where it stands on the grid.
    public let place: GridIndex
    /// Samples of the grid since the beat before; nil for the first one, after an interruption, and where a beat may have been
    /// lost with missing samples.
    public let interval: Int?
    /// Its class, final.
    public let kind: BeatClass
    /// The grid index of the row at which its class was published.
    public let classifiedAt: GridIndex
    /// How far its class is from being another: positive for ventricular, 0 where it cannot be seen.
    public let ventricularScore: Double
}
