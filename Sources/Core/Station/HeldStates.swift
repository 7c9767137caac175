public import Findings

/// What of patients is to outlive a restart and is not kept yet.
///
/// While entries of a former run come again, what a patient's alarms are is older than what is kept of them, until an alarm is
/// told that is not. So states wait for such a one, or for the end of these entries.
public struct HeldStates<State: Sendable>: Sendable {
    private var held: [Sender: State] = [:]
    /// Whether entries of a former run come again.
    public var isRecovering = false

    /// No state is held.
    public init() {}

    /// Takes the newest state of a sender.
    public mutating func take(_ state: State, of sender: Sender) { held[sender] = state }

    /// Those that may be kept together with `events`, which nobody has kept before.
    public func due(with events: some Sequence<Event>) -> [Sender: State] {
        guard isRecovering else { return held }
        var due: [Sender: State] = [:]
        for event in events {
            guard case .alarm = event.content, let sender = event.sender else { continue }
            due[sender] = held[sender]
        }
        return due
    }

    /// Those of these senders are kept.
    public mutating func remove(_ senders: some Sequence<Sender>) {
        for sender in senders { held[sender] = nil }
    }
}
