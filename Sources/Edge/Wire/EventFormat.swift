/// What events are named by: kind, topic and id. `EventWriter` writes them.

private import Digest
internal import ECGSignal
public import Findings

/// The names of events, and events as bytes where one alone is wanted.
public enum EventFormat {
    /// The most bytes that a published event may have.
    public static let bytesMax = 16_384

    /// The version of `data`.
    public static let schema: Int64 = 1

    /// The event's id: the first 32 hex digits of the SHA-256 of the canonical key.
    ///
    /// `run` is the run of the daemon that said it, which is part of some keys; nil where there was none.
    public static func id(of key: EventKey, run: String? = nil) -> String {
        EventWriter.id(of: key, run: run)
    }

    /// The kind of the event, as topic and `type` name it.
    public static func kind(of event: Event) -> EventKind {
        switch event.content {
        case .diagnosis: .diagnosis
        case .alarm: .alarm
        case .vitals: .vitals
        case .technical: .tech
        }
    }

    /// The topic on which it is published.
    public static func topic(of event: Event, ward: String = "_") -> String {
        Topic.event(ward: ward, kind: kind(of: event), patient: event.sender?.patient ?? "_")
    }

    /// One canonical JSON object of data, id, subject, time and type: the same bytes from the same input, always.
    ///
    /// `run` is the run of the daemon whose log the event follows from; nil where there was none, as for a recording.
    public static func canonical(_ event: Event, run: String? = nil) -> [UInt8] {
        var writer = EventWriter()
        writer.writeCanonical(event, run: run)
        return writer.bytes
    }

    // MARK: what service events share

    static func id(ofKey key: JSONValue) -> String {
        String(SHA256.hex(key.canonical).prefix(32))
    }

    static func envelopeAttributes(
        run: String,
        topicSequence: UInt64,
        ward: String,
        source: String,
        place: JournalPlace? = nil
    ) -> JSONObject {
        let attributes: JSONObject = [
            "datacontenttype": .string("application/json"), "durable": .bool(place != nil),
            "run": .string(run), "source": .string(source), "specversion": .string("1.0"),
            "topicsequence": .string(padded(topicSequence, 16)), "ward": .string(ward),
        ]
        return place.map { attributes.with($0.members) } ?? attributes
    }
}
