internal import Diagnosis
private import ECGSignal
public import Findings
public import Wire

/// Findings as people read them: the child without its ancestors, `normal` only where nothing speaks against it.
public struct FindingLines {
    /// Statements a line.
    public let count: Int
    /// Probabilities from which a statement counts as made, by id; 0.5 where it has none.
    public var thresholds: [String: Double] = [:]

    /// Lines of at most `count` statements, which are made from `thresholds` on.
    public init(count: Int, thresholds: [String: Double] = [:]) {
        self.count = count
        self.thresholds = thresholds
    }

    /// What one window says, wherever it comes from.
    public struct Window {
        let withheld: String?
        let coverage: Double?
        let top: [Finding]
    }

    /// A ranked statement; `statement` nil where this program's catalogue does not have it.
    struct Finding {
        let statement: Statement?
        let english: String
        let japanese: String
        let probability: Double
    }

    /// One line of one window of a recording.
    public func window(_ name: String, _ diagnosis: WindowDiagnosis) -> String {
        let from = seconds(diagnosis.firstSample)
        let to = seconds(diagnosis.firstSample + Int64(Grid.windowSamples))
        return "\(name)  \(from)-\(to) s  " + text(of: Window(diagnosis))
    }

    /// Coverage and the first statements in both languages with their probabilities; or why there are none.
    public func text(of window: Window) -> String {
        if let reason = window.withheld { return "withheld: \(reason)" }
        let coverage = window.coverage.map { "coverage \(percent($0))  " } ?? ""
        return coverage + statements(window.top)
    }

    /// One line of a whole recording: means over the windows that rank a statement.
    public func summary(_ name: String, _ windows: [WindowDiagnosis]) -> String {
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
        return "\(name)  \(ranked.count) of \(windows.count) windows  "
            + statements(means.prefix(10).map(Finding.init))
    }

    /// The first statements; all of them compete where the catalogue does not know every one.
    private func statements(_ top: [Finding]) -> String {
        let known = top.compactMap(\.ranked)
        let shown =
            known.count == top.count
            ? statementsForPeople(known, catalogue: .shipped, thresholds: thresholds).map(Finding.init) : top
        return shown.prefix(count).map { finding in
            "\(finding.english) / \(finding.japanese) \(percent(finding.probability))"
        }.joined(separator: "; ")
    }

    private func seconds(_ index: GridIndex) -> String {
        let tenths = index / 50
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func percent(_ share: Double) -> String { "\(Int((min(max(share, 0), 1) * 100).rounded())) %" }
}

extension FindingLines.Window {
    /// The window of a finding made here.
    public init(_ diagnosis: WindowDiagnosis) {
        withheld = diagnosis.windowWithheld?.rawValue
        coverage = diagnosis.coverage
        top = diagnosis.top.map(FindingLines.Finding.init)
    }

    /// The window of a diagnosis event's data.
    public init(_ data: JSONObject) {
        withheld = data["window_withheld"]?.text
        coverage = data["coverage"]?.real
        top = (data["top"]?.array ?? []).compactMap(\.object).map(FindingLines.Finding.init)
    }
}

extension FindingLines.Finding {
    init(_ ranked: RankedStatement) {
        statement = ranked.statement
        english = ranked.statement.english
        japanese = ranked.statement.japanese
        probability = ranked.probability
    }

    init(_ object: JSONObject) {
        let row = object["id"]?.text.flatMap { Catalogue.shipped.index(of: $0) }
        statement = row.map { Catalogue.shipped.statements[$0] }
        english = object["en"]?.text ?? "?"
        japanese = object["ja"]?.text ?? "?"
        probability = object["probability"]?.real ?? 0
    }

    /// As the rules of people's surfaces take it; they do not look at similarity.
    fileprivate var ranked: RankedStatement? {
        statement.map { RankedStatement(statement: $0, similarity: 0, probability: probability) }
    }
}
