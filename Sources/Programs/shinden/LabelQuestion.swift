internal import Diagnosis
internal import Findings
internal import Messaging
internal import Pipeline
internal import ZeroMQ

/// The question to the daemon's control socket: which thresholds hold, and what is never looked for.
struct LabelQuestion {
    /// Where to ask; nil where it is not known.
    let endpoint: Endpoint?
    let isQuiet: Bool
    /// The run of the daemon that was asked last.
    private var run: String?

    /// How long the answer may take; events wait in the socket's queue meanwhile.
    private static let patience = Duration.seconds(1)

    init(endpoint: Endpoint?, isQuiet: Bool) {
        self.endpoint = endpoint
        self.isQuiet = isQuiet
    }

    /// Asks once in each run of the daemon, and tells a reader on stderr what it learned; the thresholds, if any came.
    mutating func answer(inRun run: String?, _ context: Context) throws -> [String: Double]? {
        guard let run, run != self.run else { return nil }
        self.run = run
        if let endpoint {
            do {
                var asker = try ControlAsker(endpoint, in: context)
                let labels = try DaemonLabels.ask(&asker, patience: LabelQuestion.patience)
                if !isQuiet, let sentence = labels.notLookedFor { Output.words(sentence) }
                return labels.thresholds
            } catch is ControlAsker.Failure {
                // Nobody answers there; what holds for every model is told below.
            }
        }
        if !isQuiet { Output.words(whatIsCertain) }
        return nil
    }

    /// What holds for every model, where the daemon's own is not known: rules own these, and they are not written yet.
    private var whatIsCertain: String {
        let decidable = Catalogue.shipped.statements.filter { $0.evidence != .rule }.map(\.id)
        let missing = RuleStatements.notLookedFor(besides: Set(decidable), in: .shipped)
        let place = endpoint.map { "nobody answers at \($0)" } ?? "give --control to ask"
        return "What this daemon's model leaves out is not known (\(place)); its thresholds are taken as 0.5."
            + (missing.sentence.map { " At least " + $0 } ?? "")
    }
}
