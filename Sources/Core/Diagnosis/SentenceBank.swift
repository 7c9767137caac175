public import ECGSignal

/// Sentences as points of the space that ECGs share with them: for each one vector of unit length in each language.
public struct SentenceBank: Sendable {
    /// The key of each sentence, in the order of the rows.
    public let ids: [String]
    /// The English sentences, `[ids, 256]`.
    public let english: [Float]
    /// The Japanese sentences, `[ids, 256]`.
    public let japanese: [Float]

    /// How far from 1 the length of a row may be: above the rounding of 256 Floats, below any real change.
    private static let lengthTolerance = 1e-4

    /// Takes rows in the order of `ids`.
    /// - Parameters:
    ///   - ids: The key of each row, each once.
    ///   - english: `[ids, 256]`, rows of unit length.
    ///   - japanese: `[ids, 256]`, the same in Japanese.
    /// - Throws: A `DiagnosisError` that names the row at fault.
    public init(ids: [String], english: [Float], japanese: [Float]) throws(DiagnosisError) {
        let width = Embedding.dimensions
        for (name, values) in [("bank.en", english), ("bank.ja", japanese)] {
            guard values.count == ids.count * width else {
                throw DiagnosisError(
                    name,
                    "\(values.count) numbers where \(ids.count) rows of \(width) are needed; build the bank anew"
                )
            }
            for row in ids.indices {
                let slice = values[row * width..<(row + 1) * width]
                let square = slice.reduce(0.0) { $0 + Double($1) * Double($1) }
                guard abs(square.squareRoot() - 1) <= SentenceBank.lengthTolerance else {
                    throw DiagnosisError(
                        name,
                        "row \(row) (\(ids[row])) has length \(square.squareRoot()), not 1; build the bank anew"
                    )
                }
            }
        }
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted {
            throw DiagnosisError("ids", "\"\(id)\" stands there twice")
        }
        self.ids = ids
        self.english = english
        self.japanese = japanese
    }

    /// The dot products with the English and the Japanese sentence of a row.
    ///
    /// Products of Floats are exact in Double and are summed in index order: one value on every machine.
    public func similarities(of embedding: Embedding, toRow row: Int) -> (english: Double, japanese: Double) {
        let start = row * Embedding.dimensions
        var sums = (english: 0.0, japanese: 0.0)
        for (offset, value) in embedding.values.enumerated() {
            sums.english += Double(value) * Double(english[start + offset])
            sums.japanese += Double(value) * Double(japanese[start + offset])
        }
        return sums
    }
}
