internal import ECGSignal
public import Findings

/// Which events the journal keeps: alarms, technical facts, what changed of the diagnoses, and one row of vital signs a
/// minute of each stream.
///
/// A diagnosis has changed where other statements reach their thresholds than in the stream's last one, where other leads
/// were used, or where the window is withheld for another reason. What it remembers of a stream goes when the stream closes.
public struct DurableChoice: Sendable {
    /// Streams that are remembered at most; beyond it all are forgotten, and the next event of each is kept.
    public static let streamsMax = 20_000
    /// Seconds of stream time from one row of vital signs to the next.
    public static let vitalsSeconds: Int64 = 60

    /// What the newest window said.
    private struct Said: Sendable, Equatable {
        let found: [String]
        let leads: [Lead]
        let withheld: WindowDiagnosis.WindowWithheld?
    }

    private let threshold: @Sendable (_ id: String) -> Double
    private var said: [StreamIdentity: Said] = [:]
    private var minutes: [StreamIdentity: Int64] = [:]

    /// A choice that has seen nothing; `threshold` is the probability from which a statement counts as found.
    public init(threshold: @escaping @Sendable (_ id: String) -> Double) { self.threshold = threshold }

    /// Whether the journal keeps `event`; events come in the order in which they are published.
    public mutating func keeps(_ event: Event) -> Bool {
        switch event.content {
        case .alarm: return true
        case .technical(let fact):
            if fact.code == .streamClosed, let stream = event.stream { forget(stream) }
            return true
        case .diagnosis(let stream, let diagnosis): return hasChanged(diagnosis, of: stream)
        case .vitals(let stream, let signs):
            let minute = signs.second / DurableChoice.vitalsSeconds
            guard minutes[stream] != minute else { return false }
            if minutes.count >= DurableChoice.streamsMax { minutes.removeAll() }
            minutes[stream] = minute
            return true
        }
    }

    private mutating func hasChanged(_ diagnosis: WindowDiagnosis, of stream: StreamIdentity) -> Bool {
        let found = diagnosis.top.filter { ranked in
            ranked.probability.map { $0 >= threshold(ranked.statement.id) } ?? false
        }
        let now = Said(
            found: found.map(\.statement.id).sorted(),
            leads: diagnosis.usedLeads,
            withheld: diagnosis.windowWithheld
        )
        guard said[stream] != now else { return false }
        if said.count >= DurableChoice.streamsMax { said.removeAll() }
        said[stream] = now
        return true
    }

    /// Whether nothing is remembered of any stream.
    var isEmpty: Bool { said.isEmpty && minutes.isEmpty }

    private mutating func forget(_ stream: StreamIdentity) {
        said[stream] = nil
        minutes[stream] = nil
    }
}
