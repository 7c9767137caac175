internal import Conditioning
public import ECGSignal

/// A rate's resampling table as a stream holds it; 500 Hz needs none.
public struct PolyphaseTableReference: Sendable {
    let table: PolyphaseTable?

    /// No table: for a chunk at 500 Hz, or one that is only counted because its stream is closed.
    public static let none = PolyphaseTableReference(table: nil)

    private init(table: PolyphaseTable?) { self.table = table }

    /// The table of `rate`, built for this reference alone; nil where it would need too many phases.
    public init?(rate: SampleRate) {
        guard rate != .grid else {
            table = nil
            return
        }
        guard let table = try? PolyphaseTable(rate: rate) else { return nil }
        self.table = table
    }

    /// Bytes that the table takes; nil where it would need too many phases.
    public static func byteCount(of rate: SampleRate) -> Int? {
        guard rate != .grid else { return 0 }
        guard PolyphaseTable.phaseCount(of: rate) <= PolyphaseTable.phaseCountMax else { return nil }
        return PolyphaseTable.byteCount(of: rate)
    }

    /// The tables that the streams of one worker share, one a rate; each lives as long as a stream holds it.
    public struct Shelf {
        /// Remembers a table without keeping it alive.
        private struct Place {
            weak var table: PolyphaseTable?
        }

        private var places: [SampleRate: Place] = [:]

        /// An empty shelf.
        public init() {}

        /// The table of a rate: the one that another stream holds, else a new one.
        ///
        /// Building the largest takes some tenths of a second. Nil where it would need too many phases.
        public mutating func table(of rate: SampleRate) -> PolyphaseTableReference? {
            guard rate != .grid else { return PolyphaseTableReference.none }
            if let table = places[rate]?.table { return PolyphaseTableReference(table: table) }
            guard let built = PolyphaseTableReference(rate: rate), let table = built.table else { return nil }
            places = places.filter { $0.value.table != nil }
            places[rate] = Place(table: table)
            return built
        }

        /// Bytes of the tables that streams hold now.
        public var byteCount: Int {
            var bytes = 0
            for place in places.values { bytes += place.table?.byteCount ?? 0 }
            return bytes
        }
    }
}
