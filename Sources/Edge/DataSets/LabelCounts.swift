/// How many recordings of each fold name a statement, and how many leave it open.
public import Findings

/// Positives and masked of every statement by fold, for the eye and for the training record.
public struct LabelCounts: Sendable, Equatable {
    /// The counts of one statement.
    public struct Row: Sendable, Equatable {
        /// The catalogue row.
        public let statement: Int
        /// By fold, as in `folds`.
        public var positives: [Int]
        /// By fold, as in `folds`; what a source cannot express is masked.
        public var masked: [Int]
    }

    /// Ascending; nil, the recordings without a fold, comes last.
    public let folds: [Int?]
    /// Recordings by fold.
    public let recordings: [Int]
    /// In catalogue order: the statements that have a positive.
    public let rows: [Row]

    /// Counts all recordings of a data set.
    public init(_ set: DataSet) {
        let folds = LabelCounts.folds(of: set.recordings)
        var places: [Int?: Int] = [:]
        for (place, fold) in folds.enumerated() { places[fold] = place }
        var totals = [Int](repeating: 0, count: folds.count)
        var rows = set.catalogue.statements.indices.map { statement in
            Row(
                statement: statement,
                positives: [Int](repeating: 0, count: folds.count),
                masked: [Int](repeating: 0, count: folds.count)
            )
        }
        for recording in set.recordings {
            guard let place = places[recording.fold] else { continue }
            totals[place] += 1
            for (row, verdict) in set.judged(recording).verdicts.enumerated() {
                switch verdict {
                case .positive: rows[row].positives[place] += 1
                case .masked: rows[row].masked[place] += 1
                case .absent: break
                }
            }
        }
        self.folds = folds
        recordings = totals
        self.rows = rows.filter { $0.positives.contains { $0 > 0 } }
    }

    private static func folds(of recordings: [LabelledRecording]) -> [Int?] {
        let numbers = Set(recordings.compactMap(\.fold)).sorted().map(Optional.some)
        return recordings.contains { $0.fold == nil } ? numbers + [nil] : numbers
    }

    /// A table with tabs: statement, then positives and masked of each fold as `positives/masked`.
    public func table(_ catalogue: Catalogue) -> String {
        let names = folds.map { fold in fold.map { "fold \($0)" } ?? "no fold" }
        var lines = [(["statement"] + names).joined(separator: "\t")]
        lines.append((["recordings"] + recordings.map(String.init)).joined(separator: "\t"))
        for row in rows {
            let counts = zip(row.positives, row.masked).map { "\($0)/\($1)" }
            lines.append(([catalogue.statements[row.statement].id] + counts).joined(separator: "\t"))
        }
        return lines.joined(separator: "\n")
    }
}
