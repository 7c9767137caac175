internal import Access
internal import ECGSignal
public import Findings

extension Admission {
    /// Whether the key of that name may send for that patient by that device; everybody may where no keys are asked for.
    public func maySend(_ sender: Sender, by peer: String) -> Bool {
        access?.maySend(sender, by: peer) ?? true
    }

    /// What is told of patients who are in another ward than by `former`: once for each of their devices, by the stream that
    /// is open, else by the last one that is remembered.
    func moves(since former: AccessTable?) -> [Action] {
        guard let access, access.wards != former?.wards ?? [:] else { return [] }
        var slotOf: [Sender: Int] = [:]
        for slot in entries.keys.sorted() {
            guard let entry = entries[slot] else { continue }
            let sender = Sender(of: entry.identity)
            guard access.ward(of: sender.patient) != former?.ward(of: sender.patient) ?? AccessTable.noWard
            else { continue }
            let isBetterKnown = slotOf[sender].map { entries[$0]?.life.isClosed == false } ?? false
            if entry.life.isClosed, isBetterKnown { continue }
            slotOf[sender] = slot
        }
        return slotOf.values.sorted().map { slot in
            .deliver(
                slot: slot,
                .fact(
                    .oneOff(
                        .patientMoved,
                        .info,
                        entries[slot]?.timeline.front.gridEnd,
                        "the patient is in another ward; alarms that stand, stand on there"
                    )
                )
            )
        }
    }

    /// The refusal of a message that the key of that name may not send; nil where it may, or where no keys are asked for.
    ///
    /// It names the sender whom the topic names and no stream: what a stranger sends must not count in the ledger of the
    /// stream that it claims. A message without a readable topic claims nobody, and its own refusal speaks.
    func prohibition(of judged: JudgedMessage, by peer: String) -> Refusal? {
        guard let access else { return nil }
        let sender: Sender
        switch judged {
        case .success(let chunk): sender = Sender(of: chunk.stream)
        case .failure(let refusal):
            guard refusal.code != .topic, refusal.code != .frames, let claimed = refusal.sender else {
                return nil
            }
            sender = claimed
        }
        guard !access.maySend(sender, by: peer) else { return nil }
        return Refusal(
            .notAllowed,
            "the key \(peer.isEmpty ? "(none)" : peer) may not send for this patient by this device; if it should, name "
                + "both in the authorisation file",
            sender: sender
        )
    }
}
