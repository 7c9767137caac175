/// PTB-XL's benchmark: its 71 codes and five superclasses, by the catalogue's sentences.
internal import DataSets
internal import Diagnosis
internal import Findings
internal import Metrics

/// The figures that published work on PTB-XL can be put beside (Strodthoff et al., IEEE JBHI 25:1519-1528, 2021).
///
/// A code is true where it is given at any likelihood; its score is the mean over the catalogue rows that it stands on. Records of
/// other sources take no part.
struct Benchmark {
    let evidence: Evidence
    let statements: [SCPStatement]

    /// The figures; nil where no recording has PTB-XL's codes.
    func figures() -> BenchmarkFigures? {
        guard evidence.judged.recordings.contains(where: { $0.scpCodes != nil }) else { return nil }
        let scorable = statements.filter { cases(of: [$0.code], by: .both).areaUnderCurve != nil }
        return BenchmarkFigures(
            all: macro(scorable),
            diagnostic: macro(scorable.filter(\.isDiagnostic)),
            form: macro(scorable.filter(\.isForm)),
            rhythm: macro(scorable.filter(\.isRhythm)),
            codes: scorable.count,
            interval: evidence.resamples.intervalOfMeanArea(scorable.map { cases(of: [$0.code], by: .both) }),
            superclasses: superclasses()
        )
    }

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

    /// Recordings with one of those codes against the others, scored by the mean over a code's rows and the nearest code.
    private func cases(of codes: [String], by bank: Bank) -> ScoredCases {
        let rows = codes.map { code in
            evidence.catalogue.statements.indices.filter { row in
                evidence.catalogue.statements[row].scpCodes.contains(code)
                    && evidence.ranker.bank.contains(statement: row)
            }
        }.filter { !$0.isEmpty }
        let recordings = evidence.judged.recordings
        return ScoredCases(
            scores: recordings.indices.map { recording in
                rows.map { rowsOfCode in
                    let sum = rowsOfCode.reduce(0.0) { $0 + evidence.table.score(recording, $1, by: bank) }
                    return sum / Double(rowsOfCode.count)
                }.max() ?? 0
            },
            truths: recordings.map { recording in
                rows.isEmpty ? nil : recording.scpCodes.map { given in codes.contains { given.contains($0) } }
            }
        )
    }
}
