internal import ECGSignal
internal import Pipeline

/// How a run goes on from the one before.
extension Admission {
    mutating func take(_ step: RecoveryStep, at arrival: Arrival) -> [Action] {
        switch step {
        case .begins:
            isRecovering = true
            return [.recovering(true)]
        case .restores(let base, let newest):
            guard let newest = readState(newest) else { return [] }
            if base.isEmpty { return [.expect(newest)] }
            guard let base = readState(base) else { return [] }
            return restore(base, newest)
        case .reached(let stream):
            guard let slot = slots[DeviceEpoch(device: stream.device, epoch: stream.epoch)] else { return [] }
            return [.deliver(slot: slot, .reached)]
        case .ends:
            isRecovering = false
            for slot in open.slots { entries[slot]?.goOn(at: arrival) }
            return [.recovering(false)]
        }
    }

    /// A stream takes the place that it had.
    private mutating func restore(_ base: StreamState, _ newest: StreamState) -> [Action] {
        let entry = base.content.admission
        let key = DeviceEpoch(device: entry.identity.device, epoch: entry.identity.epoch)
        guard slots[key] == nil, !entry.life.isClosed, open.count < limits.streamsMax else { return [] }
        let slot = nextSlot
        nextSlot += 1
        slots[key] = slot
        entries[slot] = entry
        open.append(slot)
        devices.open(slot, of: entry.identity.device)
        for rate in entry.rates { tables.add(rate) }
        return [.deliver(slot: slot, .restored(base: base, newest: newest))]
    }
}
