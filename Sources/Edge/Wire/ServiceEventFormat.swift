/// What the service publishes about itself: status and heartbeat. These events are not canonical; their id is that of
/// kind, run and counter.

public import ECGSignal
internal import Findings

/// Writes status events and heartbeats.
public enum ServiceEventFormat {
    /// Every so many heartbeats one names every topic; a reader that has heard so many in a row knows them all.
    public static let beatsAFullOne = 10

    /// The most bytes that one page of a heartbeat may have.
    public static let pageBytesMax = 12_288

    /// The members that every `data` has, here of nobody.
    private static let common: JSONObject = [
        "patient": .string("_"), "device": .null, "stream": .null, "schema": .integer(EventFormat.schema),
    ]

    /// Writes a service event as it is published.
    ///
    /// `counter` counts from 1, one more with each message of the kind within the run and ward; it is both part of the
    /// id and `topicsequence`, since a run publishes one topic of the kind in each ward. The ward is part of the id too,
    /// where there is one.
    public static func envelope(
        _ kind: EventKind,
        data: JSONObject,
        run: String,
        counter: UInt64,
        ward: String = "_",
        source: String,
        time: UTCNanoseconds,
        place: JournalPlace? = nil
    ) -> [UInt8] {
        let inWard: [JSONValue] = ward == "_" ? [] : [.string(ward)]
        let key: JSONValue = .array(
            [.string(kind.rawValue), .string(run)] + inWard + [.integer(Int64(clamping: counter))]
        )
        let event: JSONObject = [
            "data": .object(ServiceEventFormat.common.with(data)),
            "id": .string(EventFormat.id(ofKey: key)),
            "subject": .string("_"), "time": .string(timestamp(time)), "type": .string(kind.type),
        ]
        let attributes = EventFormat.envelopeAttributes(
            run: run,
            topicSequence: counter,
            ward: ward,
            source: source,
            place: place
        )
        return JSONValue.object(event.with(attributes)).canonical
    }

    /// Writes the pages of one heartbeat, at least one; each is a message of its own of at most 12 KiB.
    ///
    /// `counter` is that of the first page; the next heartbeat's is this plus the number of pages. `heads` are
    /// topics with the `topicsequence` of their newest message, which readers compare. `journal` is the place of the
    /// newest durable event; nil where no journal is kept.
    public static func heartbeatPages(
        run: String,
        counter: UInt64,
        heads: [(String, UInt64)],
        journal: JournalPlace? = nil,
        ward: String = "_",
        source: String,
        time: UTCNanoseconds
    ) -> [[UInt8]] {
        func page(_ number: Int, of count: Int, _ heads: ArraySlice<(String, UInt64)>) -> [UInt8] {
            envelope(
                .heartbeat,
                data: HeartbeatPage(page: number, of: count, heads: heads, journal: journal).object(
                    ofRun: run
                ),
                run: run,
                counter: counter + UInt64(number) - 1,
                ward: ward,
                source: source,
                time: time
            )
        }
        let room = pageBytesMax - page(heads.count + 1, of: heads.count + 1, []).count
        var cuts = [0]
        var used = 0
        for (index, head) in heads.enumerated() {
            // Two quotes, a colon and a comma stand around topic and number.
            let size = JSONValue.string(head.0).canonical.count + "\(head.1)".utf8.count + 2
            if used > 0, used + size > room {
                cuts.append(index)
                used = 0
            }
            used += size
        }
        cuts.append(heads.count)
        return zip(cuts, cuts.dropFirst()).enumerated().map { number, cut in
            page(number + 1, of: cuts.count - 1, heads[cut.0..<cut.1])
        }
    }
}
