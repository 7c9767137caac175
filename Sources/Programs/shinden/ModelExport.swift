internal import ArgumentParser
private import Diagnosis
private import ECGEncoder
private import Findings
private import FoundationEssentials
private import ModelFolder
private import ONNXFile

/// Writes a model for other programs.
struct ModelExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model as one ONNX file: windows in, embeddings and similarities out.",
        discussion: """
            The input `window` is [batch, 12, 5000] mV in the encoder's band, as this program conditions it; the outputs are \
            `embedding` [batch, 256] of unit length, `similarity_en` and `similarity_ja` [batch, statements]. The file's \
            properties hold the statements' keys (`ids`) and what makes a probability of a similarity. Any program that \
            runs ONNX gets the daemon's numbers within 1e-5. Research software, not a medical device.

            EXAMPLES
              shinden model export --model Models/default --onnx shinden.onnx

            EXIT CODES
              0 done  64 usage  74 the file cannot be written  78 the model is refused
            """
    )

    @Option(help: "The folder of the model.", completion: .directory) var model: String
    @Option(help: "The file to write.", completion: .file(extensions: ["onnx"])) var onnx: String

    func run() throws {
        try ResultFile(onnx, of: "shinden model export").check()
        let bytes: [UInt8]
        do {
            let loaded = try ModelFolder.load(model)
            // What the daemon could not run is not written for others either.
            _ = try loaded.runnable()
            if loaded.precision != .float32 {
                Output.words("the file computes in floats; \(model) computes in \(loaded.precision.rawValue)")
            }
            let sentences = loaded.ranker.bank.sentences
            bytes = try EncoderGraph.file(
                ONNXSentences(ids: sentences.ids, english: sentences.english, japanese: sentences.japanese),
                properties: [
                    ("notice", "Research software, not a medical device."), ("name", loaded.name),
                    ("revision", loaded.revision), ("similarity_scale", "\(loaded.ranker.model.scale)"),
                    ("similarity_bias", "\(loaded.ranker.model.bias)"),
                ]
            ) { (name, shape) throws(EncoderWeightsError) in
                do { return try loaded.tensor(name, shape) } catch {
                    throw EncoderWeightsError(tensor: name, reason: "\(error)")
                }
            }
        } catch {
            Output.words("shinden model export: \(error)")
            throw Failure.configuration
        }
        try ResultFile(onnx, of: "shinden model export").write(bytes)
        Output.words("\(bytes.count) bytes in \(onnx)")
    }
}
