internal import ECGSignal
public import Findings
internal import Pipeline

/// Counts what was refused, so that those who can mend it are told: every sender by itself.
///
/// A sender is the patient and device that a readable topic names. At most 1,000 senders have rows of their own,
/// those that came first; all others are counted by endpoint, so that invented ids cannot fill the memory.
struct RefusalTable: Sendable {
    /// Senders that have rows of their own.
    static let sendersMax = 1_000

    /// What one sender, or one endpoint for all who cannot be told apart, was refused.
    private struct Row: Sendable {
        let endpoint: String
        let sender: Sender?
        var counter: TechnicalCounter
        var codes: [RefusedSender.Code] = []
    }

    private var rows: [Row] = []
    private var indices: [TechnicalEvent.Subject: Int] = [:]
    private var senderCount = 0
    /// Chunks refused, by endpoint and code, whoever was told of them.
    private(set) var totals: [(endpoint: String, code: TechnicalEvent.Code, count: Int)] = []

    /// Counts a refused chunk in the totals alone: its stream tells of it.
    mutating func total(_ code: TechnicalEvent.Code, from endpoint: String) {
        if let index = totals.firstIndex(where: { $0.endpoint == endpoint && $0.code == code }) {
            totals[index].count += 1
        } else {
            totals.append((endpoint, code, 1))
        }
    }

    /// Counts a refused chunk that no open stream tells of; the event to publish, if it is time for one.
    mutating func count(_ refusal: Refusal, from endpoint: String, at arrival: Arrival) -> Event? {
        let index = row(of: refusal.sender, at: endpoint)
        if let place = rows[index].codes.firstIndex(where: { $0.code == refusal.code }) {
            rows[index].codes[place].count += 1
            rows[index].codes[place].detail = refusal.detail
        } else {
            rows[index].codes.append(.init(code: refusal.code, count: 1, detail: refusal.detail))
        }
        return rows[index].counter.count(
            refusal.code,
            firstSample: refusal.firstSample,
            detail: refusal.detail,
            at: arrival
        )
    }

    private mutating func row(of sender: Sender?, at endpoint: String) -> Int {
        if let sender {
            let subject = TechnicalEvent.Subject.sender(sender, endpoint: endpoint)
            if let index = indices[subject] { return index }
            if senderCount < RefusalTable.sendersMax {
                senderCount += 1
                return add(subject, endpoint, sender)
            }
        }
        return indices[.endpoint(endpoint)] ?? add(.endpoint(endpoint), endpoint, nil)
    }

    private mutating func add(
        _ subject: TechnicalEvent.Subject,
        _ endpoint: String,
        _ sender: Sender?
    ) -> Int {
        indices[subject] = rows.count
        rows.append(Row(endpoint: endpoint, sender: sender, counter: TechnicalCounter(subject)))
        return rows.count - 1
    }

    /// What has been counted for 10 s and was not told, in the order in which the senders first came.
    mutating func flush(at arrival: Arrival, isFinal: Bool = false) -> [Event] {
        var events: [Event] = []
        for index in rows.indices { events += rows[index].counter.flush(at: arrival, isFinal: isFinal) }
        return events
    }

    /// The senders that were refused, in the order in which they first came.
    var senders: [RefusedSender] {
        rows.map { RefusedSender(endpoint: $0.endpoint, sender: $0.sender, codes: $0.codes) }
    }
}

/// What STATUS says of one sender whose chunks were refused.
public struct RefusedSender: Sendable, Equatable {
    /// One code's count.
    public struct Code: Sendable, Equatable {
        /// The word of the protocol's table.
        public let code: TechnicalEvent.Code
        /// Chunks refused with it since the start.
        public internal(set) var count: Int
        /// What the newest of them was refused for.
        public internal(set) var detail: String
    }

    /// Where the chunks came in.
    public let endpoint: String
    /// Patient and device of the topic; nil for all chunks of the endpoint whose topic could not be read.
    public let sender: Sender?
    /// In the order in which they first came.
    public let codes: [Code]
}
