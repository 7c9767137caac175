/// By what shape a spike is told.
extension PacingSpikes {
    /// A spike's top lies at most so many rows after its jump.
    static let topReach = 3
    static let topReachOfFast = 6
    /// So many rows after its top the signal is back, where leads have 500 Hz or more, and where one has less.
    static let width = 4
    static let widthOfFast = 7
    static let widthOfSlow = 9
    /// For so many rows all leads rest before it and after it: they move by a share of its height, or by 0.1 mV at most.
    static let restRows = 5
    static let restMax: Float = 0.1
    /// What may be left of a spike's height beside it, and by what share of it leads may move there; of leads that were
    /// sampled faster than 500 Hz, whose spikes are lower on the grid and ring, a larger one.
    static let leftShare: Float = 0.35
    static let leftShareOfFast: Float = 0.85
    static let restShareOfFast: Float = 0.5
    /// The least fourth difference of such a spike beside its height.
    ///
    /// It measures what lies above 100 Hz: a spike of 0.5 to 2 ms has 3.3 and more, with any tail, and 1.9
    /// behind a filter of the second order at 100 Hz; a QRS of 0.2 mV and more has at most 1.6 in PTB S0010, in which noise has
    /// its part.
    static let sharpMinOfFast: Float = 2
}
