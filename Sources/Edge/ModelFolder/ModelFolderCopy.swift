public import Diagnosis
private import Digest
private import ECGSignal
private import Findings
private import FoundationEssentials

/// A model folder written anew with some of it changed; the weights stay byte for byte.
public struct ModelFolderCopy: Sendable {
    /// What recordings say of a model's probabilities, as model.json holds it.
    public struct Probabilities: Sendable {
        /// The correction of each statement for each fitted set of leads.
        public let calibrations: [FittedLeads: [String: SimilarityModel.Calibration]]
        /// The probability from which each statement counts as found.
        public let thresholds: [String: Double]
        /// The statements that may be ranked.
        public let ranked: [String]
        /// Why each other statement may not be, by id.
        public let unvalidated: [String: String]
        /// What they were fitted on, in words.
        public let recordings: String

        /// Makes them of their parts.
        public init(
            calibrations: [FittedLeads: [String: SimilarityModel.Calibration]],
            thresholds: [String: Double],
            ranked: [String],
            unvalidated: [String: String],
            recordings: String
        ) {
            self.calibrations = calibrations
            self.thresholds = thresholds
            self.ranked = ranked
            self.unvalidated = unvalidated
            self.recordings = recordings
        }
    }

    let source: String
    private let copy: String

    /// A copy of the folder `source` at `copy`, where no model may stand yet.
    public init(of source: String, at copy: String) {
        self.source = source
        self.copy = copy
    }

    /// Writes the copy with those probabilities in place of its own.
    /// - Throws: A `ModelFolderError` where the source is no model, or the copy exists or cannot be written.
    public func write(_ probabilities: Probabilities) throws(ModelFolderError) {
        _ = try ModelFolder.load(source)
        try write { description in
            description["calibrations"] = .object(
                Dictionary(
                    uniqueKeysWithValues: probabilities.calibrations.map { leads, corrections in
                        (leads.rawValue, .object(corrections.mapValues(ModelFolderCopy.fragment)))
                    }
                )
            )
            description["thresholds"] = .object(probabilities.thresholds.mapValues { .number($0) })
            description["ranked"] = .array(probabilities.ranked.map { .string($0) })
            description["unvalidated"] = .object(probabilities.unvalidated.mapValues { .string($0) })
            description["calibration_set"] = .string(probabilities.recordings)
        }
    }

    /// Writes the copy with one more statement, which nothing has validated yet.
    ///
    /// Rows and sentences that are there stay as they are, so no other figure changes.
    /// - Parameters:
    ///   - line: The statement's line of labels.tsv.
    ///   - english: The embedding of its English sentence, as wide as the bank's.
    ///   - japanese: The same for the Japanese one.
    /// - Throws: A `ModelFolderError` where the line is no statement of its own, or the source or the copy is at fault.
    public func write(
        adding line: String,
        english: [Float],
        japanese: [Float]
    ) throws(ModelFolderError) {
        let loaded = try ModelFolder.load(source)
        let old = loaded.ranker.catalogue
        let table = old.bytes + (old.bytes.last == 10 ? [] : [10]) + Array((line + "\n").utf8)
        let catalogue: Catalogue
        do { catalogue = try Catalogue(bytes: table) } catch {
            throw ModelFolderError("the new statement", error.description)
        }
        guard catalogue.statements.count == old.statements.count + 1, let added = catalogue.statements.last
        else {
            throw ModelFolderError("the new statement", "not one line")
        }
        if let parent = added.parent, old.index(of: parent) == nil {
            throw ModelFolderError("the new statement", "its parent \(parent) is not in the catalogue")
        }
        let path = source + "/" + ModelFolder.bankFile
        let bank = try Safetensors(ModelFolder.bytes(path), file: path)
        var sentences = try SentenceTable(bank, path: path)
        guard english.count == sentences.width, japanese.count == sentences.width else {
            throw ModelFolderError(
                path,
                "\(english.count) numbers a sentence where the bank has \(sentences.width); ask the language model that made it"
            )
        }
        let old256 = [sentences.ids.count, Embedding.dimensions]
        let rows = (try bank.floats("bank.en", shape: old256), try bank.floats("bank.ja", shape: old256))
        let weight = try loaded.tensor("text_projection.weight", [Embedding.dimensions, sentences.width])
        let projected = SentenceTable.Row(english: english, japanese: japanese)
            .projected(in: sentences, by: weight, dimensions: Embedding.dimensions)
        sentences.append(id: added.id, english: english, japanese: japanese)
        let shape = [sentences.ids.count, Embedding.dimensions]
        let bytes = SafetensorsWriter.bytes(
            sentences.tensors + [
                .init("bank.en", shape, rows.0 + projected.english),
                .init("bank.ja", shape, rows.1 + projected.japanese),
            ],
            metadata: ["ids": sentences.ids.joined(separator: "\n")]
        )
        try write(files: [ModelFolder.bankFile: bytes, ModelFolder.catalogueFile: table]) { description in
            description["catalogue_sha256"] = .string(SHA256.hex(table))
            description.setMember("files", ModelFolder.bankFile, .string(SHA256.hex(bytes)))
            description.setMember("unvalidated", added.id, .string("added; no recordings have shown it yet"))
        }
    }

