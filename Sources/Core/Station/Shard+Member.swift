internal import ECGSignal
internal import Findings
internal import Pipeline

/// What is counted of one stream, and what is known of it.
extension Shard.Member {
    mutating func count(_ code: TechnicalEvent.Code) {
        if let index = refused.firstIndex(where: { $0.code == code }) {
            refused[index].count += 1
        } else {
            refused.append((code, 1))
        }
    }

    mutating func count(_ count: StreamInput.Count) {
        let most = Int(SequenceLedger.countMax)
        switch count.code {
        case .chunksMissing: missingChunks = min(missingChunks + count.number, most)
        case .chunksDuplicate: duplicateChunks = min(duplicateChunks + count.number, most)
        default: break
        }
    }

    private var state: Shard.State {
        switch processor.life {
        case .open: processor.hasCutWindow ? .live : .starting
        case .silent: .silent
        case .closed(let reason): .closed(reason)
        }
    }

    var status: Shard.Status {
        let front = processor.front
        return Shard.Status(
            identity: processor.identity,
            state: state,
            newestWindow: processor.newestWindow,
            newestWithheld: processor.newestWithheld,
            quality: processor.quality,
            gridSamples: front.gridEnd - (front.firstGridSample ?? 0),
            leads: processor.ledgers.map {
                (
                    $0.lead, $0.track, front.line(of: $0.lead)?.rate, processor.contact(of: $0.lead),
                    $0.ledger
                )
            },
            batteryPercent: batteryPercent,
            refused: refused,
            missingChunks: missingChunks,
            duplicateChunks: duplicateChunks,
            clock: processor.clockFacts
        )
    }
}
