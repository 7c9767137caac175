/// How near each recording lies to each sentence, in both languages.
internal import DataSets
internal import Diagnosis
internal import Findings
internal import Metrics

/// Which sentences a figure rests on.
public enum Bank: String, Sendable, CaseIterable {
    /// The scores by English sentences.
    case english = "en"
    /// The scores by Japanese sentences.
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
    /// `[recordings][statements]`, calibrated for the leads of the recording; nil where the model has none for them.
    let probability: [[Double?]]
    /// Similarities of all recordings to the sentences of PTB-XL's codes, by code; empty where the model has none.
    var benchmark: [String: [Similarities]] = [:]

    /// How near a recording lies to a sentence in each language.
    typealias Similarities = (english: Double, japanese: Double)
}

extension ScoreTable {
    /// The scores of encoded recordings.
    init(_ recordings: [EmbeddedRecording], ranker: StatementRanker, benchmark: SentenceBank?) {
        let rows = ranker.catalogue.statements.indices
        var english: [[Double]] = []
        var japanese: [[Double]] = []
        var probability: [[Double?]] = []
        for recording in recordings {
            let fitted = ranker.model.fittedLeads(for: recording.usedLeads)
            var sums = (
                english: [Double](repeating: 0, count: rows.count),
                japanese: [Double](repeating: 0, count: rows.count),
                probability: [Double?](repeating: 0, count: rows.count)
            )
            let share = 1 / Double(recording.windows.count)
            for window in recording.windows {
                for row in rows {
                    guard let near = ranker.bank.similarities(of: window, toStatement: row) else { continue }
                    sums.english[row] += near.english * share
                    sums.japanese[row] += near.japanese * share
                    let mean = (near.english + near.japanese) / 2
                    let id = ranker.catalogue.statements[row].id
                    let found = ranker.model.probability(of: id, at: mean, fitted: fitted)
                    sums.probability[row] = sums.probability[row].flatMap { sum in
                        found.map { sum + share * $0 }
                    }
                }
            }
            english.append(sums.english)
            japanese.append(sums.japanese)
            probability.append(sums.probability)
        }
        self.english = english
        self.japanese = japanese
        self.probability = probability
        self.benchmark = ScoreTable.benchmark(recordings, benchmark)
    }

    private static func benchmark(
        _ recordings: [EmbeddedRecording],
        _ bank: SentenceBank?
    ) -> [String: [Similarities]] {
        guard let bank else { return [:] }
        var scores: [String: [Similarities]] = [:]
        for (row, code) in bank.ids.enumerated() {
            scores[code] = recordings.map { recording in
                let share = 1 / Double(recording.windows.count)
                return recording.windows.reduce((0, 0)) { sum, window in
                    let near = bank.similarities(of: window, toRow: row)
                    return (sum.english + near.english * share, sum.japanese + near.japanese * share)
                }
            }
        }
        return scores
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

    /// Patients of whom a statement is true in a recording at least; a recording without a patient's name is one of its own.
    func patientsWith(_ statement: Int) -> Int {
        let groups = patientGroups(recordings)
        return Set(recordings.indices.filter { truths[$0][statement] == true }.map { groups[$0] }).count
    }

    /// For each of those recordings its part of its patient, so that each patient counts 1 in all.
    func patientShares(of chosen: [Int]) -> [Double] {
        let groups = patientGroups(chosen.map { recordings[$0] })
        var counts = [Int](repeating: 0, count: (groups.max() ?? -1) + 1)
        for group in groups { counts[group] += 1 }
        return groups.map { 1 / Double(counts[$0]) }
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
