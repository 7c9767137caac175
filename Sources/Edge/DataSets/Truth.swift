/// What the labels of one recording say about every statement of the catalogue.
public import Findings

/// What is known of one statement in one recording.
public enum Verdict: Sendable, Equatable {
    /// The labels do not name it. That is a negative only where the source can express the statement at all.
    case absent
    /// The labels name it or a more special finding; the weight is above 0 and at most 1.
    case positive(weight: Float)
    /// The labels leave it open; it counts neither way.
    case masked
}

/// The verdicts of one recording, one a catalogue row.
public struct Truth: Sendable, Equatable {
    /// `[statements]`, in catalogue order.
    public private(set) var verdicts: [Verdict]

    /// Nothing is named.
    public init(catalogue: Catalogue) {
        verdicts = [Verdict](repeating: .absent, count: catalogue.statements.count)
    }

    /// Whether the labels name the statement of that row or one below it.
    public func isPositive(_ row: Int) -> Bool {
        if case .positive = verdicts[row] { true } else { false }
    }

    /// Whether the labels leave the statement of that row open.
    public func isMasked(_ row: Int) -> Bool { verdicts[row] == .masked }

    /// The rows that are positive, ascending.
    public var positives: [Int] { verdicts.indices.filter(isPositive) }

    /// The rows that are left open, ascending.
    public var masked: [Int] { verdicts.indices.filter(isMasked) }

    /// The same labels for another source: rows that it cannot express are masked where they are not positive.
    public func masking(outside expressible: [Bool]) -> Truth {
        var copy = self
        for row in copy.verdicts.indices where !expressible[row] && !copy.isPositive(row) {
            copy.verdicts[row] = .masked
        }
        return copy
    }

    /// Names the statement of a row; the greater of two weights stays, and a name overrules a mask.
    mutating func add(_ row: Int, weight: Float = 1) {
        if case .positive(let known) = verdicts[row], known >= weight { return }
        verdicts[row] = .positive(weight: weight)
    }

    /// Leaves a row open unless it is named.
    mutating func mask(_ row: Int) {
        if !isPositive(row) { verdicts[row] = .masked }
    }

    /// Leaves a row open although it is named.
    mutating func withdraw(_ row: Int) { verdicts[row] = .masked }

    /// Makes every ancestor of a positive row positive, with the greatest weight of its descendants.
    mutating func closeOverParents(_ catalogue: Catalogue) {
        for (row, verdict) in verdicts.enumerated() {
            guard case .positive(let weight) = verdict else { continue }
            for id in catalogue.ancestors(of: catalogue.statements[row].id) {
                if let parent = catalogue.index(of: id) { add(parent, weight: weight) }
            }
        }
    }
}
