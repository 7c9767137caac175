/// Which statements of a ranking a person is told; machines always get all ten.
public import Findings

/// Divides a ranking into what is found, what comes near, and what a more special statement replaces.
///
/// The rules are those of the label catalogue: a statement is found where it reaches its threshold; the special
/// statement is told instead of the general one; `normal` is never told beside a finding of severity 1 or more.
/// A statement that this catalogue does not know has no ancestors and counts as severe.
public struct StatementsForPeople: Sendable {
    /// The probability from which a statement counts as found where the model states no threshold for it.
    public static let standardThreshold = 0.5

    private let catalogue: Catalogue
    private let thresholds: [String: Double]

    /// What a person is told of one ranking: offsets into it, in each list the most probable first.
    public struct Selection: Sendable, Equatable {
        /// The statements that reach their threshold.
        public var found: [Int] = []
        /// The statements below their threshold, and those that have no probability, which stand last.
        public var near: [Int] = []
        /// The statements that are not told: general ones beside a special one, and `normal` beside a finding.
        public var leftOut: [Int] = []
    }

    /// Takes the thresholds of a model, by statement id.
    public init(catalogue: Catalogue, thresholds: [String: Double] = [:]) {
        self.catalogue = catalogue
        self.thresholds = thresholds
    }

    /// The probability from which the statement counts as found.
    public func threshold(of id: String) -> Double {
        thresholds[id] ?? StatementsForPeople.standardThreshold
    }

    /// Divides the statements of one ranking; equal probabilities keep the ranking's order.
    ///
    /// A found statement is left out where a found descendant of it is more probable or has half its probability or
    /// more, so that a descendant that is not told never hides it. A statement below its threshold is left out where
    /// a descendant is found, or is below the threshold too and is more probable or has half its probability or more.
    /// Statements without a probability follow all others in the ranking's order, which is that of similarity, and a
    /// descendant hides them where it stands above them.
    public func select(_ ranking: [(id: String, probability: Double?)]) -> Selection {
        let isFound = ranking.map { entry in
            entry.probability.map { $0 >= threshold(of: entry.id) } ?? false
        }
        let isAbnormal = ranking.indices.contains { isFound[$0] && severity(of: ranking[$0].id) >= 1 }
        return divide(ranking, isFound: isFound, leavingOut: isAbnormal ? "normal" : nil)
    }

    /// Divides statements of which it is known whether each was found, as `select` does; one id may be left out in any case.
    public func divide(
        _ ranking: [(id: String, probability: Double?)],
        isFound: [Bool],
        leavingOut absent: String? = nil
    ) -> Selection {
        let order = ranking.indices.sorted { left, right in
            let (first, second) = (ranking[left].probability ?? -1, ranking[right].probability ?? -1)
            return first == second ? left < right : first > second
        }
        let ancestors = ranking.map { catalogue.ancestors(of: $0.id) }
        var selection = Selection()
        for (place, entry) in order.enumerated() {
            let isReplaced = order.enumerated().contains { otherPlace, other in
                guard ancestors[other].contains(ranking[entry].id) else { return false }
                guard isFound[other] == isFound[entry] else { return isFound[other] }
                guard let own = ranking[entry].probability, let others = ranking[other].probability else {
                    return otherPlace < place
                }
                return otherPlace < place || others >= own / 2
            }
            if isReplaced || ranking[entry].id == absent {
                selection.leftOut.append(entry)
            } else if isFound[entry] {
                selection.found.append(entry)
            } else {
                selection.near.append(entry)
            }
        }
        return selection
    }

    private func severity(of id: String) -> Int {
        catalogue.index(of: id).map { catalogue.statements[$0].severity } ?? 1
    }
}
