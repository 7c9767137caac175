internal import Access
internal import ECGSignal
public import Findings

extension Admission {
    /// Whether the key of that name may send for that patient by that device; everybody may where no keys are asked for.
    public func maySend(_ sender: Sender, by peer: String) -> Bool {
        access?.maySend(sender, by: peer) ?? true
    }

    /// What is told of patients who are in another ward than by `former`: once for each of their devices, by the stream that
    /// is open, else by the last one that is remembered, else, of who is known from before a restart, by no stream.
    mutating func moves(since former: AccessTable?, at arrival: Arrival) -> [Action] {
        guard let access, access.wards != former?.wards ?? [:] else { return [] }
        var slotOf: [Sender: Int] = [:]
        for slot in entries.keys.sorted() {
            guard let entry = entries[slot] else { continue }
            let sender = Sender(of: entry.identity)
            let isBetterKnown = slotOf[sender].map { entries[$0]?.life.isClosed == false } ?? false
            if entry.life.isClosed, isBetterKnown { continue }
            slotOf[sender] = slot
        }
        let detail = "the patient is in another ward; alarms that stand, stand on there"
        return known { access.ward(of: $0) != former?.ward(of: $0) ?? AccessTable.noWard }.compactMap {
            sender in
            guard let slot = slotOf[sender] else {
                return remembered.move(sender, detail, at: arrival).map { .publish($0) }
            }
            let sample = entries[slot]?.timeline.front.gridEnd
            return .deliver(slot: slot, .fact(.oneOff(.patientMoved, .info, sample, detail)))
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
