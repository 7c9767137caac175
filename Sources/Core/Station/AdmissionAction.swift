public import ECGSignal
public import Findings

extension Admission {
    /// What is to be done, in order.
    public enum Action: Sendable {
        /// Hand `input` to the shard that owns stream `slot`.
        case deliver(slot: Int, StreamInput)
        /// Publish an event of an endpoint.
        case publish(Event)
        /// Give a command to everyone who keeps alarms, with the senders it concerns as far as admission knows them.
        case command(OperatorCommand, known: [Sender])
        /// Have everyone who keeps alarms follow the policy file of these bytes.
        case policy([UInt8])
        /// Copies of a former run's entries begin, or are over.
        case recovering(Bool)
        /// The stream of that checkpoint begins with its next chunk, and is told of from where the checkpoint was made.
        case expect(StreamState)
        /// Have whoever keeps the alarms of a patient and device go on from what was remembered, these bytes.
        case memory([UInt8])
    }
}
