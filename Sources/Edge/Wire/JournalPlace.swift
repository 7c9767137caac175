internal import ECGSignal

/// The place of a durable event: which journal keeps it, and its number there.
///
/// On the wire `epoch` is 16 hex digits and `sequence` 16 decimal digits, so that the order of the texts is that of the
/// numbers.
public struct JournalPlace: Sendable, Equatable {
    /// The identity of the journal, drawn at random when its file was made.
    public let epoch: UInt64
    /// From 1, one more with each event that the journal took; 0 stands before the first.
    public let sequence: Int64

    /// The greatest number that the sixteen digits of the wire can name.
    static let sequenceMax: Int64 = 9_999_999_999_999_999

    /// Makes a place of its two parts.
    public init(epoch: UInt64, sequence: Int64) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Reads the place that an event's envelope, a heartbeat's data or a reply names; nil where it names none.
    public init?(in object: JSONObject) {
        guard let epoch = object["epoch"]?.text.flatMap({ UInt64($0, radix: 16) }),
            let sequence = object["sequence"]?.text.flatMap({ Int64($0) }),
            (0...JournalPlace.sequenceMax).contains(sequence)
        else { return nil }
        self.init(epoch: epoch, sequence: sequence)
    }

    /// The epoch as texts have it.
    public var epochText: String { hexadecimal16(epoch) }

    /// The number as texts have it.
    public var sequenceText: String { padded(UInt64(clamping: sequence), 16) }

    /// Both as members of an object.
    public var members: JSONObject {
        ["epoch": .string(epochText), "sequence": .string(sequenceText)]
    }
}
