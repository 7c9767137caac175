public import Diagnosis
public import ECGEncoder
internal import ECGSignal
public import Findings

/// All that turns rows of the grid into ranked statements; immutable, shared by every thread.
public struct Model: Sendable {
    /// Rows to embeddings.
    public let encoder: Encoder
    /// Embeddings to statements.
    public let ranker: StatementRanker
    /// What every diagnosis id is made with.
    public let revisions: Revisions

    /// Makes a model of encoder, ranker and revisions.
    public init(encoder: Encoder, ranker: StatementRanker, revisions: Revisions) {
        self.encoder = encoder
        self.ranker = ranker
        self.revisions = revisions
    }
}
