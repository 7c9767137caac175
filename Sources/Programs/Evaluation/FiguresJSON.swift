/// evaluation.json: all figures as one JSON value, six decimals, null where there is no figure.
internal import DataSets
internal import Findings
internal import Metrics
public import Wire

extension EvaluationFigures {
    /// The figures by the names that programs read.
    public var json: JSONValue {
        .object([
            "format": .integer(1),
            "research_only": .string("Research software, not a medical device."),
            "model": .string(model),
            "revisions": .object([
                "model": .string(revisions.model), "bank": .string(revisions.bank),
                "catalogue": .string(revisions.catalogue),
            ]),
            "records": .integer(Int64(recordings)),
            "folds": folds.map { .array($0.map { .integer(Int64($0)) }) } ?? .null,
            "sources": .object(JSONObject(sources.map { ($0.name, .integer(Int64($0.recordings))) })),
            "unreadable": .array(
                unreadable.map { .object(["record": .string($0.path), "reason": .string($0.reason)]) }
            ),
            "cases_min": .integer(Int64(casesMin)),
            "labels_counted": .integer(Int64(labelsCounted)),
            "resamples": .integer(Int64(resamples)),
            "macro_auroc": macroArea.json,
            "macro_auroc_interval": .object(
                JSONObject(Bank.allCases.map { ($0.rawValue, ends(macroIntervals[$0])) })
            ),
            "ptbxl": benchmark?.json ?? .null,
            "ptbxl_by_catalogue": benchmarkByCatalogue?.json ?? .null,
            "any_of": anyOfJSON(anyOf),
            "any_of_all_statements": anyOfJSON(anyOfAll),
            "any_of_as_people_see": anyOfJSON(anyOfAsPeopleSee),
            "lrap": number(labelRankingPrecision),
            "labels": .object(JSONObject(labels.map { ($0.statement.id, $0.json) })),
            "calibration": calibrationJSON,
            "strata": .object(JSONObject(strata.map { ($0.name, $0.json) })),
            "lead_sets": .object(JSONObject(leadSets.map { ($0.name, $0.json) })),
            "floors": .object(JSONObject(floors.map { ($0.name, $0.json) })),
            "comparison": comparison?.json ?? .null,
            "languages": .object([
                "en": anyOfJSON(languages.english), "ja": anyOfJSON(languages.japanese),
                "same_first": number(languages.sameFirst), "shared_of_five": number(languages.sharedOfFive),
            ]),
            "confusion": .object([
                "families": .array(confusion.families.map { .string($0) }),
                "counts": .array(confusion.counts.map { .array($0.map { .integer(Int64($0)) }) }),
            ]),
            "examples": .array(examples.map(\.json)),
        ])
    }

    private var calibrationJSON: JSONValue {
        .object([
            "ece": number(calibrationError),
            "bins": .array(
                reliability.map { bin in
                    guard let bin else { return .null }
                    return .object([
                        "pairs": .integer(Int64(bin.count)), "mean_probability": number(bin.meanProbability),
                        "share_true": number(bin.shareTrue),
                    ])
                }
            ),
        ])
    }
}

private func number(_ value: Double?) -> JSONValue { value.map { .decimal($0, places: 6) } ?? .null }

private func ends(_ value: Interval?) -> JSONValue {
    value.map { .array([number($0.lower), number($0.upper)]) } ?? .null
}

private func anyOfJSON(_ value: AnyOf?) -> JSONValue {
    guard let value else { return .null }
    return .object([
        "top1": number(value.top1), "top5": number(value.top5), "records": .integer(Int64(value.recordings)),
    ])
}

extension ByBank {
    fileprivate var json: JSONValue {
        .object(["en": number(english), "ja": number(japanese), "both": number(both)])
    }
}

extension ComparisonFigures {
    fileprivate var json: JSONValue {
        func pair(_ pair: Pair) -> JSONValue {
            .object([
                "own": number(pair.own), "reference": number(pair.reference),
                "difference_interval": ends(pair.interval),
            ])
        }
        return .object([
            "model": .string(name), "macro_auroc": pair(macroArea),
            "ptbxl": benchmark.map(pair) ?? .null, "any_of": anyOfJSON(anyOf),
            "any_of_reference": anyOfJSON(anyOfReference),
        ])
    }
}

extension BenchmarkFigures {
    fileprivate var json: JSONValue {
        .object([
            "all": all.json, "diagnostic": diagnostic.json, "form": form.json, "rhythm": rhythm.json,
            "codes": .integer(Int64(codes)), "all_interval": ends(interval),
            "sentences": .string(sentences),
            "superclasses": .object(
                JSONObject(
                    superclasses.map { item in
                        (
                            item.name,
                            .object(["auroc": item.area.json, "cases": .integer(Int64(item.cases))])
                        )
                    }
                )
            ),
        ])
    }
}

extension LabelFigures {
    fileprivate var json: JSONValue {
        .object([
            "auroc": number(area.both), "auroc_en": number(area.english), "auroc_ja": number(area.japanese),
            "auroc_interval": ends(interval), "cases": .integer(Int64(cases)),
            "negatives": .integer(Int64(negatives)), "ranked": .bool(isRanked),
            "base_rate": number(baseRate), "average_precision": number(averagePrecision),
            "brier": number(brier), "brier_skill": number(brierSkill), "top1": number(top1),
            "top1_ceiling": number(ceiling1), "top5": number(top5), "top5_ceiling": number(ceiling5),
            "threshold": number(threshold), "sensitivity": number(sensitivity),
            "precision": number(precision),
        ])
    }
}

extension StratumFigures {
    fileprivate var json: JSONValue {
        .object([
            "records": .integer(Int64(recordings)), "labels_counted": .integer(Int64(labels)),
            "macro_auroc": macroArea.json,
        ])
    }
}

extension LeadSetFigures {
    fileprivate var json: JSONValue {
        .object([
            "records": .integer(Int64(recordings)), "macro_auroc": number(macroArea.both),
            "macro_auroc_by_bank": macroArea.json, "any_of": anyOfJSON(anyOf),
            "ptbxl": benchmark.map { figures in
                .object([
                    "all": number(figures.all.both), "diagnostic": number(figures.diagnostic.both),
                    "form": number(figures.form.both), "rhythm": number(figures.rhythm.both),
                ])
            } ?? .null,
        ])
    }
}

extension FloorFigures {
    fileprivate var json: JSONValue {
        .object([
            "explanation": .string(explanation), "macro_auroc": number(macroArea),
            "any_of": anyOfJSON(anyOf), "any_of_all_statements": anyOfJSON(anyOfAll),
        ])
    }
}

extension RankedExample {
    fileprivate var json: JSONValue {
        .object([
            "record": .string(record), "true": .array(truths.map { .string($0.id) }),
            "nearest": .array(
                nearest.map { entry in
                    .object([
                        "id": .string(entry.statement.id), "similarity_en": number(entry.english),
                        "similarity_ja": number(entry.japanese), "true": .bool(entry.isTrue),
                    ])
                }
            ),
        ])
    }
}
