/// The reply to HELLO: which versions the daemon speaks, and which limits and rights hold.
public enum HelloReport {
    /// The most bytes that a frame of samples may have.
    public static let frameBytesMax = 262_144

    /// Writes the reply of a daemon of that version in that run.
    ///
    /// `subscriptionBytesMax` are the bytes of the longest prefix that a reader may subscribe to, and `subscriptionsMax` is how
    /// many of them the asker's key may have at one endpoint; nil where that is not limited. `waves` is the endpoint of the waveforms; nil where there is none yet. `rights`
    /// are those of the asker: the prefixes of topics that it may read, and words of what it may do.
    public static func object(
        version: String,
        run: String,
        streamsMax: Int,
        subscriptionBytesMax: Int,
        subscriptionsMax: Int? = nil,
        waves: String?,
        rights: [String] = ["read"]
    ) -> JSONObject {
        [
            "version": .string(version), "notice": .string(ServiceFacts.notice), "run": .string(run),
            "protocol": .object([
                "ecg": .integer(1), "ev": .integer(1), "schema": .integer(1), "wv": .integer(1),
            ]),
            "endpoints": .object(["waves": .stringOrNull(waves)]),
            "limits": .object([
                "frame_bytes_max": .integer(Int64(frameBytesMax)),
                "streams_max": .integer(Int64(streamsMax)),
                "subscriptions_max": .integerOrNull(subscriptionsMax.map(Int64.init)),
                "subscription_bytes_max": .integer(Int64(subscriptionBytesMax)),
                "request_bytes_max": .integer(Int64(JSONValue.requestBytesMax)),
            ]),
            "rights": .array(rights.map(JSONValue.string)),
            "assignment": .object(["partitions": .string("all")]),
        ]
    }

    /// The prefixes of topics of events that the asker may read, as a reply tells them; nil where no keys are asked for.
    public static func readable(in reply: ControlReply) -> [String]? {
        let rights = reply.object["rights"]?.array?.compactMap(\.text) ?? []
        return rights.contains("read") ? nil : rights.filter { $0.hasPrefix(Topic.allEvents) }
    }

    /// The prefixes of waveforms that the asker may read, as a reply has them; nil where no keys are asked for.
    public static func readableWaves(in reply: ControlReply) -> [String]? {
        let rights = reply.object["rights"]?.array?.compactMap(\.text) ?? []
        return rights.contains("read") ? nil : rights.filter { $0.hasPrefix(Topic.allWaves) }
    }

    /// Whether the asker may ask for the roster, as a reply has it.
    public static func mayReadRoster(in reply: ControlReply) -> Bool {
        let rights = reply.object["rights"]?.array?.compactMap(\.text) ?? []
        return rights.contains("read") || rights.contains("roster")
    }

    /// The endpoint of the waveforms that a reply names; nil where it names none.
    public static func waves(in reply: ControlReply) -> String? {
        reply.object["endpoints"]?.object?["waves"]?.text
    }
}
