internal import ECGSignal
internal import Findings

/// What ends a stream beside silence: its own last chunk, or a newer epoch of its device.
extension Admission {
    /// What the newest chunk of `slot` ends: its own stream by `last`, or older epochs of its device.
    mutating func closeEndedStreams(after slot: Int) -> [Action] {
        guard let entry = entries[slot], !entry.life.isClosed else { return [] }
        var actions: [Action] = []
        if entry.timeline.front.isReleasing, !entry.hasSuperseded {
            entries[slot]?.hasSuperseded = true
            for old in devices.open(before: slot, of: entry.identity.device) {
                actions += supersede(old, by: entry.identity, slot)
            }
        }
        if entry.hasEnded { actions += close(slot, .last) }
        return actions
    }

    private mutating func supersede(_ old: Int, by newer: StreamIdentity, _ slot: Int) -> [Action] {
        guard let entry = entries[old] else { return [] }
        let isMoved = entry.identity.patient != newer.patient
        let end = entry.timeline.front.gridEnd
        var actions: [Action] = [
            .deliver(
                slot: old,
                .fact(.oneOff(.streamSuperseded, .low, end, "a newer epoch of the device has come"))
            )
        ]
        if isMoved {
            actions.append(
                .deliver(
                    slot: old,
                    .fact(.oneOff(.deviceMoved, .medium, end, "the device has another patient now"))
                )
            )
            let first = entries[slot]?.timeline.front.firstGridSample
            actions.append(
                .deliver(
                    slot: slot,
                    .fact(.oneOff(.deviceMoved, .medium, first, "the device had another patient"))
                )
            )
        }
        return actions + close(old, isMoved ? .moved : .superseded)
    }
}
