import Diagnosis
import ECGSignal
import Findings
import Mathematics
import TestSupport
import Testing

@Suite struct RankingTests {
    private let catalogue = Catalogue.shipped
    private static let width = Embedding.dimensions

    /// A bank whose statement n has the direction n of the space in both languages.
    private func axes(order ids: [String]? = nil) throws -> LabelBank {
        let ids = ids ?? catalogue.statements.map(\.id)
        var rows = [Float](repeating: 0, count: ids.count * Self.width)
        for (row, id) in ids.enumerated() {
            let index = try #require(catalogue.index(of: id))
            rows[row * Self.width + index] = 1
        }
        return try LabelBank(
            SentenceBank(ids: ids, english: rows, japanese: rows),
            catalogue: catalogue
        )
    }

    private func model(ranked: [String]) -> SimilarityModel {
        SimilarityModel(scale: 10, bias: -3, ranked: ranked)
    }

    private func everyID() -> [String] { catalogue.statements.map(\.id) }

    private func random(using generator: inout SeededGenerator) -> Embedding {
        Embedding(values: (0..<Self.width).map { _ in Float.random(in: -1...1, using: &generator) })
    }

    @Test(arguments: seeds(300))
    func `every ranked statement is either rankable or withheld, and top is the best ten`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let ranked = everyID().filter { _ in Bool.random(using: &generator) } + []
        guard !ranked.isEmpty else { return }
        let ranker = try StatementRanker(catalogue: catalogue, bank: axes(), model: model(ranked: ranked))
        let leads = LeadSet(rawValue: UInt16.random(in: 0..<4_096, using: &generator))
        let embedding = random(using: &generator)
        let ranking = ranker.rank(embedding, usedLeads: leads)
        let allowed = catalogue.statements.filter { ranked.contains($0.id) && $0.evidence != .rule }
        // The slow twin: the coordinate is the similarity.
        let best = allowed.filter { $0.minimumLeads.isMet(by: leads) }.sorted { left, right in
            let (l, r) = (catalogue.index(of: left.id) ?? 0, catalogue.index(of: right.id) ?? 0)
            return (-embedding.values[l], l) < (-embedding.values[r], r)
        }
        #expect(ranking.top.map(\.statement.id) == best.prefix(10).map(\.id), "seed \(seed)")
        #expect(
            ranking.withheld.map(\.statement.id)
                == allowed.filter { !$0.minimumLeads.isMet(by: leads) }.map(\.id),
            "seed \(seed)"
        )
        for entry in ranking.top {
            let index = try #require(catalogue.index(of: entry.statement.id))
            #expect(entry.similarity == Double(embedding.values[index]), "seed \(seed)")
            #expect(
                entry.probability == ElementaryFunctions.sigmoid(10 * entry.similarity - 3),
                "seed \(seed)"
            )
        }
    }

    @Test func `without a lead everything is withheld, with lead V1 what needs limb leads`() throws {
        let ranker = try StatementRanker(
            catalogue: catalogue,
            bank: axes(),
            model: model(ranked: ["sinus_rhythm", "atrial_fibrillation"])
        )
        let embedding = Embedding(values: [Float](repeating: 0.1, count: Self.width))
        let none = ranker.rank(embedding, usedLeads: [])
        #expect(none.top.isEmpty)
        #expect(none.withheld.map(\.statement.id) == ["sinus_rhythm", "atrial_fibrillation"])
        #expect(none.withheld.map(\.reason) == [.leadsMissing, .leadsMissing])
        let v1 = ranker.rank(embedding, usedLeads: LeadSet([.v1]))
        #expect(v1.top.map(\.statement.id) == ["atrial_fibrillation"])
        #expect(v1.withheld.map(\.statement.minimumLeads.text) == ["I|II"])
    }

    @Test func `a statement that a rule owns is neither ranked nor withheld`() throws {
        let owned = try #require(catalogue.statements.first { $0.evidence == .rule })
        let ranker = try StatementRanker(
            catalogue: catalogue,
            bank: axes(),
            model: model(ranked: [owned.id, "normal"])
        )
        let embedding = Embedding(values: [Float](repeating: 0.1, count: Self.width))
        let all = LeadSet(Lead.standard)
        #expect(ranker.rank(embedding, usedLeads: all).top.map(\.statement.id) == ["normal"])
        #expect(ranker.rank(embedding, usedLeads: []).withheld.map(\.statement.id) == ["normal"])
    }

    @Test(arguments: seeds(100))
    func `ties stand in catalogue order, whatever the bank's and the model's order`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let bank = try axes(order: everyID().shuffled(using: &generator))
        let ranker = try StatementRanker(
            catalogue: catalogue,
            bank: bank,
            model: model(ranked: everyID().shuffled(using: &generator))
        )
        let levels = (0..<Self.width).map { _ in Float(Int.random(in: 0...2, using: &generator)) / 4 }
        let top = ranker.rank(Embedding(values: levels), usedLeads: LeadSet(Lead.standard)).top
        #expect(top.count == 10)
        for (above, below) in zip(top, top.dropFirst()) {
            let (a, b) = (
                catalogue.index(of: above.statement.id) ?? 0, catalogue.index(of: below.statement.id) ?? 0
            )
            #expect((-above.similarity, a) < (-below.similarity, b), "seed \(seed)")
        }
    }

    @Test(arguments: seeds(100)) func `calibrations change probabilities and never the order`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var calibration: [String: SimilarityModel.Calibration] = [:]
        for id in everyID() where Bool.random(using: &generator) {
            calibration[id] = .init(
                scale: Double.random(in: 0.1...3, using: &generator),
                offset: Double.random(in: -3...3, using: &generator)
            )
        }
        let plain = try StatementRanker(catalogue: catalogue, bank: axes(), model: model(ranked: everyID()))
        let calibrated = try StatementRanker(
            catalogue: catalogue,
            bank: axes(),
            model: SimilarityModel(
                scale: 10,
                bias: -3,
                ranked: everyID(),
                calibrations: [.twelve: calibration]
            )
        )
        let embedding = random(using: &generator)
        let all = LeadSet(Lead.standard)
        let (before, after) = (
            plain.rank(embedding, usedLeads: all).top, calibrated.rank(embedding, usedLeads: all).top
        )
        #expect(before.map(\.statement.id) == after.map(\.statement.id), "seed \(seed)")
        for (raw, entry) in zip(before, after) {
            // A statement that was not fitted for these leads has no probability.
            let expected = calibration[entry.statement.id].map {
                ElementaryFunctions.sigmoid($0.scale * (10 * raw.similarity - 3) + $0.offset)
            }
            #expect(entry.probability == expected, "seed \(seed)")
        }
    }

    @Test(
        arguments: [
            ([.twelve, .limb, .leadI], Lead.standard, FittedLeads.twelve),
            ([.twelve, .limb, .leadI], Lead.standard.dropLast(), .limb),
            ([.limb, .leadI, .leadII], [.i, .v1], .leadI),
            ([.limb, .leadI, .leadII], [.i, .ii, .v5], .leadII),
            ([.leadI], [.i, .ii, .v5], .leadI), ([.twelve, .limb, .leadI], [.ii], nil),
            ([], Lead.standard, nil),
        ] as [([FittedLeads], [Lead], FittedLeads?)]
    )
    func `the largest fitted set among the used leads gives the probabilities, and none gives none`(
        fitted: [FittedLeads],
        used: [Lead],
        expected: FittedLeads?
    ) throws {
        var calibrations: [FittedLeads: [String: SimilarityModel.Calibration]] = [:]
        for (place, leads) in fitted.enumerated() {
            calibrations[leads] = ["atrial_fibrillation": .init(scale: 1, offset: Double(place))]
        }
        let ranker = try StatementRanker(
            catalogue: catalogue,
            bank: axes(),
            model: SimilarityModel(
                scale: 1,
                bias: 0,
                ranked: ["atrial_fibrillation"],
                calibrations: calibrations
            )
        )
        let embedding = Embedding(values: [Float](repeating: 0, count: Self.width))
        let ranking = ranker.rank(embedding, usedLeads: LeadSet(used))
        #expect(ranking.fitted == expected)
        let offset = expected.flatMap { fitted.firstIndex(of: $0) }.map(Double.init)
        #expect(
            ranking.top.map(\.probability) == [fitted.isEmpty ? 0.5 : offset.map(ElementaryFunctions.sigmoid)]
        )
    }

    @Test func `similarity is the mean of both languages`() throws {
        let ids = ["normal", "sinus_rhythm"]
        var english = [Float](repeating: 0, count: 2 * Self.width)
        var japanese = english
        english[0] = 1
        english[Self.width + 1] = 1
        japanese[2] = 1
        japanese[Self.width] = -1
        let bank = try LabelBank(
            SentenceBank(ids: ids, english: english, japanese: japanese),
            catalogue: catalogue
        )
        let embedding = Embedding(values: [0.5, 0.25, 0.125] + [Float](repeating: 0, count: Self.width - 3))
        let (normal, sinus) = (catalogue.index(of: "normal") ?? 0, catalogue.index(of: "sinus_rhythm") ?? 0)
        #expect(bank.similarity(of: embedding, toStatement: normal) == 0.3125)
        #expect(bank.similarity(of: embedding, toStatement: sinus) == -0.125)
        #expect(bank.similarity(of: embedding, toStatement: normal - 1) == nil)
    }

    @Test func `a bank or model that does not fit is refused with part and value`() throws {
        let unit: [Float] = [1] + [Float](repeating: 0, count: Self.width - 1)
        func refusal(_ ids: [String], _ rows: [Float]) -> String {
            do {
                _ = try LabelBank(
                    SentenceBank(ids: ids, english: rows, japanese: rows),
                    catalogue: catalogue
                )
                return ""
            } catch { return error.description }
        }
        #expect(refusal(["nonsense"], unit).hasPrefix("ids: \"nonsense\" is not in the catalogue"))
        #expect(refusal(["normal", "normal"], unit + unit) == "ids: \"normal\" stands there twice")
        #expect(refusal(["normal"], unit + unit).hasPrefix("bank.en: 512 numbers where 1 rows of 256"))
        #expect(refusal(["normal"], unit.map { $0 / 2 }).hasPrefix("bank.en: row 0 (normal) has length 0.5"))
        let bank = try LabelBank(
            SentenceBank(ids: ["normal"], english: unit, japanese: unit),
            catalogue: catalogue
        )
        let models: [(SimilarityModel, String)] = [
            (model(ranked: ["nonsense"]), "ranked: \"nonsense\" is not in the catalogue"),
            (model(ranked: ["normal", "normal"]), "ranked: \"normal\" stands there twice"),
            (model(ranked: ["sinus_rhythm"]), "ranked: \"sinus_rhythm\" has no row in the label bank"),
            (model(ranked: []), "ranked: no statement"),
            (SimilarityModel(scale: 0, bias: 0, ranked: ["normal"]), "similarity_scale: 0.0"),
            (SimilarityModel(scale: 1, bias: .nan, ranked: ["normal"]), "similarity_bias: nan"),
            (SimilarityModel(scale: 1e40, bias: 0, ranked: ["normal"]), "similarity_scale: 1e+40"),
            (SimilarityModel(scale: .nan, bias: 0, ranked: ["normal"]), "similarity_scale: nan"),
            (SimilarityModel(scale: 1, bias: -1_001, ranked: ["normal"]), "similarity_bias: -1001.0"),
            (
                SimilarityModel(
                    scale: 1,
                    bias: 0,
                    ranked: ["normal"],
                    calibrations: [.leadI: ["normal": .init(scale: 0, offset: 0)]]
                ),
                "calibrations.I: \"normal\" has scale 0.0"
            ),
            (
                SimilarityModel(scale: 1, bias: 0, ranked: ["normal"], thresholds: ["normal": 2]),
                "thresholds: \"normal\" has 2.0"
            ),
        ]
        for (model, words) in models {
            let refusal = #expect(throws: DiagnosisError.self) {
                try StatementRanker(catalogue: catalogue, bank: bank, model: model)
            }
            #expect(refusal?.description.hasPrefix(words) == true, "\(refusal?.description ?? "none")")
        }
    }
}
