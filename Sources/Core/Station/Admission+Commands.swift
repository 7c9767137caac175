internal import Access
internal import ECGSignal
internal import Findings

extension Admission {
    /// Whoever is discharged is no longer known from before a restart.
    mutating func take(_ command: OperatorCommand) -> [Action] {
        let known = known(to: command)
        if command.order == .discharge { for sender in known { remembered.remove(sender) } }
        return [.command(command, known: known)]
    }

    /// The senders that a command concerns, as far as they have a stream that is open or remembered, or are known from before
    /// a restart.
    ///
    /// Whoever keeps the alarms may know more of them: an alarm can outlive what is remembered of its stream.
    func known(to command: OperatorCommand) -> [Sender] {
        if case .acknowledge(let alarm, _) = command.order { return [Sender(of: alarm.stream)] }
        return known { patient in
            switch command.target {
            case .patient(let target): patient == target
            case .ward(let ward): access?.ward(of: patient) ?? AccessTable.noWard == ward
            case .everyone: true
            }
        }
    }

    /// The known senders whose patient is one of those, in the order of their ids.
    func known(where isMeant: (_ patient: String) -> Bool) -> [Sender] {
        Set(entries.values.map { Sender(of: $0.identity) }).union(remembered.senders)
            .filter { isMeant($0.patient) }
            .sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }
    }
}
