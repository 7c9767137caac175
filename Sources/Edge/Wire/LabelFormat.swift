public import Findings

/// The statements of the catalogue as LABELS tells them.
public enum LabelFormat {
    /// One object a statement, in the catalogue's order: id, both languages, evidence, needed leads, threshold and use.
    ///
    /// `ranked` are the ids of the statements that the model ranks, `threshold` the probability from which each of them
    /// counts as found.
    public static func entries(
        of catalogue: Catalogue,
        ranked: some Sequence<String>,
        threshold: (_ id: String) -> Double
    ) -> [JSONObject] {
        let ranked = Set(ranked)
        return catalogue.statements.map { statement in
            let use =
                statement.evidence == .rule
                ? "rule" : ranked.contains(statement.id) ? "ranked" : "unvalidated"
            return [
                "id": .string(statement.id), "en": .string(statement.english),
                "ja": .string(statement.japanese),
                "evidence": .string(statement.evidence.rawValue),
                "needs": .string(statement.minimumLeads.text),
                "threshold": use == "ranked" ? .number(threshold(statement.id)) : .null,
                "use": .string(use),
            ]
        }
    }
}