    private static func fragment(_ correction: SimilarityModel.Calibration) -> JSONFragment {
        .object(["scale": .number(correction.scale), "offset": .number(correction.offset)])
    }

    /// Refuses a copy in a folder that is read.
    func keepOut(of folder: String) throws(ModelFolderError) {
        func place(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard !"\(place(copy))/".hasPrefix("\(place(folder))/") else {
            throw ModelFolderError(copy, "lies in the folder of the model \(folder); take another --out")
        }
    }

    /// Copies all files but those that are given or left out, then writes model.json: until then the copy is no model.
    func write(
        files replaced: [String: [UInt8]] = [:],
        leavingOut: Set<String> = [],
        _ change: (inout [String: JSONFragment]) -> Void
    ) throws(ModelFolderError) {
        let manager = FileManager.default
        try keepOut(of: source)
        guard !manager.fileExists(atPath: copy + "/model.json") else {
            throw ModelFolderError(copy, "holds a model already; take another --out, or remove it first")
        }
        do {
            try manager.createDirectory(atPath: copy, withIntermediateDirectories: true)
            let names = try manager.contentsOfDirectory(atPath: source).filter {
                $0.hasSuffix(".safetensors") || $0 == ModelFolder.catalogueFile
            }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: source + "/model.json"))
            var description = try JSONDecoder().decode([String: JSONFragment].self, from: bytes)
            // Bytes are copied, not files: a link that leads beside the source would lead elsewhere from the copy.
            for name in names where replaced[name] == nil && !leavingOut.contains(name) {
                try put(ModelFolder.bytes(source + "/" + name), name, stated: description.hash(of: name))
            }
            for (name, bytes) in replaced { try put(bytes, name) }
            change(&description)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(description) + [10]).write(
                to: URL(fileURLWithPath: copy + "/model.json"),
                options: .atomic
            )
        } catch let error as ModelFolderError {
            throw error
        } catch {
            throw ModelFolderError(copy, "cannot be written (\(error)); check the place and its space")
        }
    }

    /// Writes one file of the copy; `stated` is the hash that model.json has of it, where it has one.
    private func put(_ bytes: [UInt8], _ name: String, stated: String? = nil) throws {
        guard stated == nil || stated == SHA256.hex(bytes) else {
            throw ModelFolderError(source + "/" + name, "changed while it was copied; copy the model anew")
        }
        let path = copy + "/" + name
        // What stands there goes first: writing through a link would change what it leads to.
        try? FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

extension [String: JSONFragment] {
    /// The hash that model.json states of a file; nil where it states none.
    fileprivate func hash(of file: String) -> String? {
        guard case .object(let files)? = self["files"], case .string(let hash)? = files[file] else {
            return nil
        }
        return hash
    }

    /// Sets a member of the object that stands under `key`.
    mutating func setMember(_ key: String, _ name: String, _ value: JSONFragment) {
        var members: [String: JSONFragment] = [:]
        if case .object(let known)? = self[key] { members = known }
        members[name] = value
        self[key] = .object(members)
    }
}

/// Any JSON value, so that keys which this program does not know are copied as they are.
enum JSONFragment: Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONFragment])
    case object([String: JSONFragment])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONFragment].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONFragment].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
