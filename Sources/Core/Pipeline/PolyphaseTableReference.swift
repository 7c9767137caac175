internal import Conditioning
public import ECGSignal

/// A rate's resampling table as admission hands it along; 500 Hz needs none.
public struct PolyphaseTableReference: Sendable {
    let table: PolyphaseTable?

    /// The table of `rate`; nil where it would need too many phases.
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
}
