/// What can never be said, in a sentence for everyone who reads what is said.
public import Findings

/// The statements of the catalogue that neither the model ranks nor a rule looks for.
///
/// A reader who sees no ventricular fibrillation on the list must know that nobody looked for it.
public struct StatementsNotLookedFor: Sendable, Equatable {
    /// The statements that the sentence names, the most dangerous first; at most four.
    public let named: [Statement]
    /// How many more there are.
    public let others: Int

    /// The statements that a reader would most expect a monitor to call, and that are therefore named first.
    private static let expected = [
        "ventricular_fibrillation", "ventricular_tachycardia", "asystole", "third_degree_av_block",
    ]

    /// What remains of the catalogue without the statements of those ids.
    public init(catalogue: Catalogue, lookedFor: Set<String>) {
        let missing = catalogue.statements.filter { !lookedFor.contains($0.id) }
        let expected = StatementsNotLookedFor.expected.compactMap { id in missing.first { $0.id == id } }
        let rest = missing.filter { statement in !expected.contains { $0.id == statement.id } }
        // `sorted` is stable, so statements of one severity keep the catalogue's order.
        let bySeverity = rest.sorted { $0.severity > $1.severity }
        named = Array((expected + bySeverity).prefix(StatementsNotLookedFor.expected.count))
        others = missing.count - named.count
    }

    /// How many statements are not looked for.
    public var count: Int { named.count + others }

    /// One sentence that says so; nil where every statement of the catalogue is looked for.
    public var sentence: String? {
        guard !named.isEmpty else { return nil }
        var words = named.map(\.english)
        if others > 0 { words.append("\(others) other statement\(others == 1 ? "" : "s") of the catalogue") }
        let list =
            words.count == 1
            ? words[0] : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
        return "\(list) \(count == 1 ? "is" : "are") not looked for; "
            + "that none of them is printed says nothing about the heart."
    }
}
