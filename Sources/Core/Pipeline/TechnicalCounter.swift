public import ECGSignal
public import Findings

/// Reports counted codes without flooding: the first at once, and what follows every 10 s with its count.
///
/// Each decision rests on a logged entry, whose clock comes in as a value, so the same log gives the same events.
public struct TechnicalCounter: Sendable, Codable {
    /// How long counts are gathered, nanoseconds.
    public static let interval: MonotonicNanoseconds = 10_000_000_000

    private struct Entry: Sendable, Codable {
        let code: TechnicalEvent.Code
        var ordinal = 0
        var pending = 0
        var firstSample: GridIndex?
        var detail = ""
        var lastReported: MonotonicNanoseconds = 0
    }

    private let subject: TechnicalEvent.Subject
    private var entries: [Entry] = []

    /// A counter of one stream or endpoint.
    public init(_ subject: TechnicalEvent.Subject) { self.subject = subject }

    /// Counts `number` chunks and returns the event to publish, if it is time for one.
    ///
    /// An event names the first sample of the first chunk that it counts and the detail of the newest.
    public mutating func count(
        _ code: TechnicalEvent.Code,
        _ number: Int = 1,
        firstSample: GridIndex?,
        detail: String,
        at arrival: Arrival
    ) -> Event? {
        let index = self.index(of: code)
        if entries[index].pending == 0 { entries[index].firstSample = firstSample }
        entries[index].detail = detail
        // A count stays what a JSON reader holds exactly, whatever the numbers of chunks do.
        entries[index].pending = min(entries[index].pending + number, 1 << 53 - 1)
        let isDue =
            entries[index].ordinal == 0
            || arrival.monotonic - entries[index].lastReported >= TechnicalCounter.interval
        return isDue ? takeCounted(index, at: arrival) : nil
    }

    /// Reports a one-off fact, or the start or end of a state, at once; events are numbered within their code.
    public mutating func report(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase,
        priority: TechnicalEvent.Priority,
        firstSample: GridIndex?,
        detail: String,
        at arrival: Arrival
    ) -> Event {
        let index = self.index(of: code)
        entries[index].ordinal += 1
        return Event(
            .technical(
                TechnicalEvent(
                    subject: subject,
                    code: code,
                    phase: phase,
                    priority: priority,
                    firstSample: firstSample,
                    count: 1,
                    ordinal: entries[index].ordinal,
                    detail: detail
                )
            ),
            time: arrival.utc
        )
    }

    /// Returns the events of what has been gathered for 10 s, in the order in which the codes first came; of all that
    /// was gathered where `isFinal`.
    public mutating func flush(at arrival: Arrival, isFinal: Bool = false) -> [Event] {
        entries.indices.compactMap { index in
            guard entries[index].pending > 0,
                isFinal || arrival.monotonic - entries[index].lastReported >= TechnicalCounter.interval
            else { return nil }
            return takeCounted(index, at: arrival)
        }
    }

    private mutating func index(of code: TechnicalEvent.Code) -> Int {
        if let index = entries.firstIndex(where: { $0.code == code }) { return index }
        entries.append(Entry(code: code))
        return entries.count - 1
    }

    private mutating func takeCounted(_ index: Int, at arrival: Arrival) -> Event {
        entries[index].ordinal += 1
        let entry = entries[index]
        entries[index].pending = 0
        entries[index].lastReported = arrival.monotonic
        return Event(
            .technical(
                TechnicalEvent(
                    subject: subject,
                    code: entry.code,
                    phase: entry.ordinal == 1 ? .start : .update,
                    priority: entry.code == .patientChanged ? .high : .low,
                    firstSample: entry.firstSample,
                    count: entry.pending,
                    ordinal: entry.ordinal,
                    detail: entry.detail
                )
            ),
            time: arrival.utc
        )
    }
}
