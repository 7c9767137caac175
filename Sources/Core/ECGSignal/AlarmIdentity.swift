/// Which alarm: the `alarm_id` of the wire is the id of the event that has this identity, phase `start` and ordinal
/// `ordinal`.
public struct AlarmIdentity: Sendable, Hashable, Codable {
    /// The stream in which it began; the patient's newest stream may be another by now.
    public let stream: StreamIdentity
    /// The statement's id in the catalogue.
    public let statement: String
    /// The grid sample of its onset in `stream`.
    public let onset: GridIndex
    /// How many alarms of the statement have begun in `stream`, from 1.
    public let ordinal: Int

    /// Makes an identity of its parts.
    public init(stream: StreamIdentity, statement: String, onset: GridIndex, ordinal: Int) {
        self.stream = stream
        self.statement = statement
        self.onset = onset
        self.ordinal = ordinal
    }
}
