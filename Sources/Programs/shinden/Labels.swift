internal import ArgumentParser
private import Diagnosis
internal import Findings
internal import Messaging
private import Pipeline
internal import Wire
private import ZeroMQ

/// The statements of the catalogue.
struct Labels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels",
        abstract: "The statements that a model ranks, and those that it does not.",
        subcommands: [LabelsList.self, LabelsEmbed.self, LabelsAdd.self, LabelsValidate.self],
        defaultSubcommand: LabelsList.self
    )
}

/// Every statement with its use.
struct LabelsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List every statement of the catalogue in English and Japanese, and whether it can appear.",
        discussion: """
            A running daemon is asked, since its model decides. Where none answers, the statements are those of the \
            model in --model, and a sentence on stderr says so. Uses are: ranked, by this model; rule, found by a \
            rule and not by the model; unvalidated, known to the catalogue, but nothing looks for it. Research software, \
            not a medical device.

            EXAMPLES
              shinden labels list
              shinden labels list --use ranked
              shinden labels list --json
              shinden labels list --model Models/default --offline

            EXIT CODES
              0 done  64 usage  78 endpoint or model refused
            """
    )

    @Option(help: "Only statements of this use: ranked, rule or unvalidated.", completion: .list(Self.uses))
    var use: String?
    @Flag(help: "Ask no daemon.") var offline = false
    @OptionGroup var modelOption: ModelOption
    @OptionGroup var option: ControlOption

    private static let uses = LabelReport.Use.allCases.map(\.rawValue)
    /// A daemon that is there answers far sooner; one that is not should not be waited for.
    private static let patience = Duration.seconds(1)

    func validate() throws {
        guard use.map({ Self.uses.contains($0) }) ?? true else {
            throw ValidationError("--use \(use ?? ""): give \(Self.uses.joined(separator: ", "))")
        }
    }

    func run() throws {
        let (labels, notLookedFor) = try fromDaemon() ?? fromModel()
        Output.notice(notLookedFor)
        let wanted = labels.filter { use == nil || LabelReport.Entry($0).use == use }
        let lines =
            option.json
            ? wanted.map { JSONValue.object($0).canonicalText }
            : ControlPage.labels(wanted.map(LabelReport.Entry.init))
        for line in lines { Output.data(line) }
    }

    private func fromDaemon() throws -> (entries: [JSONObject], notLookedFor: String?)? {
        if offline { return nil }
        let (endpoint, security) = try option.place()
        do {
            var asker = try ControlAsker(endpoint, in: try Context(security: security))
            let labels = try DaemonLabels.ask(&asker, patience: Self.patience)
            return (labels.entries, labels.notLookedFor)
        } catch is ControlAsker.Failure {
            Output.words("No daemon answers at \(endpoint); these are the statements of the model.")
            return nil
        }
    }

    private func fromModel() throws -> (entries: [JSONObject], notLookedFor: String?) {
        let model = try modelOption.load().model
        let ranker = model.ranker
        let entries = LabelReport.entries(
            of: ranker.catalogue,
            ranked: ranker.rankedIDs,
            ruled: RuleStatements.ids,
            threshold: ranker.threshold(of:)
        )
        return (entries, model.lookedForSentences)
    }
}
