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
        for entry in entries {
            if let id = entry["id"]?.text, let threshold = entry["threshold"]?.real {
                thresholds[id] = threshold
            }
        }
        return thresholds
    }

    /// Asks for all pages, each waited for at most `patience`; throws what `ControlAsker` does.
    public static func ask(_ asker: inout ControlAsker, patience: Duration) throws -> DaemonLabels {
        let first = try asker.ask("LABELS", patience: patience)
        return DaemonLabels(
            entries: try asker.askAllPages("LABELS", "labels", patience: patience),
            notLookedFor: first["not_looked_for"]?.object?["sentence"]?.text
        )
    }
}
