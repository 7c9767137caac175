/// `model.json`: what a model is, and what it must have to run in this program.

internal import Diagnosis
internal import ECGEncoder
private import FoundationEssentials

/// The keys of `model.json` that the daemon reads; it leaves the others to the trainer.
struct ModelDescription: Decodable, Sendable {
    struct Calibration: Decodable, Sendable {
        let scale: Double
        let offset: Double
    }

    let format: Int
    let name: String
    let revision: String?
    let encoder: String
    let pooling: String
    let embedding: Int
    let windowSamples: Int
    let rate: Int
    let band: [Double]
    let stride: Int
    let margin: Int
    let scale: Double
    let bias: Double
    let ranked: [String]
    let catalogueSHA256: String
    let files: [String: String]
    let calibrations: [String: [String: Calibration]]?
    let thresholds: [String: Double]?
    let trainingPositives: [String: Int]?
    let unvalidated: [String: String]?
    let calibrationSet: String?
    /// Nil is fp32, which models without the key are.
    let precision: String?

    enum CodingKeys: String, CodingKey {
        case format
        case name
        case revision
        case encoder
        case pooling
        case embedding
        case windowSamples = "window_samples"
        case rate = "rate_hz"
        case band = "band_hz"
        case stride
        case margin = "interior_margin_samples"
        case scale = "similarity_scale"
        case bias = "similarity_bias"
        case ranked
        case catalogueSHA256 = "catalogue_sha256"
        case files
        case calibrations
        case thresholds
        case trainingPositives = "training_positives"
        case unvalidated
        case calibrationSet = "calibration_set"
        case precision
    }

    /// Reads the file's bytes and checks what does not depend on other files; `file` is for messages.
    init(_ bytes: [UInt8], file: String) throws(ModelFolderError) {
        do { self = try JSONDecoder().decode(ModelDescription.self, from: Data(bytes)) } catch {
            throw ModelFolderError(file, "not the JSON of a model (\(explain(error)))")
        }
        func check(
            _ key: CodingKeys,
            _ value: some CustomStringConvertible,
            _ needed: String
        ) throws(ModelFolderError) {
            guard value.description == needed else {
                throw ModelFolderError(
                    file,
                    key.rawValue,
                    "\(value) where this program runs \(needed); take a model made for it"
                )
            }
        }
        try check(.format, format, "1")
        try check(.encoder, encoder, "ResNet1d18")
        try check(.pooling, pooling, "mean+attention")
        try check(.embedding, embedding, "256")
        try check(.windowSamples, windowSamples, "5000")
        try check(.rate, rate, "500")
        try check(.band, band, "[0.5, 40.0]")
        try check(.stride, stride, "32")
        try check(.margin, margin, "217")
        if let precision, Precision(rawValue: precision) == nil {
            let known = Precision.allCases.map(\.rawValue).joined(separator: " and ")
            throw ModelFolderError(
                file,
                CodingKeys.precision.rawValue,
                "\"\(precision.prefix(64))\" where this program runs \(known); take a model made for it"
            )
        }
        // Both are printed on terminals and in reports, where a control character would do more than stand there.
        for (key, text, least) in [("name", name, 1), ("revision", revision ?? "", 0)] {
            guard (least...64).contains(text.utf8.count) else {
                throw ModelFolderError(file, key, "\(text.utf8.count) bytes; \(least) to 64 are needed")
            }
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw ModelFolderError(file, key, "a control character is in it; take it out")
            }
        }
    }
}

extension ModelDescription {
    /// The calibrations by the sets of leads that this program knows; a set of another name is refused.
    func fittedCalibrations(
        file: String
    ) throws(ModelFolderError) -> [FittedLeads: [String: SimilarityModel.Calibration]] {
        var fitted: [FittedLeads: [String: SimilarityModel.Calibration]] = [:]
        for (name, calibrations) in calibrations ?? [:] {
            guard let leads = FittedLeads(rawValue: name) else {
                let known = FittedLeads.allCases.map(\.rawValue).joined(separator: ", ")
                throw ModelFolderError(file, "calibrations", "\"\(name)\" is no set of leads; take \(known)")
            }
            fitted[leads] = calibrations.mapValues { .init(scale: $0.scale, offset: $0.offset) }
        }
        return fitted
    }
}

/// Turns a decoder's complaint into ours, with the place in the JSON that it is about.
func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath.map(\.stringValue) + (key.map { [$0.stringValue] } ?? [])
        return keys.isEmpty ? "at the top" : "at \(keys.joined(separator: "."))"
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context, key)): the key is missing"
    case .typeMismatch(let type, let context): return "\(place(context)): not a \(type)"
    case .valueNotFound(let type, let context): return "\(place(context)): no \(type)"
    case .dataCorrupted(let context): return "\(place(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
}
