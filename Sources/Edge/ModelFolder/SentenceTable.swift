/// The sentences of a catalogue as a language model embeds them, in both languages, with the means that centre them.

/// Frozen text embeddings: what `label-bank.safetensors` holds beside the projected rows.
public struct SentenceTable: Sendable {
    /// The key of each row.
    public private(set) var ids: [String]
    /// Numbers of a row.
    public let width: Int
    /// `[ids, width]`, rows of unit length, English and Japanese.
    public private(set) var english: [Float]
    /// The same in Japanese.
    public private(set) var japanese: [Float]
    /// `[width]`: the mean over the catalogue's rows that centres English sentences.
    public let englishMean: [Float]
    /// The same for Japanese.
    public let japaneseMean: [Float]

    /// The sentence of a statement in English.
    public static func english(_ statement: String) -> String { "This ECG shows \(statement)." }

    /// The sentence of a statement in Japanese.
    public static func japanese(_ statement: String) -> String { "この心電図は\(statement)を示しています。" }

    /// A table of rows of one width, centred by their own means.
    public init(ids: [String], english: [[Float]], japanese: [[Float]]) {
        precondition(
            ids.count == english.count && ids.count == japanese.count && !ids.isEmpty,
            "a row in each language for each id"
        )
        let width = english[0].count
        func mean(_ rows: [[Float]]) -> [Float] {
            (0..<width).map { place in
                Float(rows.reduce(0.0) { $0 + Double($1[place]) } / Double(rows.count))
            }
        }
        self.init(
            ids: ids,
            width: width,
            english: english.flatMap(\.self),
            japanese: japanese.flatMap(\.self),
            englishMean: mean(english),
            japaneseMean: mean(japanese)
        )
    }

    private init(
        ids: [String],
        width: Int,
        english: [Float],
        japanese: [Float],
        englishMean: [Float],
        japaneseMean: [Float]
    ) {
        self.ids = ids
        self.width = width
        self.english = english
        self.japanese = japanese
        self.englishMean = englishMean
        self.japaneseMean = japaneseMean
    }

    /// Reads the frozen part of a label bank.
    public init(_ file: Safetensors, path: String) throws(ModelFolderError) {
        guard let ids = file.metadata["ids"]?.split(separator: "\n").map(String.init), !ids.isEmpty else {
            throw ModelFolderError(path, "__metadata__.ids", "the row order is missing; build the bank anew")
        }
        guard let shape = file.tensors.first(where: { $0.name == "text.en" })?.shape, shape.count == 2,
            shape[0] == ids.count, shape[1] > 0
        else { throw ModelFolderError(path, "text.en", "no row for each id; build the bank anew") }
        self.init(
            ids: ids,
            width: shape[1],
            english: try file.floats("text.en", shape: shape),
            japanese: try file.floats("text.ja", shape: shape),
            englishMean: try file.floats("mean.en", shape: [shape[1]]),
            japaneseMean: try file.floats("mean.ja", shape: [shape[1]])
        )
    }

    /// Adds a row; the means stay, so that all other rows keep their place.
    public mutating func append(id: String, english row: [Float], japanese other: [Float]) {
        precondition(row.count == width && other.count == width, "a row of the table's width")
        ids.append(id)
        english += row
        japanese += other
    }

    /// The tensors as a label bank names them.
    public var tensors: [SafetensorsWriter.Tensor] {
        [
            .init("text.en", [ids.count, width], english), .init("text.ja", [ids.count, width], japanese),
            .init("mean.en", [width], englishMean), .init("mean.ja", [width], japaneseMean),
        ]
    }

    /// All rows in the space that ECGs share, `[ids, dimensions]`; `weight` is `[dimensions, width]`.
    func projected(by weight: [Float], dimensions: Int) -> (english: [Float], japanese: [Float]) {
        var rows: (english: [Float], japanese: [Float]) = ([], [])
        for row in ids.indices {
            let place = row * width..<(row + 1) * width
            let projected = Row(english: Array(english[place]), japanese: Array(japanese[place]))
                .projected(in: self, by: weight, dimensions: dimensions)
            rows.english += projected.english
            rows.japanese += projected.japanese
        }
        return rows
    }

    /// The embeddings of one sentence in both languages, of unit length.
    struct Row: Sendable {
        let english: [Float]
        let japanese: [Float]

        /// The row in the space that ECGs share: normalise(weight * sqrt(width) * normalise(row - mean)).
        ///
        /// `weight` is `[dimensions, width]`, the means are those of `table`.
        func projected(
            in table: SentenceTable,
            by weight: [Float],
            dimensions: Int
        ) -> (english: [Float], japanese: [Float]) {
            func project(_ row: [Float], _ mean: [Float]) -> [Float] {
                let centred = row.indices.map { Double(row[$0]) - Double(mean[$0]) }
                let scale = Double(row.count).squareRoot() / max(Row.length(centred), 1e-12)
                let point = (0..<dimensions).map { dimension in
                    row.indices.reduce(0.0) {
                        $0 + centred[$1] * scale * Double(weight[dimension * row.count + $1])
                    }
                }
                let length = max(Row.length(point), 1e-12)
                return point.map { Float($0 / length) }
            }
            return (project(english, table.englishMean), project(japanese, table.japaneseMean))
        }

        private static func length(_ row: [Double]) -> Double {
            row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }
}
