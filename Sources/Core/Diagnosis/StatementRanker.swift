/// From an embedding to the statements it is most like: ranked, or withheld with the reason.
public import ECGSignal
public import Findings

/// What the ranker found in one window.
public struct Ranking: Sendable, Equatable {
    /// The ranked statements, at most ten, the most similar first; equal ones keep the catalogue's order.
    public let top: [RankedStatement]
    /// The statements that the used leads do not allow, in the catalogue's order.
    public let withheld: [WithheldStatement]
    /// The leads for which the probabilities were fitted; nil where there were none to fit, or none of the fitted sets
    /// is among the used leads.
    public let fitted: FittedLeads?
}

/// Ranks the statements that the model was validated for and no rule owns.
public struct StatementRanker: Sendable {
    /// The most statements that `top` holds.
    public static let topCount = 10

    /// The catalogue that the statements come from.
    public let catalogue: Catalogue
    /// The sentences of the statements, as points that ECGs are compared with.
    public let bank: LabelBank
    /// The greatest scale and bias of a model; trained ones have about 12 and -4.
    private static let scaleMax = 1_000.0

    /// Turns similarities into probabilities.
    public let model: SimilarityModel
    /// The statements that may be ranked, in the catalogue's order.
    private let candidates: [Candidate]

    private struct Candidate: Sendable {
        let index: Int
        let statement: Statement
    }

    /// Checks model and bank against the catalogue.
    public init(catalogue: Catalogue, bank: LabelBank, model: SimilarityModel) throws(DiagnosisError) {
        // Beyond these bounds every probability is none or whole, whatever the ECG shows.
        guard model.scale > 0, model.scale <= StatementRanker.scaleMax else {
            throw DiagnosisError(
                "similarity_scale",
                "\(model.scale) is not a number above 0 and at most \(Int(StatementRanker.scaleMax))"
            )
        }
        guard abs(model.bias) <= StatementRanker.scaleMax else {
            throw DiagnosisError(
                "similarity_bias",
                "\(model.bias) is not a number of at most \(Int(StatementRanker.scaleMax)) either way"
            )
        }
        guard !model.ranked.isEmpty else {
            throw DiagnosisError("ranked", "no statement; name those that the model was validated for")
        }
        var isRanked = [Bool](repeating: false, count: catalogue.statements.count)
        for id in model.ranked {
            guard let index = catalogue.index(of: id) else {
                throw DiagnosisError(
                    "ranked",
                    "\"\(id)\" is not in the catalogue; take it out or add its row"
                )
            }
            guard !isRanked[index] else { throw DiagnosisError("ranked", "\"\(id)\" stands there twice") }
            guard bank.contains(statement: index) else {
                throw DiagnosisError("ranked", "\"\(id)\" has no row in the label bank; build the bank anew")
            }
            isRanked[index] = true
        }
        try StatementRanker.checkOptions(of: model, catalogue: catalogue)
        self.catalogue = catalogue
        self.bank = bank
        self.model = model
        candidates = catalogue.statements.enumerated().compactMap { index, statement in
            guard isRanked[index], statement.evidence != .rule else { return nil }
            return Candidate(index: index, statement: statement)
        }
    }

    /// Ranks the statements of one window by similarity, which calibration never reorders; a statement stands in one
    /// of the two lists only.
    ///
    /// `isPlaced` is false where the one used lead has no standard position: statements that need a certain lead are
    /// withheld then.
    public func rank(_ embedding: Embedding, usedLeads: LeadSet, isPlaced: Bool = true) -> Ranking {
        precondition(embedding.values.count == Embedding.dimensions, "an embedding has 256 numbers")
        // Places among the candidates, most similar first: statements are heavy, and only ten of them are wanted.
        var found: [(place: Int, similarity: Double)] = []
        found.reserveCapacity(StatementRanker.topCount + 1)
        var withheld: [WithheldStatement] = []
        for place in candidates.indices {
            let needs = candidates[place].statement.minimumLeads
            guard isPlaced ? needs.isMet(by: usedLeads) : needs.isMetByAnyLead else {
                withheld.append(
                    WithheldStatement(statement: candidates[place].statement, reason: .leadsMissing)
                )
                continue
            }
            // `init` made sure that the bank has every candidate.
            let similarity = bank.similarity(of: embedding, toStatement: candidates[place].index) ?? -1
            // Behind all that are as similar: candidates come in catalogue order, which decides among equals.
            let rank = found.firstIndex { $0.similarity < similarity } ?? found.count
            guard rank < StatementRanker.topCount else { continue }
            found.insert((place, similarity), at: rank)
            if found.count > StatementRanker.topCount { found.removeLast() }
        }
        let fitted = model.fittedLeads(for: usedLeads)
        let top = found.map { found in
            let statement = candidates[found.place].statement
            return RankedStatement(
                statement: statement,
                similarity: found.similarity,
                probability: model.probability(of: statement.id, at: found.similarity, fitted: fitted)
            )
        }
        return Ranking(top: top, withheld: withheld, fitted: fitted)
    }

    /// Catalogue rows that may be ranked, ascending.
    public var rankedRows: [Int] { candidates.map(\.index) }

    /// The probability from which the statement counts as found.
    public func threshold(of id: String) -> Double {
        model.thresholds[id] ?? StatementsForPeople.standardThreshold
    }

    /// The ids of the statements that may be ranked.
    public var rankedIDs: Set<String> { Set(candidates.map(\.statement.id)) }

    private static func checkOptions(of model: SimilarityModel, catalogue: Catalogue) throws(DiagnosisError) {
        for fitted in FittedLeads.allCases {
            let part = "calibrations.\(fitted.rawValue)"
            for (id, value) in (model.calibrations[fitted] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard catalogue.index(of: id) != nil else {
                    throw DiagnosisError(part, "\"\(id)\" is not in the catalogue; take it out")
                }
                guard value.scale.isFinite, value.scale > 0, value.offset.isFinite else {
                    throw DiagnosisError(
                        part,
                        "\"\(id)\" has scale \(value.scale), offset \(value.offset); the scale is above 0"
                    )
                }
            }
        }
        for (id, value) in model.thresholds.sorted(by: { $0.key < $1.key }) {
            guard catalogue.index(of: id) != nil else {
                throw DiagnosisError("thresholds", "\"\(id)\" is not in the catalogue; take it out")
            }
            guard (0...1).contains(value) else {
                throw DiagnosisError("thresholds", "\"\(id)\" has \(value), which is no probability")
            }
        }
    }
}
