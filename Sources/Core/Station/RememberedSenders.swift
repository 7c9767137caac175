internal import ECGSignal
internal import Findings
internal import Pipeline

/// Patients and devices that are known from before a restart, whether a stream of theirs came since or not.
struct RememberedSenders: Sendable {
    /// What facts about them name in an endpoint's place.
    static let place = "state"

    private var counters: [Sender: TechnicalCounter] = [:]
    private let countMax: Int

    /// Nobody is known, where so many streams may be open at once.
    init(streamsMax: Int) { countMax = AlarmBook.sendersMax(streamsMax) }

    /// All of them, in no order.
    var senders: some Collection<Sender> { counters.keys }

    /// Learns of one more, while there are fewer than the alarms of whom are kept.
    mutating func insert(_ sender: Sender?) {
        guard let sender, counters.count < countMax, counters[sender] == nil else { return }
        counters[sender] = TechnicalCounter(.sender(sender, endpoint: RememberedSenders.place))
    }

    /// Forgets one who was discharged; a stream of theirs that comes later tells of them by itself.
    mutating func remove(_ sender: Sender) { counters[sender] = nil }

    /// What is told of one who is in another ward now.
    mutating func move(_ sender: Sender, _ detail: String, at arrival: Arrival) -> Event? {
        counters[sender]?.report(
            .patientMoved,
            .timePoint,
            priority: .info,
            firstSample: nil,
            detail: detail,
            at: arrival
        )
    }
}
