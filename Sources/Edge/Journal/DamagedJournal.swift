public import ECGSignal
private import Foundation
private import Wire

/// What becomes of a journal that is damaged: it is set aside, and another one begins.
public enum DamagedJournal {
    /// Journals that are kept aside; the oldest goes for another one.
    private static let asideMax = 3
    private static let prefix = "damaged-"

    /// Moves the files of a folder's journal into a folder beside them, `damaged-20260102T030405Z`, for people to look at.
    /// - Returns: that folder.
    public static func setAside(in folder: String, at now: UTCNanoseconds) throws(JournalError) -> String {
        let files = FileManager.default
        var made: String?
        let moment = timestamp(now).prefix(19).filter { $0 != "-" && $0 != ":" }
        do {
            var name = "\(prefix)\(moment)Z"
            while files.fileExists(atPath: "\(folder)/\(name)") { name += "+" }
            let aside = "\(folder)/\(name)"
            try files.createDirectory(
                atPath: aside,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            made = aside
            // The file itself goes last: while it is there, the journal counts as not yet set aside.
            for suffix in ["-shm", "-wal", ""] {
                let path = JournalFile.path(in: folder) + suffix
                guard files.fileExists(atPath: path) else { continue }
                try files.moveItem(atPath: path, toPath: "\(aside)/\(JournalFile.name)\(suffix)")
            }
            let kept = try files.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(prefix) }.sorted()
            for old in kept.dropLast(asideMax) { try files.removeItem(atPath: "\(folder)/\(old)") }
            return aside
        } catch {
            // Where nothing could be moved, the next try makes another.
            if let made, (try? files.contentsOfDirectory(atPath: made))?.isEmpty == true {
                try? files.removeItem(atPath: made)
            }
            throw JournalError(.inputOutput, folder, "the damaged journal cannot be set aside (\(error))")
        }
    }
}
