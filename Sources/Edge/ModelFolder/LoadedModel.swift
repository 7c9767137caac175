/// A model folder on disk, checked as a whole before any of it is used.
///
///     model.json               preprocessing, similarity, ranked statements, hashes of the others
///     encoder.safetensors      weights
///     label-bank.safetensors   bank.en, bank.ja [statements, 256]; row order in the metadata `ids`
///     labels.tsv               optional: the catalogue with rows of its own added
///     benchmark-bank.safetensors   optional: the same for the 71 sentences of PTB-XL's benchmark, ids its codes
///     activation-ranges.safetensors   for precision int8: the greatest magnitudes of each convolution's outputs

public import Diagnosis
private import Digest
public import ECGEncoder
internal import ECGSignal
public import Findings
private import FoundationEssentials

/// A model that is ready to run with one catalogue.
public struct LoadedModel: Sendable {
    /// The name that model.json states.
    public let name: String
    /// The revision that model.json states, else the first 16 hex digits of the weights' SHA-256.
    public let revision: String
    /// The revisions that every diagnosis names as what it was made with.
    public let revisions: Revisions
    /// Ranks statements by an embedding.
    public let ranker: StatementRanker
    /// The sentences of PTB-XL's benchmark, which serve evaluation alone; nil where the folder has none.
    public let benchmark: SentenceBank?
    /// How many training windows each statement was true in, by id; empty where the folder does not tell.
    public let trainingPositives: [String: Int]
    /// Why statements that the model could rank are not, by id; what was added to the folder stands here too.
    public let unvalidated: [String: String]
    /// The recordings that thresholds and calibrations rest on, in words; nil where the folder does not tell.
    public let calibrationSet: String?
    /// The numbers in which the encoder computes.
    public let precision: Precision
    /// The encoder's weights, all finite.
    private let weights: Safetensors
    /// How large its activations become; nil where it computes in floats.
    private let ranges: Safetensors?

    /// The values of an encoder tensor, row-major; of a model of eight bits also the ranges of its activations.
    public func tensor(_ name: String, _ shape: [Int]) throws(ModelFolderError) -> [Float] {
        if let ranges, name.hasSuffix(".range") { return try ranges.floats(name, shape: shape) }
        return try weights.floats(name, shape: shape)
    }

    fileprivate init(
        description: ModelDescription,
        weightsSHA256: String,
        revisions: Revisions,
        ranker: StatementRanker,
        benchmark: SentenceBank?,
        weights: Safetensors,
        ranges: Safetensors?
    ) {
        name = description.name
        revision = description.revision ?? String(weightsSHA256.prefix(16))
        self.revisions = revisions
        trainingPositives = description.trainingPositives ?? [:]
        unvalidated = description.unvalidated ?? [:]
        calibrationSet = description.calibrationSet
        self.ranker = ranker
        self.benchmark = benchmark
        precision = description.precision.flatMap { Precision(rawValue: $0) } ?? .float32
        self.weights = weights
        self.ranges = ranges
    }
}

/// Reads models from disk.
public enum ModelFolder {
    /// The most bytes that one file of a model folder may have.
    static let fileBytesMax = 64 * 1_048_576
    private static let descriptionFile = "model.json"
    static let weightsFile = "encoder.safetensors"
    static let bankFile = "label-bank.safetensors"
    static let benchmarkFile = "benchmark-bank.safetensors"
    static let catalogueFile = "labels.tsv"
    static let rangesFile = "activation-ranges.safetensors"

    /// Reads and checks a folder against its own catalogue, or against the program's where it has none.
    public static func load(_ path: String) throws(ModelFolderError) -> LoadedModel {
        let folder = path.hasSuffix("/") ? path : path + "/"
        let catalogue = try catalogue(folder + catalogueFile)
        let descriptionPath = folder + descriptionFile
        let descriptionBytes = try readFile(descriptionPath)
        let description = try ModelDescription(descriptionBytes, file: descriptionPath)
        let catalogueSHA256 = SHA256.hex(catalogue.bytes)
        guard description.catalogueSHA256 == catalogueSHA256 else {
            throw ModelFolderError(
                descriptionPath,
                "catalogue_sha256",
                "\(description.catalogueSHA256.prefix(64)) where the catalogue has \(catalogueSHA256); take the model "
                    + "and the program of one release"
            )
        }
        let (weightsBytes, weightsHash) = try readHashed(weightsFile, in: folder, description)
        let (bankBytes, bankHash) = try readHashed(bankFile, in: folder, description)
        let weights = try Safetensors(weightsBytes, file: folder + weightsFile)
        try weights.checkFinite()
        let sentences = try sentences(bankBytes, folder + bankFile)
        let bank: LabelBank
        do { bank = try LabelBank(sentences, catalogue: catalogue) } catch {
            throw ModelFolderError(folder + bankFile, error.part, error.reason)
        }
        var benchmark: SentenceBank?
        if description.files[benchmarkFile] != nil {
            let (bytes, _) = try readHashed(benchmarkFile, in: folder, description)
            benchmark = try self.sentences(bytes, folder + benchmarkFile)
        }
        let ranges = try ranges(in: folder, description)
        let similarity = SimilarityModel(
            scale: description.scale,
            bias: description.bias,
            ranked: description.ranked,
            calibrations: try description.fittedCalibrations(file: descriptionPath),
            thresholds: description.thresholds ?? [:]
        )
        let ranker: StatementRanker
        do { ranker = try StatementRanker(catalogue: catalogue, bank: bank, model: similarity) } catch {
            throw ModelFolderError(descriptionPath, error.part, error.reason)
        }
        return LoadedModel(
            description: description,
            weightsSHA256: weightsHash,
            revisions: Revisions(
                model: String(SHA256.hex(descriptionBytes).prefix(16)),
                bank: String(bankHash.prefix(16)),
                catalogue: String(catalogueSHA256.prefix(16))
            ),
            ranker: ranker,
            benchmark: benchmark,
            weights: weights,
            ranges: ranges
        )
    }

