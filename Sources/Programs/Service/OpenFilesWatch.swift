internal import ECGSignal
internal import Findings
internal import Machine
internal import Pipeline

/// Tells that few open files are left, before none is: without one no peer can come in, and libzmq's listener spins.
struct OpenFilesWatch: Sendable {
    /// Told from four fifths of those that may be open until they are fewer than seven tenths.
    private static let (many, few) = (0.8, 0.7)

    private var counter = TechnicalCounter(.endpoint("open-files"))
    private var isFull = false

    /// Looks at how many are open; the event to publish, if it shows something new.
    mutating func look(at files: OpenFiles?, _ now: Arrival) -> Event? {
        guard let files, files.most > 0 else { return nil }
        let share = Double(files.count) / Double(files.most)
        guard isFull ? share < OpenFilesWatch.few : share >= OpenFilesWatch.many else { return nil }
        isFull.toggle()
        let words = "\(files.count) of \(files.most) files and sockets that the daemon may have are open"
        return counter.report(
            .filesRunningOut,
            isFull ? .start : .end,
            priority: isFull ? .medium : .info,
            firstSample: nil,
            detail: isFull
                ? words + "; find who connects so often, or raise the hard limit of open files" : words,
            at: now
        )
    }
}
