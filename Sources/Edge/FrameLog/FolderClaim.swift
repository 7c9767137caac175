public import ECGSignal

/// A folder of logs that belongs to this daemon for as long as this value lives, whether or not a log is written into it.
public struct FolderClaim: ~Copyable {
    let folder: String
    /// Nil where the disk has no room for it: then there is no other daemon's either.
    private let lock: FolderLock?
    /// What the folder remembers of acknowledged chunks; nil where that was not asked for.
    public let receipts: LoggedReceipts?
    /// The part of it that was on the disk for certain before this run began; nil where that was not asked for.
    public let synced: LoggedReceipts?
    /// Why the newest log of the folder could not be read to its end.
    public let recoveryFault: FrameLogError?

    /// Makes the folder where it is not there, and claims it.
    ///
    /// Where `receiptsMax` streams may be remembered, it reads what the folder's newest log remembers of acknowledged chunks.
    /// A disk that takes nothing is no hindrance, since nothing is written yet.
    public init(_ folder: String, receiptsMax: Int? = nil) throws(FrameLogError) {
        var isThere = true
        do throws(FrameLogError) { try LogFiles.makeFolder(folder) } catch {
            guard error.kind == .disk else { throw error }
            isThere = false
        }
        let lock = try FolderLock.taken(in: folder, isThere: isThere)
        var found: ReceiptRecovery.Found?
        if let receiptsMax {
            found =
                isThere
                ? try ReceiptRecovery.receipts(in: folder, limit: receiptsMax)
                : ReceiptRecovery.nothing(limit: receiptsMax)
        }
        self.folder = folder
        self.lock = lock
        receipts = found?.receipts
        synced = found?.synced
        recoveryFault = found?.fault
    }
}
