internal import ECGSignal
internal import Quality
internal import Rhythm

/// Joins the two reasons for which nothing can be analysed into one finding: no lead has a sample that could show a heart,
/// as the signal tells, or what is found in the leads resembles no beats, as the rhythm lane does.
struct Analysability: Sendable, Codable {
    private var isDead = false
    private var isDistrusted = false

    /// Appends to `changes` what rows have told of the signal, in the order of stream time, with the joined finding in place
    /// of the signal's own.
    mutating func join(
        _ signal: [SignalChange],
        _ trust: ArraySlice<TrustChange>,
        into changes: inout [SignalChange]
    ) {
        var next = trust.startIndex
        for change in signal {
            while next < trust.endIndex, trust[next].at < change.at {
                take(trust[next], &changes)
                next += 1
            }
            guard change.finding == .unanalysable else {
                changes.append(change)
                continue
            }
            isDead = change.isOn
            if !isDistrusted { changes.append(change) }
        }
        for change in trust[next...] { take(change, &changes) }
    }

    private mutating func take(_ change: TrustChange, _ changes: inout [SignalChange]) {
        isDistrusted = !change.isTrusted
        guard !isDead else { return }
        changes.append(
            SignalChange(
                finding: .unanalysable,
                isOn: isDistrusted,
                at: change.at,
                since: change.at,
                leads: LeadSet()
            )
        )
    }
}
