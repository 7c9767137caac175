/// One evaluation under way: the phases in their order.
internal import DataSets
internal import Diagnosis
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
    let benchmark: SentenceBank?
    let reference: ReferenceModel?
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
        guard !whole.kept.isEmpty else { throw EvaluationRun.nothingUsable(whole, of: chosen) }
        let evidence = evidence(whole)
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
            benchmark: Benchmark(evidence, set.scpStatements).figures(),
            benchmarkByCatalogue: Benchmark(evidence, set.scpStatements, by: .catalogue).figures(),
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
            comparison: try comparison(whole, evidence, counted),
            languages: evidence.languages(),
            confusion: evidence.confusion(),
            examples: evidence.examples()
        )
    }

    /// What is known of the chosen recordings by the leads `sent` alone, of those that give `used` by them.
    func evidence(
        of chosen: [Int],
        sent: [Lead],
        used: LeadSet,
        phase: String
    ) throws(DataSetError) -> Evidence {
        var encoded = encode(chosen, leads: sent, phase: phase)
        let whole = encoded.points.indices.filter { encoded.points[$0].usedLeads.isSuperset(of: used) }
        guard !whole.isEmpty else { throw EvaluationRun.nothingUsable(encoded, of: chosen) }
        encoded.kept = whole.map { encoded.kept[$0] }
        encoded.points = whole.map { encoded.points[$0] }
        return evidence(encoded)
    }

    private static func nothingUsable(_ encoded: Encoded, of chosen: [Int]) -> DataSetError {
        DataSetError(
            .empty,
            encoded.unreadable.first?.path ?? "--records",
            "none of \(chosen.count) recordings can be used; the first: "
                + (encoded.unreadable.first?.reason ?? "its leads")
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
        var seen: [[UInt8]: String] = [:]
        for (index, result) in zip(chosen, results) {
            let path = set.recordings[index].path
            switch result {
            case .success(let points):
                if let twin = seen.updateValue(path, forKey: points.digest) {
                    // The first of them stays, as in training: one ECG under two names is one case.
                    seen[points.digest] = twin
                    encoded.unreadable.append(
                        UnreadableRecording(path: path, reason: "the same samples as \(twin)")
                    )
                    continue
                }
                encoded.kept.append(index)
                encoded.points.append(points)
            case .failure(let error):
                let origin = set.recordings[index].origin.map { " (\($0))" } ?? ""
                encoded.unreadable.append(
                    UnreadableRecording(path: path, reason: error.description + origin)
                )
            }
        }
        return encoded
    }

    /// The points of recordings that were encoded before, by another encoder.
    /// - Throws: A `DataSetError` that names a recording which has gone meanwhile: figures over fewer would compare nothing.
    private func encodeAgain(
        _ kept: [Int],
        phase: String,
        by other: Encoder
    ) throws(DataSetError) -> [EmbeddedRecording] {
        counter.begin(phase)
        let counter = counter
        let results = encoder.encode(
            kept.map { (set.recordings[$0].path, set.recordings[$0].nameLeads) },
            leads: nil,
            by: other
        ) { counter.advance() }
        var points: [EmbeddedRecording] = []
        for (index, result) in zip(kept, results) {
            do throws(RecordingError) { points.append(try result.get()) } catch {
                throw DataSetError(
                    .unreadable,
                    set.recordings[index].path,
                    "it was read once and cannot be read again (\(error)); keep the records as they are and evaluate anew"
                )
            }
        }
        return points
    }

    private func evidence(_ encoded: Encoded) -> Evidence {
        let judged = Judged(set, encoded.kept)
        return Evidence(
            judged: judged,
            table: ScoreTable(encoded.points, ranker: model.ranker, benchmark: benchmark),
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
            // With fewer leads the daemon may withhold every window of each of them.
            guard !part.kept.isEmpty else { return nil }
            let reduced =
                places.count == whole.kept.count && selection.sent == Lead.standard
                ? evidence : self.evidence(part)
            return LeadSetFigures(
                name: selection.name,
                recordings: part.kept.count,
                macroArea: reduced.macroArea(counted),
                benchmark: Benchmark(reduced, set.scpStatements).figures(),
                anyOf: Evidence.anyOf(reduced.rankings(reduced.telling, by: .both))
            )
        }
    }

    /// The reference on the same recordings.
    private func comparison(
        _ whole: Encoded,
        _ evidence: Evidence,
        _ counted: [Int]
    ) throws(DataSetError) -> ComparisonFigures? {
        guard let reference else { return nil }
        let points = try encodeAgain(
            whole.kept,
            phase: "encoding by \(reference.name)",
            by: reference.model.encoder
        )
        let other = Evidence(
            judged: evidence.judged,
            table: ScoreTable(points, ranker: reference.model.ranker, benchmark: reference.benchmark),
            ranker: reference.model.ranker,
            resamples: evidence.resamples,
            casesMin: evidence.casesMin
        )
        return evidence.comparison(
            counted.filter { reference.model.ranker.bank.contains(statement: $0) },
            with: other,
            named: reference.name,
            Benchmark(evidence, set.scpStatements),
            Benchmark(other, set.scpStatements)
        )
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
        let noise = try encodeAgain(whole.kept, phase: "encoding by noise", by: random)
        return [
            floors.baseRates(),
            floors.alwaysSinus(),
            floors.head(
                "random_encoder",
                "an encoder whose weights are noise, with a linear head for each statement trained on two thirds of "
                    + "these patients and judged on the others",
                features: noise.map { $0.windows[0].values }
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
