/// Labelled recordings of one or more places, with the vocabulary of each source.
public import Findings
private import FoundationEssentials

/// A record that cannot be used, and why; it is left out and listed, it stops nothing.
public struct UnreadableRecording: Sendable, Equatable {
    /// The record's path.
    public let path: String
    /// Why, and what to do.
    public let reason: String

    /// The record and the reason.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// Who labelled recordings, and the statements that they use.
public struct DataSource: Sendable, Equatable {
    /// `ptbxl`, `cpsc_2018`, ...
    public let name: String
    /// `[statements]`: whether a recording of this source has the statement as a positive.
    public let expressible: [Bool]
}

/// All labelled recordings that were read, in the order of the places and of their tables.
public struct DataSet: Sendable {
    /// What the verdicts are about.
    public let catalogue: Catalogue
    /// In the order of the places.
    public let recordings: [LabelledRecording]
    /// By name, ascending.
    public let sources: [DataSource]
    /// The codes of scp_statements.csv in file order; empty where no place is PTB-XL.
    public let scpStatements: [SCPStatement]
    /// What was named and cannot be used.
    public let unreadable: [UnreadableRecording]

    /// Recordings that are at hand already; a source can express what its recordings name.
    public init(
        recordings: [LabelledRecording],
        catalogue: Catalogue,
        scpStatements: [SCPStatement] = [],
        unreadable: [UnreadableRecording] = []
    ) {
        self.catalogue = catalogue
        self.recordings = recordings
        self.scpStatements = scpStatements
        self.unreadable = unreadable
        let none = [Bool](repeating: false, count: catalogue.statements.count)
        var expressible: [String: [Bool]] = [:]
        for recording in recordings {
            for row in recording.truth.positives { expressible[recording.source, default: none][row] = true }
            if expressible[recording.source] == nil { expressible[recording.source] = none }
        }
        sources = expressible.sorted { $0.key < $1.key }.map {
            DataSource(name: $0.key, expressible: $0.value)
        }
    }

    /// Reads lists (`LIST.csv`) and folders as published; a folder of such folders is searched two levels deep.
    /// - Throws: The first table that breaks its rules; a place without labelled recordings.
    public static func read(
        _ places: [String],
        catalogue: Catalogue = .shipped
    ) throws(DataSetError) -> DataSet {
        var recordings: [LabelledRecording] = []
        var unreadable: [UnreadableRecording] = []
        var codes: [SCPStatement] = []
        for place in places {
            let path = place.count > 1 && place.hasSuffix("/") ? String(place.dropLast()) : place
            var found = Found()
            if path.hasSuffix(".csv") {
                found.recordings = try LabelList.read(path, catalogue: catalogue)
            } else {
                guard fileExists(path) else {
                    throw DataSetError(.notFound, path, "no such folder or list; check the path")
                }
                try search(path, depth: 2, catalogue, &found)
            }
            guard !found.recordings.isEmpty else {
                throw DataSetError(
                    .empty,
                    path,
                    "no labelled recordings: neither ptbxl_database.csv, REFERENCE.csv, ludb.csv nor headers with a Dx line are "
                        + "there; give a data folder or a LIST.csv"
                )
            }
            recordings += found.recordings
            unreadable += found.unreadable
            if codes.isEmpty { codes = found.codes }
        }
        return DataSet(
            recordings: recordings,
            catalogue: catalogue,
            scpStatements: codes,
            unreadable: unreadable
        )
    }

    private struct Found {
        var recordings: [LabelledRecording] = []
        var unreadable: [UnreadableRecording] = []
        var codes: [SCPStatement] = []
    }

    private static func search(
        _ folder: String,
        depth: Int,
        _ catalogue: Catalogue,
        _ found: inout Found
    ) throws(DataSetError) {
        if PTBXLFolder.isOne(folder) {
            let (recordings, codes) = try PTBXLFolder.read(folder, catalogue: catalogue)
            found.recordings += recordings
            found.codes = codes
        } else if HandHeldFolder.isOne(folder) {
            found.recordings += try HandHeldFolder.read(folder, catalogue: catalogue)
        } else if LUDBFolder.isOne(folder) {
            let (recordings, unreadable) = try LUDBFolder.read(folder, catalogue: catalogue)
            found.recordings += recordings
            found.unreadable += unreadable
        } else if ChallengeFolder.isOne(folder) {
            let (recordings, unreadable) = ChallengeFolder.read(folder, catalogue: catalogue)
            found.recordings += recordings
            found.unreadable += unreadable
        } else if depth > 0 {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() {
                try search(folder + "/" + name, depth: depth - 1, catalogue, &found)
            }
        }
    }

    /// The statements that a source can express: `[statements]`.
    public func expressible(by source: String) -> [Bool] {
        sources.first { $0.name == source }?.expressible
            ?? [Bool](repeating: false, count: catalogue.statements.count)
    }

    /// The verdicts of a recording with all that its source cannot express masked: what losses and scores run over.
    public func judged(_ recording: LabelledRecording) -> Truth {
        recording.truth.masking(outside: expressible(by: recording.source))
    }

    /// The same data set with those recordings only; the vocabulary of each source stays that of the whole.
    public func keeping(_ isKept: (LabelledRecording) -> Bool) -> DataSet {
        DataSet(keeping: recordings.filter(isKept), of: self)
    }

    private init(keeping recordings: [LabelledRecording], of whole: DataSet) {
        catalogue = whole.catalogue
        self.recordings = recordings
        sources = whole.sources
        scpStatements = whole.scpStatements
        unreadable = whole.unreadable
    }
}