    /// The catalogue that a folder has, checked as that of a model; the program's own where it has none.
    public static func catalogue(in folder: String) throws(ModelFolderError) -> Catalogue {
        try catalogue((folder.hasSuffix("/") ? folder : folder + "/") + catalogueFile)
    }

    /// The table of that path, in which every statement of the program's own table stands unchanged; else that table.
    private static func catalogue(_ path: String) throws(ModelFolderError) -> Catalogue {
        guard FileManager.default.fileExists(atPath: path) else { return .shipped }
        let own: Catalogue
        do { own = try Catalogue(bytes: readFile(path)) } catch let error as Catalogue.Malformed {
            throw ModelFolderError(path, error.description)
        } catch let error as ModelFolderError { throw error } catch {
            throw ModelFolderError(path, "\(error)")
        }
        for statement in Catalogue.shipped.statements {
            guard let row = own.index(of: statement.id) else {
                throw ModelFolderError(
                    path,
                    statement.id,
                    "the statement is missing; a table may only add rows"
                )
            }
            guard own.statements[row] == statement else {
                throw ModelFolderError(
                    path,
                    statement.id,
                    "differs from the program's own row; a table may only add rows"
                )
            }
        }
        return own
    }

    /// Reads how large the activations of a model of eight bits become; nil where it computes in floats.
    private static func ranges(
        in folder: String,
        _ description: ModelDescription
    ) throws(ModelFolderError) -> Safetensors? {
        guard description.precision == Precision.int8.rawValue else { return nil }
        let (bytes, _) = try readHashed(rangesFile, in: folder, description)
        let ranges = try Safetensors(bytes, file: folder + rangesFile)
        try ranges.checkFinite()
        return ranges
    }

    /// Reads the projected sentences of a bank.
    private static func sentences(_ bytes: [UInt8], _ file: String) throws(ModelFolderError) -> SentenceBank {
        let tensors = try Safetensors(bytes, file: file)
        guard let ids = tensors.metadata["ids"]?.split(separator: "\n").map(String.init) else {
            throw ModelFolderError(file, "__metadata__.ids", "the row order is missing; build the bank anew")
        }
        let shape = [ids.count, Embedding.dimensions]
        let english = try tensors.floats("bank.en", shape: shape)
        let japanese = try tensors.floats("bank.ja", shape: shape)
        do { return try SentenceBank(ids: ids, english: english, japanese: japanese) } catch {
            throw ModelFolderError(file, error.part, error.reason)
        }
    }

    /// Reads a file and its SHA-256, which must be the one that model.json states.
    private static func readHashed(
        _ name: String,
        in folder: String,
        _ description: ModelDescription
    ) throws(ModelFolderError) -> ([UInt8], String) {
        guard let stated = description.files[name] else {
            throw ModelFolderError(folder + descriptionFile, "files.\(name)", "the hash is missing; add it")
        }
        let bytes = try readFile(folder + name)
        let hash = SHA256.hex(bytes)
        guard hash == stated else {
            throw ModelFolderError(
                folder + name,
                "SHA-256 \(hash) where model.json states \(stated.prefix(64)); take both from one model"
            )
        }
        return (bytes, hash)
    }
}

extension ModelFolder {
    /// The bytes of one of a folder's files.
    static func bytes(_ path: String) throws(ModelFolderError) -> [UInt8] { try readFile(path) }
}

/// Reads a regular file of at most `ModelFolder.fileBytesMax` bytes.
private func readFile(_ path: String) throws(ModelFolderError) -> [UInt8] {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let attributes: [FileAttributeKey: Any]
    do { attributes = try FileManager.default.attributesOfItem(atPath: url.path) } catch {
        throw ModelFolderError(path, "no such file; give the folder of a whole model")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? UInt64
    else {
        throw ModelFolderError(path, "not a regular file")
    }
    guard size <= UInt64(ModelFolder.fileBytesMax) else {
        throw ModelFolderError(path, "\(size) bytes, more than the \(ModelFolder.fileBytesMax) that are read")
    }
    do { return [UInt8](try Data(contentsOf: url)) } catch {
        throw ModelFolderError(path, "cannot be read (\(error)); check its permissions")
    }
}
