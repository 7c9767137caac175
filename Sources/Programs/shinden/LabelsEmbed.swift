internal import ArgumentParser
private import Diagnosis
internal import Findings
private import FoundationEssentials
private import ModelFolder
internal import TextEmbedding

/// Where sentences are embedded.
struct EmbeddingOption: ParsableArguments {
    @Option(
        help: "The embeddings server, as http://127.0.0.1:8080; /v1/embeddings is added where it is missing."
    ) var endpoint: String
    @Option(help: "The name of the language model that requests carry.") var languageModel = "default"

    /// Each sentence's vector, with a bar on a terminal.
    func embed(_ sentences: [String]) throws -> [[Float]] {
        let bar = ProgressBar()
        let rows = try EmbeddingServer(endpoint, model: languageModel).embed(sentences) {
            bar.show("embedding", done: $0, of: sentences.count)
        }
        bar.end()
        return rows
    }
}

/// Embeds a whole catalogue.
struct LabelsEmbed: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Embed the sentences of a catalogue with a language model behind an embeddings server.",
        discussion: """
            Asks any server that speaks OpenAI's embeddings for "This ECG shows {label}." and \
            「この心電図は{label}を示しています。」 of each statement, and writes the frozen vectors of unit length with \
            each language's mean, as `shinden train --sentences` reads them. The file is written when all are there. \
            Research software, not a medical device.

            EXAMPLES
              llama-server --model gemma.gguf --embeddings --pooling last --port 8080
              shinden labels embed --catalogue labels.tsv --endpoint http://127.0.0.1:8080 --out bank/label-bank.safetensors

            EXIT CODES
              0 done  64 usage  65 no catalogue  66 no such file  69 the server does not answer  74 cannot be written
            """
    )

    @Option(help: "The table of statements.", completion: .file(extensions: ["tsv"])) var catalogue: String
    @Option(help: "The file that gets the vectors.", completion: .file()) var out: String
    @OptionGroup var server: EmbeddingOption

    func run() throws {
        guard let bytes = FileManager.default.contents(atPath: catalogue) else {
            Output.words("shinden labels embed: \(catalogue): no such file")
            throw Failure.noInput
        }
        let statements: [Statement]
        do { statements = try Catalogue(bytes: [UInt8](bytes)).statements } catch {
            Output.words("shinden labels embed: \(catalogue): \(error.description)")
            throw Failure.data
        }
        guard !statements.isEmpty else {
            Output.words("shinden labels embed: \(catalogue): no statement")
            throw Failure.data
        }
        for (what, names) in [
            ("English", statements.map(\.english)), ("Japanese", statements.map(\.japanese)),
        ] {
            guard let (one, other) = LabelsEmbed.twice(names) else { continue }
            Output.words(
                "shinden labels embed: \(catalogue): \(statements[one].id) and \(statements[other].id) have one \(what) name, "
                    + "\"\(names[one])\", so nothing could tell them apart; give each its own"
            )
            throw Failure.data
        }
        // An hour of embedding must not end at a place that takes no file.
        let result = ResultFile(out, of: "shinden labels embed")
        try result.check()
        let rows: [[Float]]
        do {
            rows = try server.embed(
                statements.map { SentenceTable.english($0.english) }
                    + statements.map { SentenceTable.japanese($0.japanese) }
            )
        } catch let error as EmbeddingError {
            Output.words("shinden labels embed: \(error)")
            throw Failure.unavailable
        }
        let table = SentenceTable(
            ids: statements.map(\.id),
            english: Array(rows[..<statements.count]),
            japanese: Array(rows[statements.count...])
        )
        let file = SafetensorsWriter.bytes(
            table.tensors,
            metadata: ["ids": table.ids.joined(separator: "\n")]
        )
        try result.write(file)
        Output.words("\(table.ids.count) statements, \(table.width) numbers a sentence, in \(out)")
    }

    /// The places of the first two names that are the same; nil where all differ.
    private static func twice(_ names: [String]) -> (Int, Int)? {
        var first: [String: Int] = [:]
        for (place, name) in names.enumerated() {
            if let one = first.updateValue(place, forKey: name) { return (one, place) }
        }
        return nil
    }
}

/// Adds one statement to a model.
struct LabelsAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a statement to a model without training: one sentence in two languages.",
        discussion: """
            Writes a copy of the model whose labels.tsv and label bank have one more row; all others stay as they are. \
            The server must run the language model that made the bank. The new statement is unvalidated: it is \
            never ranked until `shinden labels validate` has shown it on recordings. Research software, not a medical \
            device.

            EXAMPLES
              shinden labels add --model Models/default --id osborn_wave --en "Osborn Wave" --ja "オズボーン波" \\
                --leads precordial --severity 2 --endpoint http://127.0.0.1:8080 --out models/osborn

            EXIT CODES
              0 done  64 usage  69 the server does not answer  78 the model or the statement is refused
            """
    )

    @Option(help: "The folder of the model.", completion: .directory) var model: String
    @Option(help: "The statement's key: small letters, digits and _.") var id: String
    @Option(help: "The statement in English.") var en: String
    @Option(help: "The statement in Japanese.") var ja: String
    @Option(help: "The next more general statement's key.") var parent: String?
    @Option(help: "The chapter it stands in.") var family = "other"
    @Option(help: "The leads that it needs at least, as any, I|II, limb or 12.") var leads = "any"
    @Option(help: "How severe it is, 0 to 3.") var severity = 1
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @OptionGroup var server: EmbeddingOption

    func validate() throws {
        guard !id.isEmpty, id.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) })
        else {
            throw ValidationError("--id \(id): small letters, digits and _ only")
        }
        guard LeadRequirement(leads) != nil else {
            throw ValidationError(
                "--leads \(leads): give any, I|II, limb, precordial or 12, joined by | and +"
            )
        }
        guard (0...3).contains(severity) else { throw ValidationError("--severity \(severity): give 0 to 3") }
        // Scalars are looked at, because CR LF is one character, which equals neither of the two.
        for text in [en, ja, family]
        where text.isEmpty
            || text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        {
            throw ValidationError(
                "a name is empty, or holds a tab, a line's end or another control character"
            )
        }
        guard parent != id else {
            throw ValidationError("--parent \(id): a statement is not more general than itself")
        }
    }

    func run() throws {
        do {
            let catalogue = try ModelFolder.load(model).ranker.catalogue
            guard catalogue.index(of: id) == nil else {
                Output.words("shinden labels add: \(id) is in the catalogue already")
                throw Failure.configuration
            }
            if let other = catalogue.statements.first(where: { $0.english == en || $0.japanese == ja }) {
                let name = other.english == en ? en : ja
                Output.words(
                    "shinden labels add: \"\(name)\" is the name of \(other.id) already, so nothing could tell them apart; "
                        + "give another name"
                )
                throw Failure.configuration
            }
            let rows = try server.embed([SentenceTable.english(en), SentenceTable.japanese(ja)])
            // The columns of labels.tsv in their order; aliases, best leads, codes and criterion stay empty.
            let line = [
                id, en, ja, "", family, parent ?? "", "model", leads, leads, "none", "\(severity)", "", "",
                "", "0",
            ].joined(separator: "\t")
            try ModelFolderCopy(of: model, at: out).write(adding: line, english: rows[0], japanese: rows[1])
            Output.words("\(id) is in \(out), unvalidated: show it with `shinden labels validate`")
        } catch let error as EmbeddingError {
            Output.words("shinden labels add: \(error)")
            throw Failure.unavailable
        } catch let error as ModelFolderError {
            Output.words("shinden labels add: \(error)")
            throw Failure.configuration
        }
    }
}
