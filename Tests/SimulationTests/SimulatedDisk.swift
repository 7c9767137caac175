import ECGSignal
import TestSupport

/// A disk under the log of a daemon: what was handed over, written and synced are three things, and a crash tells them
/// apart.
struct SimulatedDisk {
    /// One acknowledged chunk in the log.
    struct Record: Equatable {
        let stream: StreamIdentity
        let number: UInt64
        let check: UInt32
    }

    private struct Segment {
        let receipts: LoggedReceipts
        var records: [Record] = []
    }

    /// Records that a writer holds in a segment at most; a short one, so that recovery reads headers often.
    private static let segmentMax = 40
    /// Records that wait to be written at most; then the log ends, as the daemon's does.
    static let queueMax = 1_000

    private struct Key: Hashable {
        let stream: StreamIdentity
        let number: UInt64
    }

    private var segments: [Segment] = []
    /// Where each record stands.
    private var index: [Key: (segment: Int, place: Int)] = [:]
    private var standing = LoggedReceipts(journal: 1)
    /// Handed over and not written yet, with their positions.
    private var queued: [(position: Int, record: Record)] = []
    private var lastPosition = 0
    private(set) var writtenThrough = 0
    private(set) var syncedThrough = 0
    /// Records of the newest segment that a loss of power cannot take.
    private var syncedInSegment = 0
    private(set) var hasFailed = false
    private var slowUntil = 0

    /// A daemon begins: what it remembers is what the newest segment tells.
    mutating func begin() -> LoggedReceipts {
        var receipts = LoggedReceipts(journal: 77)
        if let newest = segments.last {
            receipts = newest.receipts
            for record in newest.records { receipts.note(record.number, of: record.stream) }
            receipts = receipts.inherited
        }
        standing = receipts
        segments.append(Segment(receipts: receipts))
        (queued, lastPosition, writtenThrough, syncedThrough, syncedInSegment) = ([], 0, 0, 0, 0)
        (hasFailed, slowUntil) = (false, 0)
        return receipts
    }

    /// Takes a record; its position, nil where the log takes nothing more.
    mutating func append(_ record: Record) -> Int? {
        if queued.count >= SimulatedDisk.queueMax { fail() }
        guard !hasFailed else { return nil }
        lastPosition += 1
        queued.append((lastPosition, record))
        return lastPosition
    }

    mutating func fail() {
        hasFailed = true
        queued = []
    }

    mutating func stall(until turn: Int) { slowUntil = turn }

    /// Writes what was handed over, and syncs at the end.
    mutating func turn(_ turn: Int) {
        guard !hasFailed, turn >= slowUntil else { return }
        write(queued.count)
        (syncedThrough, syncedInSegment) = (writtenThrough, segments[segments.count - 1].records.count)
    }

    private mutating func write(_ count: Int) {
        for (position, record) in queued.prefix(count) {
            if segments[segments.count - 1].records.count >= SimulatedDisk.segmentMax {
                // The segment before is synced before the next one begins.
                segments.append(Segment(receipts: standing))
                syncedInSegment = 0
                syncedThrough = writtenThrough
            }
            let last = segments.count - 1
            index[Key(stream: record.stream, number: record.number)] = (last, segments[last].records.count)
            segments[last].records.append(record)
            standing.note(record.number, of: record.stream)
            writtenThrough = position
        }
        queued.removeFirst(min(count, queued.count))
    }

    /// The daemon ends in the midst of writing, or the power with it; whether some of what was handed over is half there.
    mutating func crash(losesPower: Bool, _ generator: inout SeededGenerator) -> Bool {
        let torn = Int.random(in: 0...queued.count, using: &generator)
        let isTorn = torn > 0 && torn < queued.count
        write(torn)
        if losesPower {
            let last = segments.count - 1
            let kept = Int.random(in: syncedInSegment...segments[last].records.count, using: &generator)
            for record in segments[last].records[kept...] {
                index[Key(stream: record.stream, number: record.number)] = nil
            }
            segments[last].records.removeLast(segments[last].records.count - kept)
        }
        queued = []
        return isTorn
    }

    /// Everything that is in the log of all runs.
    var records: [Record] { segments.flatMap(\.records) }

    /// Whether the log has that chunk, and keeps it through a crash of that kind.
    func isSafe(_ number: UInt64, of stream: StreamIdentity, fromPowerLoss: Bool) -> Bool {
        guard let (segment, place) = index[Key(stream: stream, number: number)] else { return false }
        return !fromPowerLoss || segment < segments.count - 1 || place < syncedInSegment
    }
}
