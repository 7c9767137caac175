internal import ECGSignal
internal import Wire

/// Finds out what a folder of logs remembers of acknowledged chunks.
///
/// Their numbers are known however old they are, their checks as far back as the newest segment reaches.
/// The newest log is the one whose receipts have the greatest generation, so a clock that was set back misleads nobody.
/// Its last segment with a readable header is read to its end: one segment, however long the log is.
enum ReceiptRecovery {
    /// What is remembered, in the hands of the next run.
    struct Found {
        var receipts: LoggedReceipts
        /// What was remembered when the newest segment was begun: the segments before it were synced then.
        let synced: LoggedReceipts
        /// Why the newest segment could not be read to its end: what stands behind that place is not remembered, and gateways
        /// are asked for it again.
        var fault: FrameLogError?
    }

    /// Nothing is remembered.
    static func nothing(limit: Int) -> Found {
        let fresh = LoggedReceipts(journal: .random(in: 1...UInt64.max), limit: limit)
        return Found(receipts: fresh, synced: fresh)
    }

    /// What a folder remembers.
    static func receipts(in folder: String, limit: Int) throws(FrameLogError) -> Found {
        var newest: (path: String, receipts: LoggedReceipts)?
        let names = try LogFiles.segments(in: folder)
        var isDone: Set<String> = []
        for name in names.reversed() where !isDone.contains(name.log) {
            let path = "\(folder)/\(name.text)"
            do throws(FrameLogError) {
                guard let receipts = try FrameLogReader.header(of: path).receipts else { continue }
                isDone.insert(name.log)
                if receipts.generation > newest?.receipts.generation ?? 0 { newest = (path, receipts) }
            } catch  where error.kind == .damaged {
                // A segment that was being begun when the daemon ended.
                continue
            }
        }
        guard let newest else { return nothing(limit: limit) }
        let synced = LoggedReceipts(
            journal: newest.receipts.journal,
            generation: newest.receipts.generation + 1,
            streams: newest.receipts.streams,
            limit: limit
        )
        // What a killed run wrote may not be on the disk yet, and is told as durable from here on.
        try LogFiles.sync(file: newest.path)
        var found = Found(receipts: synced, synced: synced)
        do throws(FrameLogError) {
            var reader = try FrameLogReader(newest.path)
            while let entry = try reader.next() { found.receipts.note(entry, withCheck: true) }
        } catch { found.fault = error }
        return found
    }
}

extension LoggedReceipts {
    /// Takes what an entry of the log tells: an acknowledged chunk, or nothing; its check too where that is asked for.
    mutating func note(_ entry: LoggedEntry<RawMessage>, withCheck isChecked: Bool = false) {
        guard case .frame(.parts(let parts), _, _) = entry.content,
            let chunk = AcknowledgedChunk(parts: parts),
            chunk.number <= ReceivedNumbers.numberMax, chunk.number > 0, let stream = chunk.stream
        else { return }
        note(chunk.number, of: stream, check: isChecked ? chunk.check : nil)
    }
}
