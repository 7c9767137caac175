/// Figures of whole rankings: any-of, label ranking precision, languages, families, examples.
internal import DataSets
internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Metrics

extension Evidence {
    /// The rows that say little by themselves: nearly every recording has one of them.
    static let everyday = ["sinus_rhythm", "normal"]

    /// The ranked rows but sinus_rhythm and normal.
    var telling: [Int] { ranked.filter { !Self.everyday.contains(catalogue.statements[$0].id) } }

    /// Each recording's ranking of those statements by `score`; what its labels leave open comes last and is not true.
    func rankings(
        _ statements: [Int],
        score: (_ recording: Int, _ statement: Int) -> Double
    ) -> [RankedLabels] {
        judged.truths.indices.map { recording in
            let truths = statements.map { judged.truths[recording][$0] }
            return RankedLabels(
                scores: zip(statements, truths).map { statement, truth in
                    truth == nil ? -.infinity : score(recording, statement)
                },
                isTrue: truths.map { $0 == true }
            )
        }
    }

    /// The same by the sentences of `bank`.
    func rankings(_ statements: [Int], by bank: Bank) -> [RankedLabels] {
        rankings(statements) { table.score($0, $1, by: bank) }
    }

    /// The share of recordings, of those with a true statement, in which one of the first is true; nil without any.
    static func anyOf(_ rankings: [RankedLabels]) -> AnyOf? {
        let taken = rankings.filter { $0.isTrue.contains(true) }
        guard !taken.isEmpty else { return nil }
        func share(_ count: Int) -> Double {
            Double(taken.reduce(0) { $0 + ($1.hasHit(in: count) ? 1 : 0) }) / Double(taken.count)
        }
        return AnyOf(top1: share(1), top5: share(5), recordings: taken.count)
    }

    /// What a person reads: all ranked statements, general ones left out beside special ones, judged by the most special truths.
    func anyOfAsPeopleSee(_ embedded: [EmbeddedRecording]) -> AnyOf? {
        var (hits1, hits5, taken) = (0, 0, 0)
        for recording in judged.truths.indices {
            let truths = Set(
                mostSpecial(recording).filter { telling.contains($0) }.map { catalogue.statements[$0].id }
            )
            guard !truths.isEmpty else { continue }
            taken += 1
            let seen = seenByPeople(recording, usedLeads: embedded[recording].usedLeads)
            if seen.prefix(1).contains(where: truths.contains) { hits1 += 1 }
            if seen.prefix(5).contains(where: truths.contains) { hits5 += 1 }
        }
        guard taken > 0 else { return nil }
        return AnyOf(
            top1: Double(hits1) / Double(taken),
            top5: Double(hits5) / Double(taken),
            recordings: taken
        )
    }

    /// The ids that a person reads of a recording, in their order, without those that its labels leave open.
    private func seenByPeople(_ recording: Int, usedLeads: LeadSet) -> [String] {
        let candidates = ranked.filter { row in
            judged.truths[recording][row] != nil
                && catalogue.statements[row].minimumLeads.isMet(by: usedLeads)
        }
        let sorted = candidates.map { row in
            RankedStatement(
                statement: catalogue.statements[row],
                similarity: table.score(recording, row, by: .both),
                probability: table.probability[recording][row]
            )
        }.sorted { $0.similarity > $1.similarity }
        let top = Array(sorted.prefix(StatementRanker.topCount))
        let selection = StatementsForPeople(catalogue: catalogue, thresholds: ranker.model.thresholds)
            .select(top.map { ($0.statement.id, $0.probability) })
        // What is found comes first, then what comes near.
        return (selection.found + selection.near).map { top[$0].statement.id }
    }

    /// The true rows of a recording that have no true row below them.
    func mostSpecial(_ recording: Int) -> [Int] {
        let truths = judged.truths[recording].indices.filter { judged.truths[recording][$0] == true }
        let general = Set(truths.flatMap { catalogue.ancestors(of: catalogue.statements[$0].id) })
        return truths.filter { !general.contains(catalogue.statements[$0].id) }
    }

    /// English beside Japanese, without sinus_rhythm and normal.
    func languages() -> LanguageFigures {
        let english = rankings(telling, by: .english)
        let japanese = rankings(telling, by: .japanese)
        let pairs = zip(english, japanese)
        let same = pairs.map { $0.order.first == $1.order.first ? 1.0 : 0.0 }
        let shared = pairs.map { Double(Set($0.order.prefix(5)).intersection($1.order.prefix(5)).count) / 5 }
        return LanguageFigures(
            english: Self.anyOf(english),
            japanese: Self.anyOf(japanese),
            sameFirst: Resamples.mean(same),
            sharedOfFive: Resamples.mean(shared)
        )
    }

    /// Families of what is true against the family of what is ranked first, without sinus_rhythm and normal.
    func confusion() -> FamilyConfusion {
        var families: [String] = []
        for row in telling where !families.contains(catalogue.statements[row].family) {
            families.append(catalogue.statements[row].family)
        }
        var places: [String: Int] = [:]
        for (place, family) in families.enumerated() { places[family] = place }
        var counts = families.map { _ in [Int](repeating: 0, count: families.count) }
        for ranking in rankings(telling, by: .both) {
            guard let first = ranking.order.first,
                let column = places[catalogue.statements[telling[first]].family]
            else { continue }
            let rows = Set(
                ranking.isTrue.indices.filter { ranking.isTrue[$0] }
                    .compactMap { places[catalogue.statements[telling[$0]].family] }
            )
            for row in rows { counts[row][column] += 1 }
        }
        return FamilyConfusion(families: families, counts: counts)
    }

    /// For each of the commonest telling statements one recording: the case with the middle similarity to it, each once.
    func examples(count: Int = 8) -> [RankedExample] {
        let common = telling.map { row in
            (row: row, cases: judged.truths.indices.filter { mostSpecialContains(row, $0) })
        }.sorted { $0.cases.count > $1.cases.count }
        var shown: [Int] = []
        for (row, cases) in common where shown.count < count {
            let others = cases.filter { !shown.contains($0) }
            let sorted = others.sorted { table.score($0, row, by: .both) < table.score($1, row, by: .both) }
            if !sorted.isEmpty { shown.append(sorted[sorted.count / 2]) }
        }
        return shown.map(example)
    }

    private func mostSpecialContains(_ row: Int, _ recording: Int) -> Bool {
        judged.truths[recording][row] == true && mostSpecial(recording).contains(row)
    }

    private func example(_ recording: Int) -> RankedExample {
        let ranking = RankedLabels(
            scores: ranked.map { table.score(recording, $0, by: .both) },
            isTrue: ranked.map { judged.truths[recording][$0] == true }
        )
        return RankedExample(
            record: judged.recordings[recording].name,
            truths: mostSpecial(recording).map { catalogue.statements[$0] },
            nearest: ranking.order.prefix(5).map { candidate in
                let row = ranked[candidate]
                return (
                    catalogue.statements[row], table.english[recording][row],
                    table.japanese[recording][row], ranking.isTrue[candidate]
                )
            }
        )
    }
}
