/// What a person's surface leaves out of a ranking; machines always get all ten.
internal import ECGSignal
public import Findings

/// Leaves out of `top` the general findings that a special one replaces, and `normal` beside an abnormal one.
///
/// An ancestor is left out where a descendant of it stands above it in `top` or has half its probability
/// or more. `normal` is left out where a statement of severity 1 or more reaches its threshold, 0.5 where
/// `thresholds` (by statement id) has none. Both look at all of `top`, so the order of leaving out does
/// not matter.
public func statementsForPeople(
    _ top: [RankedStatement],
    catalogue: Catalogue,
    thresholds: [String: Double] = [:]
) -> [RankedStatement] {
    let ancestors = top.map { catalogue.ancestors(of: $0.statement.id) }
    let isAbnormal = top.contains { entry in
        entry.statement.severity >= 1 && entry.probability >= thresholds[entry.statement.id] ?? 0.5
    }
    return top.enumerated().filter { place, entry in
        if entry.statement.id == "normal", isAbnormal { return false }
        return !top.indices.contains { other in
            ancestors[other].contains(entry.statement.id)
                && (other < place || top[other].probability >= entry.probability / 2)
        }
    }.map(\.element)
}
