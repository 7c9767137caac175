internal import Access
internal import ECGSignal
internal import Findings

extension Admission {
    /// The senders that a command concerns, as far as they have a stream that is open or remembered.
    ///
    /// Whoever keeps the alarms may know more of them: an alarm can outlive what is remembered of its stream.
    func known(to command: OperatorCommand) -> [Sender] {
        if case .acknowledge(let alarm, _) = command.order { return [Sender(of: alarm.stream)] }
        var senders: Set<Sender> = []
        for slot in entries.keys.sorted() {
            guard let identity = entries[slot]?.identity else { continue }
            switch command.target {
            case .patient(let patient) where patient != identity.patient: continue
            case .ward(let ward) where access?.ward(of: identity.patient) ?? AccessTable.noWard != ward:
                continue
            case .patient, .ward, .everyone: break
            }
            senders.insert(Sender(of: identity))
        }
        return senders.sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }
    }
}
