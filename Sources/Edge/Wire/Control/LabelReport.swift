public import Findings

/// The reply to LABELS: the statements of the catalogue with their use, and what nothing looks for.
public enum LabelReport {
    /// What a statement is to the model.
    public enum Use: String, Sendable, CaseIterable {
        /// The model ranks it.
        case ranked
        /// A rule finds it and not the model.
        case rule
        /// The catalogue knows it, and nothing looks for it.
        case unvalidated
    }

    /// One statement as the reply tells of it.
    public struct Entry: Sendable, Equatable {
        /// The statement's id.
        public let id: String
        /// Its English name.
        public let english: String
        /// Its Japanese name.
        public let japanese: String
        /// The probability from which it counts as found; nil where the model does not rank it.
        public let threshold: Double?
        /// What it is to the model, as the reply has it.
        public let use: String

        /// Reads an entry; a text that is missing is `?`.
        public init(_ object: JSONObject) {
            id = object["id"]?.text ?? "?"
            english = object["en"]?.text ?? "?"
            japanese = object["ja"]?.text ?? "?"
            threshold = object["threshold"]?.real
            use = object["use"]?.text ?? "?"
        }
    }

    /// The name of the list in the reply.
    public static let list = "labels"

    /// One object a statement, in the catalogue's order: id, both languages, evidence, needed leads, threshold and use.
    ///
    /// `ranked` are the ids of the statements that the model ranks, `threshold` the probability from which each of them
    /// counts as found; `ruled` are those that rules find.
    public static func entries(
        of catalogue: Catalogue,
        ranked: Set<String>,
        ruled: [String],
        threshold: (_ id: String) -> Double
    ) -> [JSONObject] {
        catalogue.statements.map { statement in
            let use: Use =
                ranked.contains(statement.id)
                ? .ranked : ruled.contains(statement.id) ? .rule : .unvalidated
            return [
                "id": .string(statement.id), "en": .string(statement.english),
                "ja": .string(statement.japanese),
                "evidence": .string(statement.evidence.rawValue),
                "needs": .string(statement.minimumLeads.text),
                "threshold": use == .ranked ? .number(threshold(statement.id)) : .null,
                "use": .string(use.rawValue),
            ]
        }
    }

    /// Writes the page of `entries` that begins at entry `from`, and what nothing looks for.
    public static func object(
        _ entries: [JSONObject],
        from: Int,
        notLookedFor: (count: Int, sentence: String?)
    ) -> JSONObject {
        ControlReply.page(of: entries, from: from, as: list) { $0 }.with([
            "notice": .string(ServiceFacts.notice),
            "not_looked_for": .object([
                "count": .integer(Int64(notLookedFor.count)),
                "sentence": .stringOrNull(notLookedFor.sentence),
            ]),
        ])
    }

    /// The sentence of a reply on what is looked for and what is not; nil where it has none.
    public static func sentenceOnWhatIsNotLookedFor(in reply: ControlReply) -> String? {
        reply.object["not_looked_for"]?.object?["sentence"]?.text
    }
}
