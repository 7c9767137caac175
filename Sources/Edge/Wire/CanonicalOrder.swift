internal import ECGSignal
public import Findings

extension EventFormat {
    /// The canonical events, one JSON text each: streams by name, each in (window end or sample, kind, id) order.
    ///
    /// Events of an endpoint come first, because they have no stream whose name could order them.
    public static func inCanonicalOrder(_ events: [Event]) -> [String] {
        events.map(OrderedEvent.init).sorted().map(\.text)
    }
}

/// One stream's events put into canonical order while they come.
///
/// An event is held back for a minute of stream time, far longer than the daemon takes to say anything about a sample
/// (a gap is reported 10 s after it began, repeats are gathered for 10 s), so that a recording of hours needs no list
/// of all its events.
public struct CanonicalSequence {
    /// For how many grid samples an event is held back: 60 s.
    private static let heldSamples = 60 * Grid.rate

    private var held: [OrderedEvent] = []
    private var newest: GridIndex = 0

    /// Makes a sequence without events.
    public init() {}

    /// Takes events as they come, and returns the canonical events that none to come can precede.
    public mutating func take(_ events: [Event]) -> [String] {
        guard !events.isEmpty else { return [] }
        held += events.map(OrderedEvent.init)
        held.sort()
        newest = max(newest, held.reduce(0) { max($0, $1.sample) })
        let ready = held.prefix { $0.sample <= newest - CanonicalSequence.heldSamples }
        held.removeFirst(ready.count)
        return ready.map(\.text)
    }

    /// Returns what is still held back, after the last event.
    public mutating func finish() -> [String] {
        defer { held = [] }
        return held.map(\.text)
    }
}

/// An event's text and what it is ordered by.
private struct OrderedEvent: Comparable {
    let stream: String
    let sample: GridIndex
    let kind: String
    let id: String
    let text: String

    init(_ event: Event) {
        stream = event.stream?.name ?? ""
        sample = event.orderingSample
        kind = EventFormat.kind(of: event).rawValue
        id = EventFormat.id(of: event.key)
        text = String(decoding: EventFormat.canonical(event), as: UTF8.self)
    }

    static func < (left: OrderedEvent, right: OrderedEvent) -> Bool {
        (left.stream, left.sample, left.kind, left.id) < (right.stream, right.sample, right.kind, right.id)
    }
}
