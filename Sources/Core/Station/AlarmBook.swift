internal import ECGSignal
internal import Findings
internal import Policy

/// The alarm policies of one worker's patients, one for each patient and device.
///
/// A policy outlives the epochs of its device and their closes, so an alarm that stands when a stream ends still stands in
/// the next one. As many senders are remembered as there is room for; of those without a standing alarm the one that
/// was heard least lately is forgotten first, and where all have one, the alarms of the forgotten end as `discharged`.
struct AlarmBook {
    /// Senders that are remembered; as many as streams may be open at once, and half of that again.
    static let sendersMax = 1_500

    private struct Page {
        var policy = EventPolicy()
        /// Grows with each use of any page.
        var lastUse = 0
    }

    private var pages: [Sender: Page] = [:]
    private var uses = 0
    private var fresh: [AlarmEvent] = []

    /// A book without patients.
    init() {}

    /// How many senders are remembered.
    var count: Int { pages.count }

    /// The alarms that stand, the newest event of each.
    var standing: [AlarmEvent] { pages.values.flatMap(\.policy.standing) }

    /// Tells the policy of a stream's patient and device what was seen, and up to where the stream has been judged.
    ///
    /// - Returns: the events that follow; `frame` is what brought the samples.
    mutating func take(
        _ observations: [Observation],
        judgedTo moment: StreamMoment?,
        at frame: Arrival?
    ) -> [Event] {
        guard let moment else { return [] }
        fresh.removeAll(keepingCapacity: true)
        let page = self.page(of: Sender(of: moment.stream), at: moment)
        for observation in observations { pages.values[page].policy.take(observation, into: &fresh) }
        pages.values[page].policy.pass(to: moment, into: &fresh)
        return events(frame)
    }

    /// Quotes the model: the statements of a window that reach their thresholds.
    ///
    /// They never raise, time or end an alarm; where one of them agrees with an alarm, the policy says so.
    mutating func quote(
        _ diagnosis: WindowDiagnosis,
        of stream: StreamIdentity,
        threshold: (_ id: String) -> Double,
        at frame: Arrival?
    ) -> [Event] {
        let said = diagnosis.top.filter { ranked in
            ranked.probability.map { $0 >= threshold(ranked.statement.id) } ?? false
        }
        let end = StreamMoment(
            stream: stream,
            sample: diagnosis.firstSample + GridIndex(Grid.windowSamples),
            time: diagnosis.end
        )
        // A window makes no page, and is no use of one: which sender is forgotten must not depend on the encoder's pace.
        guard let page = pages.index(forKey: Sender(of: stream)) else { return [] }
        fresh.removeAll(keepingCapacity: true)
        let window = Observation(.window(said.map(\.statement.id)), at: end)
        pages.values[page].policy.take(window, into: &fresh)
        return events(frame)
    }

    /// A second has passed for that sender: pauses that are over end.
    mutating func pass(at arrival: Arrival, of sender: Sender) -> [Event] {
        guard let page = pages.index(forKey: sender) else { return [] }
        fresh.removeAll(keepingCapacity: true)
        pages.values[page].policy.pass(at: arrival, into: &fresh)
        return events(nil)
    }

    private func events(_ frame: Arrival?) -> [Event] {
        guard !fresh.isEmpty else { return [] }
        return fresh.map { Event(.alarm($0), time: $0.at.time, completedBy: frame) }
    }

    private mutating func page(of sender: Sender, at moment: StreamMoment) -> Dictionary<Sender, Page>.Index {
        uses += 1
        if let known = pages.index(forKey: sender) {
            pages.values[known].lastUse = uses
            return known
        }
        if pages.count >= AlarmBook.sendersMax { forgetOne(at: moment) }
        pages[sender] = Page(policy: EventPolicy(), lastUse: uses)
        guard let made = pages.index(forKey: sender) else { preconditionFailure("a page that was just made") }
        return made
    }

    /// Makes room; where an alarm stands for every sender, those of the one that is forgotten end, and it is said.
    private mutating func forgetOne(at moment: StreamMoment) {
        let silent = pages.filter { $0.value.policy.standing.isEmpty }
        guard let oldest = (silent.isEmpty ? pages : silent).min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return }
        var policy = oldest.value.policy
        policy.discharge(by: "shinden", at: Arrival(utc: moment.time, monotonic: 0), into: &fresh)
        pages[oldest.key] = nil
    }
}
