internal import ECGSignal
internal import Wire

/// Finds out what a folder of logs remembers of acknowledged chunks.
///
/// Their numbers are known however old they are, their checks as far back as the newest segment reaches.
/// The newest log is the one whose receipts have the greatest generation, so a clock that was set back misleads nobody.
/// Its last segment with a readable header is read to its end: one segment, however long the log is.
enum ReceiptRecovery {
    /// What is remembered, in the hands of the next run; and why the newest segment could not be read to its end, where it
    /// could not: then what stands behind that place is not remembered, and gateways are asked for it again.
    static func receipts(
        in folder: String,
        limit: Int
    ) throws(FrameLogError) -> (receipts: LoggedReceipts, fault: FrameLogError?) {
        var newest: (path: String, receipts: LoggedReceipts)?
        var fault: FrameLogError?
        let names = try LogFiles.segments(in: folder)
        var isDone: Set<String> = []
        for name in names.reversed() where !isDone.contains(name.log) {
            let path = "\(folder)/\(name.text)"
            do throws(FrameLogError) {
                guard let receipts = try FrameLogReader(path).header.receipts else { continue }
                isDone.insert(name.log)
                if receipts.generation > newest?.receipts.generation ?? 0 { newest = (path, receipts) }
            } catch  where error.kind == .damaged {
                // A segment that was being begun when the daemon ended.
                continue
            }
        }
        guard let newest else {
            let fresh = LoggedReceipts(journal: .random(in: 1...UInt64.max), limit: limit)
            return (fresh, nil)
        }
        var receipts = LoggedReceipts(
            journal: newest.receipts.journal,
            generation: newest.receipts.generation + 1,
            streams: newest.receipts.streams,
            limit: limit
        )
        // What a killed run wrote may not be on the disk yet, and is told as durable from here on.
        try LogFiles.sync(file: newest.path)
        do throws(FrameLogError) {
            var reader = try FrameLogReader(newest.path)
            while let entry = try reader.next() { receipts.note(entry, withCheck: true) }
        } catch { fault = error }
        return (receipts, fault)
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
