/// The reply to STATUS: the daemon's facts, what it refused, and what its young streams wait for.
public struct StatusReport: Sendable, Equatable {
    /// How often something happened that has a code: a refusal, or what became of a link.
    public struct CodeCount: Sendable, Equatable {
        /// The code as the table of refusals, or that of technical events, has it.
        public let code: String
        /// How many chunks were refused by it, or how often it was.
        public let count: Int
        /// What the newest of them was for; nil where it is not told.
        public let detail: String?

        /// A code with its count.
        public init(code: String, count: Int, detail: String? = nil) {
            self.code = code
            self.count = count
            self.detail = detail
        }
    }

    /// What was refused at one endpoint, or became of its links.
    public struct Endpoint: Sendable, Equatable {
        /// The endpoint.
        public let name: String
        /// The codes with their counts.
        public let codes: [CodeCount]

        /// An endpoint with what happened there.
        public init(name: String, codes: [CodeCount]) {
            self.name = name
            self.codes = codes
        }
    }

    /// What one sender was refused where no open stream tells of it.
    public struct RefusedSender: Sendable, Equatable {
        /// The endpoint that the chunks came in by.
        public let endpoint: String
        /// The patient of the topic; nil where no topic could be read.
        public let patient: String?
        /// The device of the topic; nil where no topic could be read.
        public let device: String?
        /// The codes with their counts and newest details.
        public let codes: [CodeCount]

        /// A sender with what it was refused.
        public init(endpoint: String, patient: String?, device: String?, codes: [CodeCount]) {
            self.endpoint = endpoint
            self.patient = patient
            self.device = device
            self.codes = codes
        }
    }

    /// A stream that has no window yet.
    public struct Waiting: Sendable, Equatable {
        /// The stream's name.
        public let stream: String
        /// What it waits for, for people.
        public let why: String

        /// A stream with what it waits for.
        public init(stream: String, why: String) {
            self.stream = stream
            self.why = why
        }
    }

    /// The name of the list that is told page by page.
    public static let pagedList = "refused_senders"

    /// What the daemon tells of itself as a whole.
    public let service: ServiceFacts
    /// What was refused, by endpoint.
    public let endpoints: [Endpoint]
    /// What became of links, by endpoint: peers that were cut off, or of which nothing is taken.
    public let links: [Endpoint]
    /// What was refused, by sender; one page of it.
    public let senders: [RefusedSender]
    /// The streams that have no window yet, 50 at most.
    public let waiting: [Waiting]

    /// Writes a report; of `senders` it has the page that begins at entry `from`.
    public static func object<Senders: RandomAccessCollection>(
        _ service: ServiceFacts,
        endpoints: [Endpoint],
        links: [Endpoint],
        senders: Senders,
        from: Int,
        waiting: [Waiting]
    ) -> JSONObject where Senders.Element == RefusedSender, Senders.Index == Int {
        let counts = endpoints.map { endpoint in
            let codes = endpoint.codes.map { ($0.code, JSONValue.integer(Int64($0.count))) }
            return (endpoint.name, JSONValue.object(JSONObject(codes)))
        }
        let rest: JSONObject = [
            "counts": .object(JSONObject(counts)),
            "links": .object(JSONObject(links.map { ($0.name, .object(object(of: $0.codes))) })),
            "starting": .array(
                waiting.map { .object(["stream": .string($0.stream), "why": .string($0.why)]) }
            ),
        ]
        let page = ControlReply.page(of: senders, from: from, as: pagedList, object)
        return service.object.with(rest).with(page)
    }

    private static func object(_ sender: RefusedSender) -> JSONObject {
        [
            "endpoint": .string(sender.endpoint), "patient": .stringOrNull(sender.patient),
            "device": .stringOrNull(sender.device), "codes": .object(object(of: sender.codes)),
        ]
    }

    private static func object(of codes: [CodeCount]) -> JSONObject {
        JSONObject(
            codes.map { code in
                let told: JSONObject = [
                    "count": .integer(Int64(code.count)), "detail": .stringOrNull(code.detail),
                ]
                return (code.code, .object(told))
            }
        )
    }

    /// Codes with counts and details, as `object(of:)` writes them.
    private static func codes(_ value: JSONValue?) -> [CodeCount] {
        (value?.object?.members ?? []).map { code in
            CodeCount(
                code: code.name,
                count: Int(clamping: code.value.object?["count"]?.whole ?? 0),
                detail: code.value.object?["detail"]?.text
            )
        }
    }

    /// Reads a report; what a daemon of another version leaves out is empty.
    public init(_ reply: ControlReply) {
        service = ServiceFacts(reply.object)
        endpoints = (reply.object["counts"]?.object?.members ?? []).map { endpoint in
            let codes = (endpoint.value.object?.members ?? []).map { code in
                CodeCount(code: code.name, count: Int(clamping: code.value.whole ?? 0))
            }
            return Endpoint(name: endpoint.name, codes: codes)
        }
        links = (reply.object["links"]?.object?.members ?? []).map {
            Endpoint(name: $0.name, codes: StatusReport.codes($0.value))
        }
        senders = reply.entries(StatusReport.pagedList).map { sender in
            RefusedSender(
                endpoint: sender["endpoint"]?.text ?? "?",
                patient: sender["patient"]?.text,
                device: sender["device"]?.text,
                codes: StatusReport.codes(sender["codes"])
            )
        }
        waiting = reply.entries("starting").map {
            Waiting(stream: $0["stream"]?.text ?? "?", why: $0["why"]?.text ?? "")
        }
    }
}
