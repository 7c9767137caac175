public import Diagnosis
private import FoundationEssentials

/// A model folder written anew with other probabilities; weights and sentences stay byte for byte.
public struct ModelFolderCopy: Sendable {
    /// Keys of model.json that are set.
    private struct Changes: Encodable {
        let calibrations: [String: [String: Correction]]
        let thresholds: [String: Double]
        let ranked: [String]
        let unvalidated: [String: String]
        let calibrationSet: String

        enum CodingKeys: String, CodingKey {
            case calibrations
            case thresholds
            case ranked
            case unvalidated
            case calibrationSet = "calibration_set"
        }
    }

    private struct Correction: Encodable {
        let scale: Double
        let offset: Double
    }

    private let changes: Changes

    /// The probabilities to write.
    /// - Parameters:
    ///   - calibrations: The correction of each statement for each fitted set of leads.
    ///   - thresholds: The probability from which each statement counts as found.
    ///   - ranked: The statements that may be ranked.
    ///   - unvalidated: Why each other statement may not, by id.
    ///   - set: What they were fitted on, in words.
    public init(
        calibrations: [FittedLeads: [String: SimilarityModel.Calibration]],
        thresholds: [String: Double],
        ranked: [String],
        unvalidated: [String: String],
        fittedOn set: String
    ) {
        var named: [String: [String: Correction]] = [:]
        for (leads, corrections) in calibrations {
            named[leads.rawValue] = corrections.mapValues { Correction(scale: $0.scale, offset: $0.offset) }
        }
        changes = Changes(
            calibrations: named,
            thresholds: thresholds,
            ranked: ranked,
            unvalidated: unvalidated,
            calibrationSet: set
        )
    }

    /// Copies a folder that loads and changes its model.json, which is written last: until then the copy is no model.
    /// - Throws: A `ModelFolderError` where the folder is no model, or the copy exists or cannot be written.
    public func write(_ folder: String, to copy: String) throws(ModelFolderError) {
        _ = try ModelFolder.load(folder)
        let files = FileManager.default
        guard !files.fileExists(atPath: copy + "/model.json") else {
            throw ModelFolderError(copy, "holds a model already; take another --out, or remove it first")
        }
        do {
            try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: folder) where name.hasSuffix(".safetensors") {
                try? files.removeItem(atPath: copy + "/" + name)
                try files.copyItem(atPath: folder + "/" + name, toPath: copy + "/" + name)
            }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/model.json"))
            var description = try JSONDecoder().decode([String: JSONFragment].self, from: bytes)
            let changed = try JSONDecoder().decode(
                [String: JSONFragment].self,
                from: JSONEncoder().encode(changes)
            )
            description.merge(changed) { _, new in new }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(description) + [10]).write(
                to: URL(fileURLWithPath: copy + "/model.json"),
                options: .atomic
            )
        } catch {
            throw ModelFolderError(copy, "cannot be written (\(error)); check the place and its space")
        }
    }
}

/// Any JSON value, so that keys which this program does not know are copied as they are.
private enum JSONFragment: Codable {
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
