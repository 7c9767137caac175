/// The sentences of the catalogue as points of the space that ECGs share with them, in both languages.
public import ECGSignal
public import Findings

/// Why a label bank or a similarity model cannot be used: which part, which value, and what to do.
public struct DiagnosisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part at fault: `bank.en`, `ids`, `ranked`, `calibration`, ...
    public let part: String
    /// The value at fault, and what to do about it.
    public let reason: String

    /// Describes a fault in that part.
    public init(_ part: String, _ reason: String) {
        self.part = part
        self.reason = reason
    }

    /// The message, `part: reason`.
    public var description: String { "\(part): \(reason)" }
}

/// The projected sentences: for each statement one vector of unit length in each language.
public struct LabelBank: Sendable {
    /// The row of each catalogue statement; nil where the bank has no sentence for it.
    private let rows: [Int?]
    /// The English sentences, `[rows, 256]`.
    private let english: [Float]
    /// The Japanese sentences, `[rows, 256]`.
    private let japanese: [Float]

    /// How far from 1 the length of a row may be: above the rounding of 256 Floats, below any real change.
    private static let lengthTolerance = 1e-4

    /// Takes rows in the order of `ids`, whatever the catalogue's order.
    /// - Parameters:
    ///   - ids: The statement of each row.
    ///   - english: `[ids, 256]`, rows of unit length.
    ///   - japanese: `[ids, 256]`, the same in Japanese.
    ///   - catalogue: Must have every one of `ids`.
    /// - Throws: A `DiagnosisError` that names the row at fault.
    public init(
        ids: [String],
        english: [Float],
        japanese: [Float],
        catalogue: Catalogue
    ) throws(DiagnosisError) {
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
                guard abs(square.squareRoot() - 1) <= LabelBank.lengthTolerance else {
                    throw DiagnosisError(
                        name,
                        "row \(row) (\(ids[row])) has length \(square.squareRoot()), not 1; build the bank anew"
                    )
                }
            }
        }
        var rows = [Int?](repeating: nil, count: catalogue.statements.count)
        for (row, id) in ids.enumerated() {
            guard let index = catalogue.index(of: id) else {
                throw DiagnosisError(
                    "ids",
                    "\"\(id)\" is not in the catalogue; build the bank from this catalogue"
                )
            }
            guard rows[index] == nil else { throw DiagnosisError("ids", "\"\(id)\" stands there twice") }
            rows[index] = row
        }
        self.rows = rows
        self.english = english
        self.japanese = japanese
    }

    /// Whether the bank has the sentence of a catalogue row.
    public func contains(statement index: Int) -> Bool { rows[index] != nil }

    /// The mean over both languages of the dot product with a statement's sentence; nil where the bank has none.
    ///
    /// Products of Floats are exact in Double and are summed in index order: one value on every machine.
    public func similarity(of embedding: Embedding, toStatement index: Int) -> Double? {
        similarities(of: embedding, toStatement: index).map { ($0.english + $0.japanese) / 2 }
    }

    /// The dot products with a statement's English and Japanese sentences; nil where the bank has none.
    public func similarities(
        of embedding: Embedding,
        toStatement index: Int
    ) -> (english: Double, japanese: Double)? {
        guard let row = rows[index] else { return nil }
        let start = row * Embedding.dimensions
        var sums = (english: 0.0, japanese: 0.0)
        for (offset, value) in embedding.values.enumerated() {
            sums.english += Double(value) * Double(english[start + offset])
            sums.japanese += Double(value) * Double(japanese[start + offset])
        }
        return sums
    }
}
