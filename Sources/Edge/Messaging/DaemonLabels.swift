public import Wire

/// What a daemon tells of the statements that its model makes, by the control request LABELS.
public struct DaemonLabels: Sendable {
    /// Every statement of its catalogue as LABELS tells it.
    public let entries: [JSONObject]
    /// One sentence on what the daemon never looks for; nil where it says nothing about that.
    public let notLookedFor: String?

    /// The probability from which a statement counts as found, by id, for the statements that the model ranks.
    public var thresholds: [String: Double] {
        var thresholds: [String: Double] = [:]
        for entry in entries.map(LabelReport.Entry.init) {
            if let threshold = entry.threshold { thresholds[entry.id] = threshold }
        }
        return thresholds
    }

    /// Asks for all pages, each waited for at most `patience`; throws what `ControlAsker` does.
    public static func ask(_ asker: inout ControlAsker, patience: Duration) throws -> DaemonLabels {
        let first = try asker.ask(.labels, patience: patience)
        return DaemonLabels(
            entries: try asker.askAllPages(.labels, LabelReport.list, patience: patience),
            notLookedFor: LabelReport.sentenceOnWhatIsNotLookedFor(in: first)
        )
    }
}
