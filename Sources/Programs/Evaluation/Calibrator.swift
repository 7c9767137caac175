/// From labelled recordings that a model has not learned from to its probabilities, thresholds and ranked statements.
public import DataSets
public import Diagnosis
internal import ECGSignal
internal import Findings
internal import Metrics

/// What recordings say of a model's probabilities.
public struct FittedProbabilities: Sendable {
    /// The line of each statement for each set of leads that shows it.
    public let calibrations: [FittedLeads: [String: SimilarityModel.Calibration]]
    /// The probability from which each ranked statement counts as found: the greatest F1 on these recordings.
    public let thresholds: [String: Double]
    /// The statements that may be ranked, in catalogue order.
    public let ranked: [String]
    /// The others that the model has learned something of, and why each may not be ranked.
    public let unvalidated: [(id: String, reason: String)]
    /// Recordings with all twelve leads that this rests on.
    public let recordings: Int
}

/// Fits a model's probabilities.
public struct Calibrator: Sendable {
    /// A statement with fewer training positives is not ranked.
    public static let trainingPositivesMin = 20
    /// Nor one with fewer cases among these recordings; several recordings of one patient are one case.
    public static let casesMin = 5
    /// Nor one whose AUROC may be lower than this: the lower end of its 95 % interval.
    public static let areaMin = 0.70
    /// Thresholds lie between these: what is less probable than the lower is no finding however rare the statement is,
    /// and what is more probable than not always is one.
    public static let thresholdRange = 0.3...0.5

    private let evaluator: Evaluator
    private let trainingPositives: [String: Int]
    private let added: Set<String>?

    /// Fits the evaluator's model, of whose training `trainingPositives` tells how often each statement was true.
    public init(_ evaluator: Evaluator, trainingPositives: [String: Int]) {
        self.evaluator = evaluator
        self.trainingPositives = trainingPositives
        added = nil
    }

    /// Judges statements alone that were added by a sentence, so that no training could show them.
    public init(_ evaluator: Evaluator, added: Set<String>) {
        self.evaluator = evaluator
        trainingPositives = [:]
        self.added = added
    }

    /// The probabilities by the chosen recordings of a data set.
    /// - Throws: A `DataSetError`: `empty` where no recording can be used, `labels` where they validate no statement.
    public func fit(
        _ set: DataSet,
        progress: @escaping @Sendable (EvaluationProgress) -> Void = { _ in }
    ) throws(DataSetError) -> FittedProbabilities {
        let (run, chosen) = try evaluator.run(
            on: set,
            selections: FittedLeads.allCases.count,
            progress: progress
        )
        var calibrations: [FittedLeads: [String: SimilarityModel.Calibration]] = [:]
        var verdict = Verdict()
        for leads in FittedLeads.allCases {
            let evidence = try run.evidence(
                of: chosen,
                sent: leads.sent,
                used: leads.leads,
                phase: "encoding \(leads.rawValue)"
            )
            if leads == .twelve { verdict = judge(evidence) }
            let lines = lines(evidence, leads: leads.leads, statements: verdict.ranked)
            calibrations[leads] = Dictionary(
                uniqueKeysWithValues: lines.map { row, line in
                    (evidence.catalogue.statements[row].id, .init(scale: line.scale, offset: line.offset))
                }
            )
            if leads == .twelve { verdict.thresholds = thresholds(evidence, lines) }
        }
        guard !verdict.ranked.isEmpty else {
            throw DataSetError(
                .labels,
                "--records",
                "no statement has \(Self.trainingPositivesMin) training positives, \(Self.casesMin) cases here and an AUROC "
                    + "surely above \(fixed(Self.areaMin, places: 2)); give more recordings"
            )
        }
        return FittedProbabilities(
            calibrations: calibrations,
            thresholds: verdict.thresholds,
            ranked: verdict.ranked.map { set.catalogue.statements[$0].id },
            unvalidated: verdict.unvalidated,
            recordings: verdict.recordings
        )
    }

    struct Verdict {
        var ranked: [Int] = []
        var unvalidated: [(id: String, reason: String)] = []
        var thresholds: [String: Double] = [:]
        var recordings = 0
    }

