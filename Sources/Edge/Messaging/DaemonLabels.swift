private import Wire
public import ZeroMQ

/// What a daemon tells of the statements that its model makes, by the control op LABELS.
public struct DaemonLabels: Sendable {
    /// The probability from which a statement counts as found, by id, where the model has one of its own.
    public let thresholds: [String: Double]
    /// One sentence on what the daemon never looks for; nil where it says nothing about that.
    public let notLookedFor: String?

    /// Asks for them; nil where no answer came within `timeout`.
    public static func ask(
        _ client: inout ControlClient,
        timeout: Duration
    ) throws(ZeroMQError) -> DaemonLabels? {
        guard let pages = try client.pages(of: "LABELS", "labels", timeout: timeout) else { return nil }
        var thresholds: [String: Double] = [:]
        for label in pages.elements {
            if let id = label["id"]?.text, let threshold = label["threshold"]?.real {
                thresholds[id] = threshold
            }
        }
        return DaemonLabels(
            thresholds: thresholds,
            notLookedFor: pages.first["not_looked_for"]?.object?["sentence"]?.text
        )
    }
}
