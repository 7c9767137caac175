internal import Delineation
public import Diagnosis
public import Findings
internal import Quality
internal import Rhythm

/// What rules look for beside the model, whichever model that is.
public enum RuleStatements {
    /// The ids of the statements that rules look for: rhythms first, then what is measured, then what is wrong with the
    /// signal.
    public static let ids =
        RhythmFinding.allCases.map(\.rawValue) + [LongQT.statement] + STChange.statements
        + SignalFinding.allCases.map(\.rawValue)

    /// One sentence that names them.
    ///
    /// They are looked for in the beats themselves and raise alarms; limits are for adults.
    public static func sentence(_ catalogue: Catalogue) -> String {
        let names = ids.compactMap { id in catalogue.index(of: id).map { catalogue.statements[$0].english } }
        return "Rules look for " + names.dropLast().joined(separator: ", ") + " and "
            + (names.last ?? "nothing else") + "; their limits are for adults."
    }

    /// What is left of the catalogue where only rules look.
    public static func notLookedFor(
        besides ranked: Set<String>,
        in catalogue: Catalogue
    ) -> StatementsNotLookedFor {
        StatementsNotLookedFor(catalogue: catalogue, lookedFor: ranked.union(ids))
    }
}

extension Model {
    /// The probability from which a ranked statement counts as found.
    public func threshold(of id: String) -> Double { ranker.threshold(of: id) }

    /// The statements of the catalogue that neither this model ranks nor a rule looks for.
    public var notLookedFor: StatementsNotLookedFor {
        RuleStatements.notLookedFor(besides: ranker.rankedIDs, in: ranker.catalogue)
    }

    /// What rules look for, and what nobody does: two sentences for those who read what is found.
    public var lookedForSentences: String {
        [RuleStatements.sentence(ranker.catalogue), notLookedFor.sentence].compactMap(\.self).joined(
            separator: " "
        )
    }
}
