/// How near each recording lies to each sentence, in both languages.
internal import DataSets
internal import Diagnosis
internal import Findings
internal import Metrics

/// Which sentences a figure rests on.
public enum Bank: String, Sendable, CaseIterable {
    /// The English ones.
    case english = "en"
    /// The Japanese ones.
    case japanese = "ja"
    /// The mean of both, as the daemon ranks.
    case both
}

/// Similarities and probabilities of recordings and statements; a recording's are the means over its windows.
struct ScoreTable: Sendable {
    /// `[recordings][statements]`; 0 where the bank has no sentence.
    let english: [[Double]]
    /// The same for the Japanese sentences.
    let japanese: [[Double]]
    /// `[recordings][statements]`, calibrated.
    let probability: [[Double]]
}

extension ScoreTable {
    /// The scores of encoded recordings.
    init(_ recordings: [EmbeddedRecording], ranker: StatementRanker) {
        let rows = ranker.catalogue.statements.indices
        var english: [[Double]] = []
        var japanese: [[Double]] = []
        var probability: [[Double]] = []
        for recording in recordings {
            var sums = (
                english: [Double](repeating: 0, count: rows.count),
                japanese: [Double](repeating: 0, count: rows.count),
                probability: [Double](repeating: 0, count: rows.count)
            )
            let share = 1 / Double(recording.windows.count)
            for window in recording.windows {
                for row in rows {
                    guard let found = ranker.bank.similarities(of: window, toStatement: row) else { continue }
                    sums.english[row] += found.english * share
                    sums.japanese[row] += found.japanese * share
                    let mean = (found.english + found.japanese) / 2
                    sums.probability[row] += share * ranker.probability(ofSimilarity: mean, statement: row)
                }
            }
            english.append(sums.english)
            japanese.append(sums.japanese)
            probability.append(sums.probability)
        }
        self.english = english
        self.japanese = japanese
        self.probability = probability
    }

    /// The similarity of a recording to a statement by the sentences of `bank`.
    func score(_ recording: Int, _ statement: Int, by bank: Bank) -> Double {
        switch bank {
        case .english: english[recording][statement]
        case .japanese: japanese[recording][statement]
        case .both: (english[recording][statement] + japanese[recording][statement]) / 2
        }
    }
}

/// The recordings that are judged, with what is true of them.
struct Judged: Sendable {
    let catalogue: Catalogue
    /// In the order of the score table's rows.
    let recordings: [LabelledRecording]
    /// `[recordings][statements]`: true, false, or nil where open or not expressible.
    let truths: [[Bool?]]

    init(_ set: DataSet, _ kept: [Int]) {
        catalogue = set.catalogue
        recordings = kept.map { set.recordings[$0] }
        truths = recordings.map { recording in
            set.judged(recording).verdicts.map { verdict in
                switch verdict {
                case .positive: true
                case .absent: false
                case .masked: nil
                }
            }
        }
    }

    /// One statement's truths over all recordings.
    func truths(of statement: Int) -> [Bool?] { truths.map { $0[statement] } }

    /// One statement's scores and truths over the recordings that `isTaken` lets through.
    func cases(
        of statement: Int,
        _ table: ScoreTable,
        by bank: Bank,
        where isTaken: (LabelledRecording) -> Bool = { _ in true }
    ) -> ScoredCases {
        ScoredCases(
            scores: recordings.indices.map { table.score($0, statement, by: bank) },
            truths: recordings.indices.map { isTaken(recordings[$0]) ? truths[$0][statement] : nil }
        )
    }
}
