public import ECGSignal

/// A fifth of a second of a stream's waveforms, as a person may look at it.
///
/// It is a copy of rows that were final already. Nothing is decided by it, and no event knows of it.
public struct TraceBlock: Sendable, Equatable {
    /// What was filtered out of the samples, and how close they stand.
    public enum Band: UInt8, Sendable, CaseIterable {
        /// One lead from 0.5 to 40 Hz, the band of a bedside monitor, 250 samples a second.
        case monitor = 1
        /// All leads from 0.05 Hz to the device's own upper limit, 500 samples a second.
        case diagnostic = 2

        /// How many grid samples lie between two samples.
        public var step: Int { self == .monitor ? 2 : 1 }
        /// Samples of one lead in a block.
        public var sampleCount: Int { TraceBlock.gridSamples / step }
    }

    /// Grid samples that a block spans, 200 ms; blocks begin at multiples of it.
    public static let gridSamples = 100
    /// Microvolts of one unit of `values`.
    public static let microvoltsAUnit = 2.5
    /// The value of a sample that was not received.
    public static let missing = Int16.min

    /// The stream that was copied.
    public let stream: StreamIdentity
    /// The band of the samples.
    public let band: Band
    /// The grid index of the first sample.
    public let start: GridIndex
    /// UTC of the first sample.
    public let time: UTCNanoseconds
    /// The leads that have a sample in the block.
    public let leads: LeadSet
    /// Those of them that were computed from two others.
    public let derived: LeadSet
    /// Whether a lead without a standard position stands in channel I.
    public let isPatch: Bool
    /// `[lead][sample]`, the leads in channel order, units of 2.5 microvolts; `missing` where nothing was received.
    public let values: [Int16]

    /// A block of those samples.
    public init(
        stream: StreamIdentity,
        band: Band,
        start: GridIndex,
        time: UTCNanoseconds,
        leads: LeadSet,
        derived: LeadSet,
        isPatch: Bool,
        values: [Int16]
    ) {
        self.stream = stream
        self.band = band
        self.start = start
        self.time = time
        self.leads = leads
        self.derived = derived
        self.isPatch = isPatch
        self.values = values
    }

    /// A value of that many millivolts, rounded half to even; what is beyond 81.9 mV stays at that.
    public static func unit(ofMillivolts value: Float) -> Int16 {
        guard !value.isNaN else { return missing }
        let units = (Double(value) * (1_000 / microvoltsAUnit)).rounded(.toNearestOrEven)
        return Int16(min(max(units, -32_767), 32_767))
    }
}

/// Whose waveforms somebody looks at.
public struct TraceWishes: Sendable, Equatable {
    /// What the ids of patients begin with whom somebody looks at in the monitor's band, a dot behind each whole id; an
    /// empty text is every patient.
    public var monitor: [String]
    /// The same for the diagnostic band.
    public var diagnostic: [String]

    /// Nobody looks, or those do who wish for these beginnings of ids.
    public init(monitor: [String] = [], diagnostic: [String] = []) {
        self.monitor = monitor
        self.diagnostic = diagnostic
    }

    /// Whether nobody looks at anything.
    public var isEmpty: Bool { monitor.isEmpty && diagnostic.isEmpty }

    /// The bands in which somebody looks at `patient`.
    public func bands(of patient: String) -> [TraceBlock.Band] {
        let id = patient + "."
        return TraceBlock.Band.allCases.filter { band in
            (band == .monitor ? monitor : diagnostic).contains { id.hasPrefix($0) }
        }
    }
}
