/// One evaluation under way: the phases in their order.
internal import DataSets
private import Diagnosis
private import ECGEncoder
internal import ECGSignal
private import Findings
private import Metrics
internal import Pipeline
private import Recordings

struct EvaluationRun {
    let set: DataSet
    let options: EvaluationOptions
    let model: Model
    let encoder: RecordingEncoder
    let counter: ProgressCounter

    /// Recordings that could be encoded, with what was made of them.
    private struct Encoded {
        /// Places in the data set.
        var kept: [Int] = []
        var points: [EmbeddedRecording] = []
        var unreadable: [UnreadableRecording] = []
    }

    func figures(of chosen: [Int], modelName: String) throws(DataSetError) -> EvaluationFigures {
        let whole = encode(chosen, leads: nil, phase: "encoding all leads")
        guard !whole.kept.isEmpty else {
            throw DataSetError(
                .empty,
                whole.unreadable.first?.path ?? "--records",
                "none of \(chosen.count) recordings can be used; the first: "
                    + (whole.unreadable.first?.reason ?? "")
            )
        }
        let evidence = evidence(whole, counted: nil)
        let counted = evidence.counted
        let leadSets = leadSets(whole, evidence, counted)
        let floors = try floors(whole, evidence, counted)
        let rankings = evidence.rankings(evidence.ranked, by: .both)
        let reliability = evidence.reliability()
        return EvaluationFigures(
            model: modelName,
            revisions: model.revisions,
            recordings: whole.kept.count,
            folds: options.folds,
            sources: sources(evidence.judged.recordings),
            unreadable: set.unreadable + whole.unreadable,
            casesMin: options.casesMin,
            resamples: options.resamples,
            labelsCounted: counted.count,
            macroArea: evidence.macroArea(counted),
            macroIntervals: intervals(evidence, counted),
            benchmark: Benchmark(evidence: evidence, statements: set.scpStatements).figures(),
            anyOf: Evidence.anyOf(evidence.rankings(evidence.telling, by: .both)),
            anyOfAll: Evidence.anyOf(rankings),
            anyOfAsPeopleSee: evidence.anyOfAsPeopleSee(whole.points),
            labelRankingPrecision: Resamples.mean(rankings.compactMap(\.averagePrecision)),
            labels: labels(evidence, rankings),
            reliability: reliability,
            calibrationError: ProbabilityFigures.expectedCalibrationError(reliability),
            strata: evidence.strata(),
            leadSets: leadSets,
            floors: floors,
            languages: evidence.languages(),
            confusion: evidence.confusion(),
            examples: evidence.examples()
        )
    }

    private func encode(_ chosen: [Int], leads: [Lead]?, phase: String) -> Encoded {
        counter.begin(phase)
        let counter = counter
        let results = encoder.encode(
            chosen.map { (set.recordings[$0].path, set.recordings[$0].nameLeads) },
            leads: leads,
            by: model.encoder
        ) { counter.advance() }
        var encoded = Encoded()
        for (index, result) in zip(chosen, results) {
            switch result {
            case .success(let points):
                encoded.kept.append(index)
                encoded.points.append(points)
            case .failure(let error):
                encoded.unreadable.append(
                    UnreadableRecording(path: set.recordings[index].path, reason: error.description)
                )
            }
        }
        return encoded
    }

    private func evidence(_ encoded: Encoded, counted: [Int]?) -> Evidence {
        let judged = Judged(set, encoded.kept)
        return Evidence(
            judged: judged,
            table: ScoreTable(encoded.points, ranker: model.ranker),
            ranker: model.ranker,
            resamples: Resamples(
                groups: patientGroups(judged.recordings),
                resamples: options.resamples,
                seed: options.seed
            ),
            casesMin: options.casesMin
        )
    }

    private func intervals(_ evidence: Evidence, _ counted: [Int]) -> [Bank: Interval] {
        var intervals: [Bank: Interval] = [:]
        for bank in Bank.allCases { intervals[bank] = evidence.macroInterval(counted, by: bank) }
        return intervals
    }

    private func labels(_ evidence: Evidence, _ rankings: [RankedLabels]) -> [LabelFigures] {
        let rows = evidence.scorable
        return parallelMap(rows.count, threads: options.threads) { place in
            evidence.figures(of: rows[place], rankings: rankings)
        }
    }

    /// Each selection over the recordings that have its leads; twelve of twelve are not encoded twice.
    private func leadSets(_ whole: Encoded, _ evidence: Evidence, _ counted: [Int]) -> [LeadSetFigures] {
        options.leadSets.compactMap { selection in
            let places = whole.kept.indices.filter { place in
                whole.points[place].knownLeads.isSuperset(of: LeadSet(selection.sent))
            }
            guard !places.isEmpty else { return nil }
            let part: Encoded
            if selection.sent == Lead.standard {
                part = Encoded(kept: places.map { whole.kept[$0] }, points: places.map { whole.points[$0] })
                counter.advance(by: places.count)
            } else {
                part = encode(
                    places.map { whole.kept[$0] },
                    leads: selection.sent,
                    phase: "encoding \(selection.name)"
                )
            }
            let reduced =
                places.count == whole.kept.count && selection.sent == Lead.standard
                ? evidence : self.evidence(part, counted: counted)
            return LeadSetFigures(
                name: selection.name,
                recordings: part.kept.count,
                macroArea: reduced.macroArea(counted),
                benchmark: Benchmark(evidence: reduced, statements: set.scpStatements).figures(),
                anyOf: Evidence.anyOf(reduced.rankings(reduced.telling, by: .both))
            )
        }
    }

    private func floors(
        _ whole: Encoded,
        _ evidence: Evidence,
        _ counted: [Int]
    ) throws(DataSetError) -> [FloorFigures] {
        let floors = Floors(evidence: evidence, counted: counted, threads: options.threads)
        let random: Encoder
        do { random = try randomEncoder(seed: options.seed) } catch {
            preconditionFailure("noise of the right shapes is an encoder: \(error)")
        }
        counter.begin("encoding by noise")
        let counter = counter
        let noise = encoder.encode(
            whole.kept.map { (set.recordings[$0].path, set.recordings[$0].nameLeads) },
            leads: nil,
            by: random
        ) { counter.advance() }
        let none = [Float](repeating: 0, count: Embedding.dimensions)
        return [
            floors.baseRates(),
            floors.alwaysSinus(),
            floors.head(
                "random_encoder",
                "an encoder whose weights are noise, with a linear head for each statement trained on two thirds of "
                    + "these patients and judged on the others",
                features: noise.map { (try? $0.get())?.windows[0].values ?? none }
            ),
            floors.head(
                "class_ids",
                "this model's encoder with such a head for each statement, so with class numbers instead of sentences",
                features: whole.points.map { $0.windows[0].values }
            ),
        ]
    }

    private func sources(_ recordings: [LabelledRecording]) -> [(name: String, recordings: Int)] {
        var counts: [String: Int] = [:]
        for recording in recordings { counts[recording.source, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
