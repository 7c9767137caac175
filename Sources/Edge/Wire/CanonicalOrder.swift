internal import ECGSignal
public import Findings

extension EventFormat {
    /// The canonical events, one JSON text each: streams by name, each in (window end or sample, kind, id) order.
    ///
    /// Events of an endpoint come first, as streams have a name and they have none.
    public static func inCanonicalOrder(_ events: [Event]) -> [String] {
        let keyed = events.map { event in
            (
                stream: event.stream?.name ?? "", sample: event.orderingSample,
                kind: kind(of: event).rawValue,
                id: id(of: event.key), text: String(decoding: canonical(event), as: UTF8.self)
            )
        }
        return keyed.sorted {
            ($0.stream, $0.sample, $0.kind, $0.id) < ($1.stream, $1.sample, $1.kind, $1.id)
        }.map(\.text)
    }
}
