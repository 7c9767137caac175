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

    static let width = 640
    var count: Int { statements.ids.count + benchmark.ids.count }

    /// Reads both banks of a model folder; the benchmark's may be missing.
    static func read(_ folder: String) throws -> Sentences {
        let bank = try TensorFiles.read(folder + "/label-bank.safetensors")
        var benchmark = Group(ids: [], english: [], japanese: [])
        if let file = try? TensorFiles.read(folder + "/benchmark-bank.safetensors") {
            benchmark = try group(file, folder + "/benchmark-bank.safetensors")
        }
        return Sentences(
            statements: try group(bank, folder + "/label-bank.safetensors"),
            benchmark: benchmark,
            englishMean: try bank.floats("mean.en", shape: [width]),
            japaneseMean: try bank.floats("mean.ja", shape: [width])
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
