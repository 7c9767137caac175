internal import Diagnosis
internal import ECGSignal
internal import Pipeline

/// Findings as people read them: the child without its ancestors, `normal` only where nothing speaks against it.
struct Presentation {
    let model: Model
    let count: Int

    /// One line of one window.
    func window(_ name: String, _ diagnosis: ECGSignal.Diagnosis) -> String {
        let from = seconds(diagnosis.firstSample)
        let to = seconds(diagnosis.firstSample + Int64(Grid.windowSamples))
        let head = "\(name)  \(from)-\(to) s  "
        if let reason = diagnosis.windowWithheld { return head + "withheld: \(reason.rawValue)" }
        let coverage = diagnosis.coverage.map { "coverage \(percent($0))" } ?? ""
        return head + coverage + "  " + statements(diagnosis.top)
    }

    /// The first statements, in both languages with their probabilities.
    func statements(_ top: [RankedStatement]) -> String {
        model.ranker.forPeople(top).prefix(count).map { ranked in
            "\(ranked.statement.english) / \(ranked.statement.japanese) \(percent(ranked.probability))"
        }.joined(separator: "; ")
    }

    /// One line of a whole recording: means over the windows that rank a statement.
    func summary(_ name: String, _ windows: [ECGSignal.Diagnosis]) -> String {
        let ranked = windows.filter { $0.windowWithheld == nil }
        guard !ranked.isEmpty else {
            return
                "\(name)  \(windows.count) windows, all withheld: \(windows[0].windowWithheld?.rawValue ?? "")"
        }
        var sums: [String: (similarity: Double, probability: Double, count: Double)] = [:]
        for statement in ranked.flatMap(\.top) {
            let id = statement.statement.id
            let old = sums[id] ?? (0, 0, 0)
            sums[id] = (old.0 + statement.similarity, old.1 + statement.probability, old.2 + 1)
        }
        let means = Catalogue.shipped.statements.compactMap { statement in
            sums[statement.id].map { total in
                RankedStatement(
                    statement: statement,
                    similarity: total.similarity / total.count,
                    probability: total.probability / total.count
                )
            }
        }.sorted { $0.similarity > $1.similarity }
        return "\(name)  \(ranked.count) of \(windows.count) windows  " + statements(Array(means.prefix(10)))
    }

    private func seconds(_ index: GridIndex) -> String {
        let tenths = index / 50
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
