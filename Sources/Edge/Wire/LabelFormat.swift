public import Findings

/// The statements of the catalogue as LABELS tells them.
public enum LabelFormat {
    /// One object a statement, in the catalogue's order: id, both languages, evidence, needed leads and use.
    ///
    /// `ranked` are the ids of the statements that the model ranks.
    public static func entries(of catalogue: Catalogue, ranked: some Sequence<String>) -> [JSONObject] {
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
                "use": .string(use),
            ]
        }
    }
}
