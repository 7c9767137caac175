internal import ECGSignal
internal import Findings

extension Admission {
    /// Static on purpose: as a method of `self` it would hold a copy of the whole table while its argument changes it.
    static func missing(_ holes: [SequenceLedger.Hole], of slot: Int) -> [Action] {
        holes.map { hole in
            let numbers = hole.first == hole.last ? "\(hole.first)" : "\(hole.first) to \(hole.last)"
            let count = StreamInput.Count(
                code: .chunksMissing,
                number: hole.count,
                firstSample: hole.gridIndex,
                detail: "chunks with seq \(numbers) did not come within 2 s of stream time"
            )
            return .deliver(slot: slot, .counted(count))
        }
    }
}
