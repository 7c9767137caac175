private import Digest
public import ECGEncoder
private import FoundationEssentials

extension ModelFolderCopy {
    /// What recordings have shown of a model in eight bits beside the same model in floats, as model.json holds it.
    public struct Quantisation: Sendable {
        /// The recordings that the ranges rest on, in words.
        public let recordings: String
        /// Windows whose rankings were compared.
        public let windows: Int
        /// The shares of windows with the same first statement, and with the same five.
        public let firstAgreement: Double
        /// The share of windows with the same five first statements.
        public let fiveAgreement: Double
        /// The least cosine between both embeddings of a window.
        public let cosineLeast: Double

        /// Makes it of its parts.
        public init(
            recordings: String,
            windows: Int,
            firstAgreement: Double,
            fiveAgreement: Double,
            cosineLeast: Double
        ) {
            self.recordings = recordings
            self.windows = windows
            self.firstAgreement = firstAgreement
            self.fiveAgreement = fiveAgreement
            self.cosineLeast = cosineLeast
        }
    }

    /// Writes the copy as a model of eight bits: its weights stay, the ranges of its activations stand beside them.
    ///
    /// Probabilities and thresholds stay those of the model in floats; `shinden model calibrate` fits them anew.
    /// - Parameters:
    ///   - ranges: How large the activations become.
    ///   - quantisation: What was measured.
    /// - Throws: A `ModelFolderError` where the source is no model or one of eight bits, or the copy exists or cannot be
    ///   written.
    public func write(
        quantisedBy ranges: ActivationRanges,
        _ quantisation: Quantisation
    ) throws(ModelFolderError) {
        let loaded = try ModelFolder.load(source)
        guard loaded.precision == .float32 else {
            throw ModelFolderError(
                source + "/model.json",
                "precision",
                "is \(loaded.precision.rawValue) already; quantise the model of floats that it was made of"
            )
        }
        let bytes = SafetensorsWriter.bytes(
            zip(ranges.names, ranges.greatest).map { .init($0, [$1.count], $1) }
        )
        let name = loaded.name + "-int8"
        try write(files: [ModelFolder.rangesFile: bytes]) { description in
            description["precision"] = .string(Precision.int8.rawValue)
            if name.utf8.count <= 64 { description["name"] = .string(name) }
            description.setMember("files", ModelFolder.rangesFile, .string(SHA256.hex(bytes)))
            description["quantisation"] = .object([
                "recordings": .string(quantisation.recordings),
                "windows": .integer(Int64(quantisation.windows)),
                "same_first": .number(quantisation.firstAgreement),
                "same_five": .number(quantisation.fiveAgreement),
                "cosine_least": .number(quantisation.cosineLeast),
            ])
        }
    }
}
