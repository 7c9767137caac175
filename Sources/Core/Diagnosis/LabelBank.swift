/// The sentences of the catalogue's statements, in both languages.
public import ECGSignal
public import Findings

/// Why a label bank or a similarity model cannot be used: which part, which value, and what to do.
public struct DiagnosisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part at fault: `bank.en`, `ids`, `ranked`, `calibrations.12`, ...
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

/// The bank in which each sentence stands for a statement of the catalogue.
public struct LabelBank: Sendable {
    /// The sentences in the order of their rows, whatever the catalogue's.
    public let sentences: SentenceBank
    /// The bank's row of each catalogue statement; nil where the bank has no sentence for it.
    private let rows: [Int?]

    /// Takes sentences in any order.
    /// - Throws: A `DiagnosisError` that names the row at fault; every id must be in the catalogue.
    public init(_ sentences: SentenceBank, catalogue: Catalogue) throws(DiagnosisError) {
        var rows = [Int?](repeating: nil, count: catalogue.statements.count)
        for (row, id) in sentences.ids.enumerated() {
            guard let index = catalogue.index(of: id) else {
                throw DiagnosisError(
                    "ids",
                    "\"\(id)\" is not in the catalogue; build the bank from this catalogue"
                )
            }
            rows[index] = row
        }
        self.sentences = sentences
        self.rows = rows
    }

    /// Whether the bank has the sentence of a catalogue row.
    public func contains(statement index: Int) -> Bool { rows[index] != nil }

    /// The mean over both languages of the dot product with a statement's sentence; nil where the bank has none.
    public func similarity(of embedding: Embedding, toStatement index: Int) -> Double? {
        similarities(of: embedding, toStatement: index).map { ($0.english + $0.japanese) / 2 }
    }

    /// The dot products with a statement's English and Japanese sentences; nil where the bank has none.
    public func similarities(
        of embedding: Embedding,
        toStatement index: Int
    ) -> (english: Double, japanese: Double)? {
        rows[index].map { sentences.similarities(of: embedding, toRow: $0) }
    }
}
