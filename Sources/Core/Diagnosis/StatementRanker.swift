/// From an embedding to the statements it is most like: ranked, or withheld with the reason.
public import ECGSignal
public import Findings
internal import Mathematics

/// What a window's embedding says.
public struct Ranking: Sendable, Equatable {
    /// At most ten, most similar first; ties in catalogue order.
    public let top: [RankedStatement]
    /// Ranked statements that the used leads do not allow, in catalogue order.
    public let withheld: [WithheldStatement]
}

/// Ranks the statements that the model was validated for and no rule owns.
public struct StatementRanker: Sendable {
    /// Statements that `top` holds at most.
    public static let topCount = 10

    /// Where the statements come from.
    public let catalogue: Catalogue
    /// The sentences.
    public let bank: LabelBank
    /// Similarity to probability.
    public let model: SimilarityModel
    /// Catalogue rows that may be ranked, ascending, with their calibration.
    private let candidates: [Candidate]

    private struct Candidate: Sendable {
        let index: Int
        let statement: Statement
        let calibration: SimilarityModel.Calibration
    }

    /// Checks model and bank against the catalogue.
    public init(catalogue: Catalogue, bank: LabelBank, model: SimilarityModel) throws(DiagnosisError) {
        guard model.scale.isFinite, model.scale > 0 else {
            throw DiagnosisError("similarity_scale", "\(model.scale) is not a number above 0")
        }
        guard model.bias.isFinite else {
            throw DiagnosisError("similarity_bias", "\(model.bias) is not a number")
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
            return Candidate(
                index: index,
                statement: statement,
                calibration: model.calibration[statement.id] ?? .identity
            )
        }
    }

    /// Ranks one window by mean similarity; a statement is never in both lists, calibration never reorders.
    ///
    /// `isPlaced` is false where the one used lead has no standard position: statements that need a certain lead are
    /// withheld then.
    public func rank(_ embedding: Embedding, usedLeads: LeadSet, isPlaced: Bool = true) -> Ranking {
        precondition(embedding.values.count == Embedding.dimensions, "an embedding has 256 numbers")
        var found: [RankedStatement] = []
        var withheld: [WithheldStatement] = []
        for candidate in candidates {
            let needs = candidate.statement.minimumLeads
            guard isPlaced ? needs.isMet(by: usedLeads) : needs.isMetByAnyLead else {
                withheld.append(WithheldStatement(statement: candidate.statement, reason: .leadsMissing))
                continue
            }
            // `init` made sure that the bank has every candidate.
            let similarity = bank.similarity(of: embedding, toStatement: candidate.index) ?? -1
            let logOdds = model.scale * similarity + model.bias
            let calibrated = candidate.calibration.scale * logOdds + candidate.calibration.offset
            found.append(
                RankedStatement(
                    statement: candidate.statement,
                    similarity: similarity,
                    probability: ElementaryFunctions.sigmoid(calibrated)
                )
            )
        }
        // `sort` is stable, and `found` is in catalogue order.
        found.sort { $0.similarity > $1.similarity }
        return Ranking(top: Array(found.prefix(StatementRanker.topCount)), withheld: withheld)
    }

    /// Those of `top` that a person should see: the more special finding instead of the general one.
    public func forPeople(_ top: [RankedStatement]) -> [RankedStatement] {
        statementsForPeople(top, catalogue: catalogue, thresholds: model.thresholds)
    }

    private static func checkOptions(of model: SimilarityModel, catalogue: Catalogue) throws(DiagnosisError) {
        for (id, value) in model.calibration.sorted(by: { $0.key < $1.key }) {
            guard catalogue.index(of: id) != nil else {
                throw DiagnosisError("calibration", "\"\(id)\" is not in the catalogue; take it out")
            }
            guard value.scale.isFinite, value.scale > 0, value.offset.isFinite else {
                throw DiagnosisError(
                    "calibration",
                    "\"\(id)\" has scale \(value.scale), offset \(value.offset); the scale is above 0"
                )
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
