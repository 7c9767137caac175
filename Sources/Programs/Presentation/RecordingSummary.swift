private import Diagnosis
private import ECGSignal
public import Findings

/// A whole recording in one line, added up window by window, so that no window needs to be kept.
///
/// A statement's figure is its mean over all windows of the recording. A window that is withheld, or among whose ten
/// ranked statements it is not, counts as 0, and so does one in which it has no probability, so that the mean never says
/// more than the windows together do.
public struct RecordingSummary: Sendable {
    /// What was added up of one statement.
    private struct Total: Sendable {
        let entry: WindowForPeople.Entry
        /// The sum of its probabilities.
        var probability = 0.0
        /// The windows in which it was found.
        var found = 0
        /// Whether it had a probability in any window.
        var isJudged = false
    }

    /// Windows that were withheld for one reason.
    private struct Withheld: Sendable {
        let reason: String
        /// The words of the first of them.
        let words: String
        var count: Int
    }

    private let lines: FindingLines
    /// In the order in which the statements first came, which orders equal means.
    private var totals: [Total] = []
    private var withheld: [Withheld] = []
    private var windows = 0
    /// The sum of the windows' shares of a 12-lead ECG.
    private var share = 0.0
    private var used: [Int: Set<String>] = [:]
    /// Whether every window that was ranked rests on a patch or strap.
    private var isPatch = true
    private var needOthersMax = 0
    /// Alarms that began, by statement, in the order in which the statements first came.
    private var alarms: [(id: String, words: String, count: Int)] = []

    /// An empty recording, told in the way of `lines`.
    public init(_ lines: FindingLines) { self.lines = lines }

    /// Adds a window.
    public mutating func add(_ window: WindowForPeople) {
        windows += 1
        share += window.share
        if let reason = window.withheld {
            if let index = withheld.firstIndex(where: { $0.reason == reason }) {
                withheld[index].count += 1
            } else {
                withheld.append(Withheld(reason: reason, words: window.withheldWords ?? reason, count: 1))
            }
            return
        }
        used[window.used.count, default: []].formUnion(window.used)
        isPatch = isPatch && window.isPatch
        needOthersMax = max(needOthersMax, window.withheldStatements)
        let selection = lines.select(window.ranking)
        // A general statement that a special one replaces is found too; the line of the recording decides anew.
        let found = Set(selection.found + selection.leftOut.filter { reachesThreshold(window.ranking[$0]) })
        for (place, entry) in window.ranking.enumerated() {
            let index = totals.firstIndex { $0.entry.id == entry.id } ?? totals.count
            if index == totals.count { totals.append(Total(entry: entry)) }
            totals[index].probability += entry.probability ?? 0
            if entry.probability != nil { totals[index].isJudged = true }
            totals[index].found += found.contains(place) ? 1 : 0
        }
    }

    /// Adds a step of an alarm; those that begin are counted.
    public mutating func add(_ alarm: AlarmEvent) {
        guard alarm.phase == .start, alarm.reason != .resumed else { return }
        if let index = alarms.firstIndex(where: { $0.id == alarm.alarm.statement }) {
            alarms[index].count += 1
        } else {
            alarms.append((alarm.alarm.statement, AlarmForPeople.names(of: alarm), 1))
        }
    }

    /// The line of the recording of that name.
    public func line(of recording: String) -> String { "\(recording)  \(text)" }

    /// How many windows there are, what they rest on, what was found in them, and which alarms began.
    var text: String {
        guard !alarms.isEmpty else { return windowText }
        let words = alarms.map { "\($0.words)\($0.count > 1 ? " (\($0.count) times)" : "")" }
        return windowText + "; alarms: " + words.joined(separator: ", ")
    }

    private var windowText: String {
        let count = windows == 1 ? "1 window" : "\(windows) windows"
        let reasons = withheld.map { "\($0.count) withheld, \($0.words)" }
        guard windows > withheld.reduce(0, { $0 + $1.count }) else {
            return ([count] + reasons).joined(separator: "; ")
        }
        return ([count] + reasons + [basis]).joined(separator: "; ") + "; mean over all: " + statements
    }

    /// The leads of the windows that were ranked, and the mean share of a 12-lead ECG over all windows.
    private var basis: String {
        let counts = used.keys.sorted()
        let number = counts.count == 1 ? "\(counts[0])" : "\(counts[0]) to \(counts[counts.count - 1])"
        let names = LeadWords.inStandardOrder(used.values.reduce([]) { $0.union($1) })
        let list = counts == [12] ? "" : " (\(LeadWords.list(names, isPatch: isPatch)))"
        let leads =
            "\(number) of 12 leads\(list), \(Percent.signal(share / Double(windows))) of a 12-lead ECG"
        return needOthersMax > 0 ? leads + "; " + LeadWords.needed(by: needOthersMax) : leads
    }

    /// Whether a statement that a window leaves out is found in it nevertheless; a `normal` left out is not.
    private func reachesThreshold(_ entry: WindowForPeople.Entry) -> Bool {
        entry.id != "normal" && (entry.probability ?? 0) >= lines.rules.threshold(of: entry.id)
    }

    /// The statements that were found in a window, the greatest mean first; more where a number was asked for.
    ///
    /// A special statement is told instead of a general one by the rule that holds in each window.
    private var statements: String {
        let means = totals.map { $0.probability / Double(windows) }
        let selection = lines.rules.divide(
            totals.indices.map { (totals[$0].entry.id, totals[$0].isJudged ? means[$0] : nil) },
            isFound: totals.map { $0.found > 0 }
        )
        let (found, near) = (selection.found, selection.near)
        var words: [String] = []
        if found.isEmpty {
            let isJudged = totals.isEmpty || totals.contains(where: \.isJudged)
            words = [
                isJudged
                    ? "no statement reaches its threshold in any window" : FindingLines.withoutProbability
            ]
        }
        let shown = lines.shown(found: found, near: near) { means[$0] }
        words += shown.map { index in
            guard totals[index].isJudged else { return FindingLines.names(totals[index].entry) }
            let count = totals[index].found
            guard count > 0 else {
                return lines.words(for: totals[index].entry, means[index], .down) + " (below threshold)"
            }
            return lines.words(for: totals[index].entry, means[index])
                + " (found in \(count) window\(count == 1 ? "" : "s"))"
        }
        if let reason = lines.whyFewer(shown.count, ranked: totals.count) { words.append(reason) }
        return words.joined(separator: "; ")
    }
}
