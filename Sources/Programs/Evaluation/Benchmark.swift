/// PTB-XL's benchmark: its 71 codes and five superclasses, by their own sentences or by the catalogue's.
internal import DataSets
internal import Diagnosis
internal import Findings
internal import Metrics

/// The figures that published work on PTB-XL can be put beside (Strodthoff et al., IEEE JBHI 25:1519-1528, 2021).
///
/// A code is true where it is given at any likelihood. Its score is the similarity to its own sentence, or the mean over
/// the catalogue rows that it stands on. Records of other sources take no part.
struct Benchmark {
    /// Which sentences stand for the codes.
    enum Sentences: String, Sendable {
        /// A code's own, from the model's benchmark bank.
        case own
        /// Those of the catalogue.
        case catalogue
    }

    let evidence: Evidence
    let statements: [SCPStatement]
    let sentences: Sentences

    /// By the codes' own sentences where the model has them, else by the catalogue's.
    init(_ evidence: Evidence, _ statements: [SCPStatement], by sentences: Sentences? = nil) {
        self.evidence = evidence
        self.statements = statements
        self.sentences = sentences ?? (evidence.table.benchmark.isEmpty ? .catalogue : .own)
    }

    /// The figures; nil where no recording has PTB-XL's codes.
    func figures() -> BenchmarkFigures? {
        let scorable = codes
        guard !scorable.isEmpty else { return nil }
        return BenchmarkFigures(
            sentences: sentences.rawValue,
            all: macro(scorable),
            diagnostic: macro(scorable.filter(\.isDiagnostic)),
            form: macro(scorable.filter(\.isForm)),
            rhythm: macro(scorable.filter(\.isRhythm)),
            codes: scorable.count,
            interval: evidence.resamples.intervalOfMeanArea(scorable.map { cases(of: [$0.code], by: .both) }),
            superclasses: superclasses()
        )
    }

    /// The codes that have a case and a recording without; none where no recording has PTB-XL's codes.
    var codes: [SCPStatement] {
        statements.filter { cases(of: [$0.code], by: .both).areaUnderCurve != nil }
    }

    /// Their recordings, scored by both languages.
    var cases: [ScoredCases] { codes.map { cases(of: [$0.code], by: .both) } }

    private func macro(_ statements: [SCPStatement]) -> ByBank {
        ByBank { bank in
            Resamples.mean(statements.compactMap { cases(of: [$0.code], by: bank).areaUnderCurve })
        }
    }

    private func superclasses() -> [(name: String, area: ByBank, cases: Int)] {
        ["NORM", "MI", "STTC", "CD", "HYP"].map { name in
            let codes = statements.filter { $0.superclass == name }.map(\.code)
            return (
                name, ByBank { cases(of: codes, by: $0).areaUnderCurve },
                cases(of: codes, by: .both).positiveCount
            )
        }
    }

    /// Recordings with one of those codes against the others, scored by the nearest of the codes.
    private func cases(of codes: [String], by bank: Bank) -> ScoredCases {
        let scores = codes.compactMap { scores(of: $0, by: bank) }
        let recordings = evidence.judged.recordings
        return ScoredCases(
            scores: recordings.indices.map { recording in scores.map { $0[recording] }.max() ?? 0 },
            truths: recordings.map { recording in
                scores.isEmpty
                    ? nil : recording.scpCodes.map { given in codes.contains { given.contains($0) } }
            }
        )
    }

    /// A code's score for each recording; nil where no sentence stands for it.
    private func scores(of code: String, by bank: Bank) -> [Double]? {
        let table = evidence.table
        guard sentences == .catalogue else {
            return table.benchmark[code]?.map { similarity in
                switch bank {
                case .english: similarity.english
                case .japanese: similarity.japanese
                case .both: (similarity.english + similarity.japanese) / 2
                }
            }
        }
        let rows = evidence.catalogue.statements.indices.filter { row in
            evidence.catalogue.statements[row].scpCodes.contains(code)
                && evidence.ranker.bank.contains(statement: row)
        }
        guard !rows.isEmpty else { return nil }
        return evidence.judged.recordings.indices.map { recording in
            rows.reduce(0.0) { $0 + table.score(recording, $1, by: bank) } / Double(rows.count)
        }
    }
}