    /// Which statements these recordings show that the model can tell.
    func judge(_ evidence: Evidence) -> Verdict {
        var verdict = Verdict()
        verdict.recordings = evidence.judged.recordings.count
        for (row, statement) in evidence.catalogue.statements.enumerated()
        where statement.evidence != .rule && evidence.ranker.bank.contains(statement: row) {
            let learned = trainingPositives[statement.id] ?? 0
            guard added?.contains(statement.id) ?? (learned > 0) else { continue }
            let cases = evidence.judged.cases(of: row, evidence.table, by: .both)
            let patients = evidence.judged.patientsWith(row)
            let lower = evidence.resamples.intervalOfMeanArea([cases])?.lower ?? 0
            if added == nil, learned < Self.trainingPositivesMin {
                verdict.unvalidated.append((statement.id, "\(learned) training positives"))
            } else if patients < Self.casesMin {
                verdict.unvalidated.append((statement.id, "\(patients) cases to judge it by"))
            } else if lower < Self.areaMin {
                verdict.unvalidated.append(
                    (statement.id, "AUROC may be as low as \(fixed(lower, places: 2))")
                )
            } else {
                verdict.ranked.append(row)
            }
        }
        return verdict
    }

    /// A line for each of the statements that those leads can show; each patient counts once, however many recordings.
    func lines(_ evidence: Evidence, leads: LeadSet, statements: [Int]) -> [Int: LogOddsLine] {
        let shown = statements.filter { evidence.catalogue.statements[$0].minimumLeads.isMet(by: leads) }
        let model = evidence.ranker.model
        let cases = shown.map { row in
            let truths = evidence.judged.truths(of: row)
            let judged = truths.indices.filter { truths[$0] != nil }
            return (
                row: row,
                logOdds: judged.map { model.scale * evidence.table.score($0, row, by: .both) + model.bias },
                truths: judged.map { truths[$0] == true },
                shares: evidence.judged.patientShares(of: judged)
            )
        }
        // The scale that statements with many cases have is what is expected of those with few.
        let free = cases.compactMap {
            LogOddsLine(logOdds: $0.logOdds, truths: $0.truths, weights: $0.shares)?.scale
        }.sorted()
        let expected = free.isEmpty ? 1 : free[free.count / 2]
        var lines: [Int: LogOddsLine] = [:]
        for (row, logOdds, truths, shares) in cases {
            lines[row] = LogOddsLine(
                logOdds: logOdds,
                truths: truths,
                weights: shares,
                expectedScale: expected
            )
        }
        return lines
    }

    /// For each statement the probability that parts its cases from the others with the greatest F1, within the range.
    func thresholds(_ evidence: Evidence, _ lines: [Int: LogOddsLine]) -> [String: Double] {
        let model = evidence.ranker.model
        var thresholds: [String: Double] = [:]
        for (row, line) in lines {
            let truths = evidence.judged.truths(of: row)
            let chosen = truths.indices.filter { truths[$0] != nil }
            let judged = zip(chosen, evidence.judged.patientShares(of: chosen)).map { recording, share in
                let logOdds = model.scale * evidence.table.score(recording, row, by: .both) + model.bias
                return (
                    probability: line.probability(ofLogOdds: logOdds),
                    hit: truths[recording] == true ? share : 0,
                    share: share
                )
            }.sorted { $0.probability > $1.probability }
            let positives = judged.reduce(0) { $0 + $1.hit }
            var (hits, found, best, threshold) = (0.0, 0.0, 0.0, Self.thresholdRange.upperBound)
            for (place, pair) in judged.enumerated() where pair.probability > 0 {
                hits += pair.hit
                found += pair.share
                let next = place + 1 < judged.count ? judged[place + 1].probability : 0
                guard next < pair.probability else { continue }
                let f1 = 2 * hits / (found + positives)
                // Between two recordings, so that neither stands on the edge. Of equal ones the first stays; sums of shares
                // differ in their last bits, two F1 of thousands of patients by more than 1e-12.
                if f1 > best + 1e-12 { (best, threshold) = (f1, (pair.probability + next) / 2) }
            }
            let bounded = min(max(threshold, Self.thresholdRange.lowerBound), Self.thresholdRange.upperBound)
            thresholds[evidence.catalogue.statements[row].id] = (bounded * 1_000).rounded() / 1_000
        }
        return thresholds
    }
}

extension FittedLeads {
    /// What a gateway sends of the set; the other limb leads follow from two of them.
    var sent: [Lead] { self == .limb ? [.i, .ii] : leads.leads }
}
