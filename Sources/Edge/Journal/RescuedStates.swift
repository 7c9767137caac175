private import GRDB

/// What can be had of a journal whose disk takes nothing.
public enum RescuedStates {
    /// The states that the journal of a folder holds, and how many rows of them are damaged and were left out.
    ///
    /// A journal is opened with an index beside it, which readers share and for which a full disk has no room. Whoever has the
    /// file alone keeps that index in memory, so that nothing needs to be written.
    public static func read(
        from folder: String
    ) throws(JournalError) -> (
        states: [JournalState], damaged: Int
    ) {
        let path = JournalFile.path(in: folder)
        let alone = try JournalFile.open(path, readonly: false, alone: true)
        return try JournalFile.reporting(path) {
            try alone.writeWithoutTransaction { database in
                guard try JournalFile.epoch(of: database, path) != nil else { return ([], 0) }
                return try JournalFile.states(in: database)
            }
        }
    }
}
