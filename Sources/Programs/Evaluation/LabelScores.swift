/// The figures of each statement, and their means.
internal import DataSets
internal import Diagnosis
internal import Findings
internal import Metrics

/// Everything that figures are computed from.
struct Evidence {
    let judged: Judged
    let table: ScoreTable
    let ranker: StatementRanker
    let resamples: Resamples
    let casesMin: Int

    var catalogue: Catalogue { judged.catalogue }

    /// Statements with a case and a recording without, and a sentence.
    var scorable: [Int] {
        catalogue.statements.indices.filter { row in
            let truths = judged.truths(of: row)
            return ranker.bank.contains(statement: row) && truths.contains(true) && truths.contains(false)
        }
    }

    /// Those of them with enough cases for a macro figure.
    var counted: [Int] {
        scorable.filter { row in judged.truths(of: row).reduce(0) { $0 + ($1 == true ? 1 : 0) } >= casesMin }
    }

    /// Rows that the model ranks, in catalogue order.
    var ranked: [Int] { ranker.rankedRows }

    /// The mean of the areas of those statements over the recordings that `isTaken` lets through.
    func macroArea(
        _ statements: [Int],
        where isTaken: (LabelledRecording) -> Bool = { _ in true }
    ) -> ByBank {
        ByBank { bank in
            Resamples.mean(
                statements.compactMap {
                    judged.cases(of: $0, table, by: bank, where: isTaken).areaUnderCurve
                }
            )
        }
    }

    /// The interval of that mean by one bank.
    func macroInterval(_ statements: [Int], by bank: Bank) -> Interval? {
        resamples.intervalOfMeanArea(statements.map { judged.cases(of: $0, table, by: bank) })
    }
}

extension Evidence {
    /// The figures of one statement; `rankings` are those of all ranked statements by both banks.
    func figures(of row: Int, rankings: [RankedLabels]) -> LabelFigures {
        let statement = catalogue.statements[row]
        let truths = judged.truths(of: row)
        let both = judged.cases(of: row, table, by: .both)
        let probabilities = table.probability.map { $0[row] }
        let pairs = truths.indices.compactMap { index in
            truths[index].map { (probability: probabilities[index], isTrue: $0) }
        }
        let threshold = ranker.threshold(of: statement.id)
        let decision = ScoredCases(scores: probabilities, truths: truths)
            .decision(scores: probabilities, threshold: threshold)
        let places = placesOfCases(row, truths, rankings)
        return LabelFigures(
            statement: statement,
            isRanked: ranked.contains(row),
            cases: both.positiveCount,
            negatives: both.negativeCount,
            area: ByBank { judged.cases(of: row, table, by: $0).areaUnderCurve },
            interval: resamples.intervalOfMeanArea([both]),
            averagePrecision: both.averagePrecision,
            brier: ProbabilityFigures.brier(pairs),
            brierSkill: ProbabilityFigures.brierSkill(pairs),
            top1: places?.top1,
            top5: places?.top5,
            ceiling1: places?.ceiling1,
            ceiling5: places?.ceiling5,
            threshold: threshold,
            sensitivity: decision.sensitivity,
            precision: decision.precision
        )
    }

    /// In which share of its cases a statement stands first, and among the first five.
    private func placesOfCases(
        _ row: Int,
        _ truths: [Bool?],
        _ rankings: [RankedLabels]
    ) -> (top1: Double, top5: Double, ceiling1: Double?, ceiling5: Double?)? {
        let cases = truths.indices.filter { truths[$0] == true }
        guard let candidate = ranked.firstIndex(of: row), !cases.isEmpty else { return nil }
        func share(_ count: Int) -> Double {
            let hits = cases.reduce(0) { $0 + (rankings[$1].contains(candidate, in: count) ? 1 : 0) }
            return Double(hits) / Double(cases.count)
        }
        return (
            share(1), share(5),
            Resamples.mean(cases.compactMap { rankings[$0].ceiling(in: 1) }),
            Resamples.mean(cases.compactMap { rankings[$0].ceiling(in: 5) })
        )
    }

    /// The bins of all pairs of a recording and a ranked statement that its labels decide.
    func reliability() -> [ProbabilityFigures.Bin?] {
        ProbabilityFigures.reliability(
            judged.truths.indices.flatMap { recording in
                ranked.compactMap { row in
                    judged.truths[recording][row].map {
                        (probability: table.probability[recording][row], isTrue: $0)
                    }
                }
            }
        )
    }

    /// Macro AUROC by sex and by age, over the statements that have enough cases in the part.
    func strata() -> [StratumFigures] {
        let parts: [(String, (LabelledRecording) -> Bool)] = [
            ("male", { $0.sex == .male }), ("female", { $0.sex == .female }),
            ("age < 50", { $0.age.map { $0 < 50 } ?? false }),
            ("age 50-69", { $0.age.map { (50..<70).contains($0) } ?? false }),
            ("age >= 70", { $0.age.map { $0 >= 70 } ?? false }),
        ]
        return parts.compactMap { name, isTaken in
            let taken = judged.recordings.indices.filter { isTaken(judged.recordings[$0]) }
            guard !taken.isEmpty else { return nil }
            let labels = counted.filter { row in
                let cases = taken.reduce(0) { $0 + (judged.truths[$1][row] == true ? 1 : 0) }
                return cases >= casesMin
            }
            return StratumFigures(
                name: name,
                recordings: taken.count,
                labels: labels.count,
                macroArea: macroArea(labels, where: isTaken)
            )
        }
    }
}
