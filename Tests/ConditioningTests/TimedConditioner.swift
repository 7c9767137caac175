import ECGSignal

@testable import Conditioning

/// A stream conditioner with the time line that admission would keep for it.
struct TimedConditioner {
    private(set) var conditioner = StreamConditioner()
    private var timeline = StreamTimeline()
    private(set) var isClosed = false

    var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] { conditioner.ledgers }

    mutating func take(_ chunk: LeadChunk) -> StreamConditioner.Outcome {
        conditioner.take(timeline.place(chunk, isOver: isClosed), table: Tables.of(chunk.rate))
    }

    mutating func tick() {
        guard !isClosed else { return }
        timeline.tick()
        conditioner.tick(at: timeline.front)
    }

    mutating func refuse(_ count: Int, of leads: [Lead]) { conditioner.refuse(count, of: leads) }

    mutating func close() {
        guard !isClosed else { return }
        isClosed = true
        timeline.tick()
        conditioner.close(at: timeline.front)
    }

    mutating func freeSamples() { conditioner.freeSamples() }

    mutating func reopen() {
        isClosed = false
        timeline = StreamTimeline()
        conditioner.reopen()
    }
}
