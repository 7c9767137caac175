internal import ECGEncoder
internal import ECGSignal
internal import Findings
internal import Pipeline

/// Checkpoints of a worker's streams, and how its streams go on from them.
extension Shard {
    /// The checkpoints that were made since the last call, in their order.
    public mutating func takeCheckpoints() -> [KeptCheckpoint] {
        guard !kept.isEmpty else { return [] }
        defer { kept.removeAll(keepingCapacity: true) }
        return kept
    }

    /// Makes a checkpoint of a stream; none while it is on its way to where it was.
    mutating func keep(_ slot: Int, _ part: AdmissionPart) {
        guard let index = members.index(forKey: slot), members.values[index].awaited == nil else { return }
        let stream = members.values[index].processor.identity
        guard let entry = part.entry else {
            kept.append(KeptCheckpoint(stream: stream, content: .opening))
            return
        }
        let state = state(of: members.values[index], entry)
        guard let bytes = state.bytes else { return }
        kept.append(KeptCheckpoint(stream: stream, content: .state(ready: state.ready, bytes)))
    }

    private func state(of member: Member, _ entry: AdmissionEntry) -> StreamState {
        StreamState(
            StreamState.Content(
                hop: hop,
                revisions: model.revisions,
                isWhole: true,
                admission: entry,
                processor: member.processor.kept,
                policy: alarms.policy(of: Sender(of: entry.identity)),
                refused: member.refused.map { StreamState.RefusedCount(code: $0.code, count: $0.count) },
                batteryPercent: member.batteryPercent,
                missingChunks: member.missingChunks,
                duplicateChunks: member.duplicateChunks
            )
        )
    }

    /// Whether entries of a former run come.
    public var isRecovering: Bool { reached != nil }

    /// Entries of a former run come again, or are over.
    public mutating func recover(_ isRecovering: Bool) {
        reached = isRecovering ? [] : nil
        // Whose first chunk has not come is a stream like any other.
        expected = [:]
        guard !isRecovering else { return }
        for slot in members.keys.sorted() where members[slot]?.awaited != nil {
            note(slot, isOpen: false)
            members[slot] = nil
        }
    }

    /// A stream begins with its next chunk, and is told of from where `later` was made.
    public mutating func expect(_ later: StreamState) { expected[later.identity] = later }

    /// A stream goes on from `base`.
    mutating func restore(_ base: StreamState, _ newest: StreamState, _ slot: Int) {
        let tables = tables(of: base.content.admission.rates)
        guard
            let processor = StreamProcessor(base.content.processor, model: model, table: { tables[$0] })
        else { return }
        members[slot] = Member(processor: processor)
        note(slot, isOpen: true)
        members[slot]?.tables = tables.map { ($0.key, $0.value) }
        wait(for: newest, slot)
        follow(slot)
    }

    private mutating func tables(of rates: [SampleRate]) -> [SampleRate: PolyphaseTableReference] {
        var tables: [SampleRate: PolyphaseTableReference] = [:]
        for rate in rates { tables[rate] = shelf.table(of: rate) }
        return tables
    }

    /// Nothing is told of a stream until it is where `later` was made.
    mutating func wait(for later: StreamState, _ slot: Int) {
        members[slot]?.awaited = later
        members[slot]?.processor.expect(later.content.processor)
    }

    /// The stream is where its newest checkpoint was made: it is as it was then, and so are its alarms.
    mutating func reach(_ slot: Int) {
        guard let later = members[slot]?.awaited else { return }
        let content = later.content
        let tables = tables(of: content.admission.rates)
        guard members[slot]?.processor.become(content.processor, table: { tables[$0] }) ?? false else {
            return
        }
        members[slot]?.tables = tables.map { ($0.key, $0.value) }
        members[slot]?.awaited = nil
        members[slot]?.refused = content.refused.map { ($0.code, $0.count) }
        members[slot]?.batteryPercent = content.batteryPercent
        members[slot]?.missingChunks = content.missingChunks
        members[slot]?.duplicateChunks = content.duplicateChunks
        let sender = Sender(of: later.identity)
        if let policy = content.policy { alarms.set(policy, of: sender) }
        // The ward's rates may be others than those of the run before.
        members[slot]?.processor.set(alarms.limits(of: sender))
        reached?.insert(sender)
        touch(slot)
    }
}
