internal import Diagnosis
private import ECGSignal
public import Findings

/// Turns windows into lines for people: what is found, its probability, and what that rests on.
public struct FindingLines: Sendable {
    /// How many statements a reader asked to see, nil where only the findings are wanted.
    let count: Int?
    /// Tells findings from statements below their threshold.
    let rules: StatementsForPeople

    /// Takes the wish of `--top`, and the model's thresholds by statement id.
    public init(count: Int? = nil, thresholds: [String: Double] = [:]) {
        self.count = count
        rules = StatementsForPeople(catalogue: .shipped, thresholds: thresholds)
    }

    /// One line for one window of a recording.
    public func line(of recording: String, _ diagnosis: WindowDiagnosis) -> String {
        let from = FindingLines.seconds(diagnosis.firstSample)
        let to = FindingLines.seconds(diagnosis.firstSample + Int64(Grid.windowSamples))
        return "\(recording)  \(from)-\(to) s  \(text(of: WindowForPeople(diagnosis)))"
    }

    /// What the window rests on and what is found in it; or why nothing may be said of it.
    public func text(of window: WindowForPeople) -> String {
        if let words = window.withheldWords { return "withheld, \(words)" }
        return "\(window.basis): \(statements(of: window.ranking))"
    }

    /// What a reader sees change from window to window: the findings and what they rest on, without the figures.
    public func gist(of window: WindowForPeople) -> String {
        if let words = window.withheldWords { return words }
        let found = select(window.ranking).found.map { window.ranking[$0].id }.sorted()
        return (window.used + window.withoutECG + found).joined(separator: " ")
    }

    func select(_ ranking: [WindowForPeople.Entry]) -> StatementsForPeople.Selection {
        rules.select(ranking.map { ($0.id, $0.probability) })
    }

    /// The findings, and where a number was asked for so many statements; why there are fewer, if there are.
    private func statements(of ranking: [WindowForPeople.Entry]) -> String {
        let selection = select(ranking)
        var words = selection.found.isEmpty ? ["no statement reaches its threshold"] : []
        let shown = self.shown(found: selection.found, near: selection.near) { ranking[$0].probability }
        words += shown.map { index in
            let entry = ranking[index]
            guard selection.near.contains(index) else { return self.words(for: entry, entry.probability) }
            return self.words(for: entry, entry.probability, .down) + " (below threshold)"
        }
        if let reason = whyFewer(shown.count, ranked: ranking.count) { words.append(reason) }
        return words.joined(separator: "; ")
    }

    /// The statements to print, in falling order: the findings, or as many as were asked for, findings first chosen.
    func shown(found: [Int], near: [Int], by figure: (Int) -> Double) -> [Int] {
        guard let count else { return found }
        // Each list falls already; `sorted` is stable, so equal figures keep the findings before the others.
        return (found + near).prefix(count).sorted { figure($0) > figure($1) }
    }

    /// Why fewer statements are printed than were asked for; nil where none are missing.
    func whyFewer(_ shown: Int, ranked: Int) -> String? {
        guard let count, shown < count else { return nil }
        let rest = ranked - shown
        let leftOut = rest == 0 ? "" : ", \(rest) of them left out beside a more special or an abnormal one"
        return "\(shown) of the \(count) asked for; \(ranked) \(ranked == 1 ? "is" : "are") ranked\(leftOut)"
    }

    /// A statement in both languages with its figure.
    func words(
        for entry: WindowForPeople.Entry,
        _ share: Double,
        _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero
    ) -> String { "\(entry.english) / \(entry.japanese) \(Percent.probability(share, rule))" }

    private static func seconds(_ index: GridIndex) -> String {
        let tenths = index / 50
        return "\(tenths / 10).\(tenths % 10)"
    }
}
