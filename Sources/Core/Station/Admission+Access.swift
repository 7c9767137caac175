internal import Access
internal import ECGSignal
public import Findings

extension Admission {
    /// Whether the key of that name may send for that patient by that device; everybody may where no keys are asked for.
    public func maySend(_ sender: Sender, by peer: String) -> Bool {
        access?.maySend(sender, by: peer) ?? true
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
