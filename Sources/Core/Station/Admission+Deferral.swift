public import ECGSignal
public import Findings

extension Admission {
    /// Why a chunk is not taken now and may be later: FULL or FLOOD; nil where neither is.
    ///
    /// Whoever can have a chunk sent again asks before it is logged. Nothing is counted, and nothing changes.
    public func deferral(of chunk: LeadChunk, at arrival: Arrival) -> Refusal? {
        let key = DeviceEpoch(device: chunk.stream.device, epoch: chunk.stream.epoch)
        do throws(Refusal) {
            guard let slot = slots[key], let entry = entries[slot] else {
                try checkRoom(for: chunk)
                return nil
            }
            switch entry.life.closeReason {
            case nil: try entry.checkFloodAhead(chunk, at: arrival.monotonic, limits.ingestSpeedMax)
            case .idle: try checkRoom(for: chunk)
            case .last, .shutdown, .superseded, .moved: break
            }
            return nil
        } catch { return error }
    }

    /// Whether one stream more may be open.
    func checkRoom(for chunk: LeadChunk) throws(Refusal) {
        guard openCount < limits.streamsMax else {
            throw chunk.refusal(
                .full,
                "\(limits.streamsMax) streams are open; close one or raise --streams-max",
                naming: false
            )
        }
    }
}
