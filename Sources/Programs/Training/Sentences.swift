private import Diagnosis
internal import Findings
private import Foundation
internal import ModelFolder

/// The sentences that ECGs are compared with: those of the catalogue, then the benchmark's own wordings.
struct Sentences: Sendable {
    /// The frozen embeddings of one group in both languages, as a folder has them.
    struct Group: Sendable {
        let ids: [String]
        /// `[ids, 640]`, as the language model gave them.
        let english: [Float]
        let japanese: [Float]
    }

    let statements: Group
    let benchmark: Group
    /// `[640]`, over the catalogue.
    let englishMean: [Float]
    let japaneseMean: [Float]
    /// The statements that the sentences are of: the program's own, and those that the folder adds.
    let catalogue: Catalogue

    static let width = 640
    var count: Int { statements.ids.count + benchmark.ids.count }

    /// Reads both banks of a folder; the benchmark's may be missing.
    ///
    /// A whole model is checked as the daemon checks it. A folder with a label bank alone, as `shinden labels embed` writes
    /// it, may have a catalogue of its own beside it.
    static func read(_ folder: String) throws -> Sentences {
        guard FileManager.default.fileExists(atPath: folder + "/label-bank.safetensors") else {
            throw TrainingError(
                .notFound,
                "\(folder): holds no label-bank.safetensors, whose sentences recordings are compared with; give the folder of a model "
                    + "as --sentences or --init, or set SHINDEN_MODEL to one"
            )
        }
        let isModel = FileManager.default.fileExists(atPath: folder + "/model.json")
        let catalogue =
            isModel
            ? try ModelFolder.load(folder).ranker.catalogue : try ModelFolder.catalogue(in: folder)
        let path = folder + "/label-bank.safetensors"
        let bank = try TensorFiles.read(path)
        let statements = try group(bank, path)
        for (place, id) in statements.ids.enumerated() {
            guard catalogue.index(of: id) != nil, !statements.ids[..<place].contains(id) else {
                throw TrainingError(
                    .data,
                    "\(path): \"\(id)\" is not in the catalogue, or stands there twice; put the bank's labels.tsv beside it"
                )
            }
        }
        var benchmark = Group(ids: [], english: [], japanese: [])
        let benchmarkPath = folder + "/benchmark-bank.safetensors"
        if FileManager.default.fileExists(atPath: benchmarkPath) {
            benchmark = try group(TensorFiles.read(benchmarkPath), benchmarkPath)
        }
        return Sentences(
            statements: statements,
            benchmark: benchmark,
            englishMean: try bank.floats("mean.en", shape: [width]),
            japaneseMean: try bank.floats("mean.ja", shape: [width]),
            catalogue: catalogue
        )
    }

    private static func group(_ file: Safetensors, _ path: String) throws -> Group {
        guard let ids = file.metadata["ids"]?.split(separator: "\n").map(String.init) else {
            throw TrainingError(.data, "\(path): the row order is missing; build the bank anew")
        }
        return Group(
            ids: ids,
            english: try file.floats("text.en", shape: [ids.count, width]),
            japanese: try file.floats("text.ja", shape: [ids.count, width])
        )
    }

    /// `[count, 640]`: centred by the language's mean over the catalogue and scaled to length sqrt(640).
    func centred(isEnglish: Bool) -> [Float] {
        let mean = isEnglish ? englishMean : japaneseMean
        return [statements, benchmark].flatMap { group in
            Sentences.centre(isEnglish ? group.english : group.japanese, mean)
        }
    }

    private static func centre(_ rows: [Float], _ mean: [Float]) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows.count)
        for start in stride(from: 0, to: rows.count, by: width) {
            let row = (0..<width).map { Double(rows[start + $0]) - Double(mean[$0]) }
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let scale = Double(width).squareRoot() / max(length, 1e-12)
            for value in row { result.append(Float(value * scale)) }
        }
        return result
    }
}
