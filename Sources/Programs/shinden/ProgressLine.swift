/// A progress bar on a terminal, redrawn ten times a second at most; nothing where stderr is a file or a pipe.
struct ProgressLine {
    private let isShown: Bool
    private var next = ContinuousClock.now
    private var isOnScreen = false

    /// A bar that is shown where stderr is a terminal, unless somebody wants quiet.
    init(isQuiet: Bool) { isShown = Output.isTerminal && !isQuiet }

    /// Draws how much of `total` is done, both in seconds of signal, with a note behind it; no bar without a total.
    mutating func show(_ done: Double, of total: Double?, _ note: @autoclosure () -> String = "") {
        guard isShown, ContinuousClock.now >= next else { return }
        next = ContinuousClock.now + .milliseconds(100)
        isOnScreen = true
        guard let total, total > 0 else {
            Output.overwrite("\(tenths(done)) s of signal\(note())")
            return
        }
        let filled = Int(min(1, max(0, done / total)) * 30)
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 30 - filled)
        Output.overwrite("[\(bar)] \(tenths(done)) of \(tenths(total)) s\(note())")
    }

    /// Takes the bar from the screen, so that a line can stand there.
    mutating func clear() {
        guard isOnScreen else { return }
        Output.overwrite("")
        isOnScreen = false
        next = ContinuousClock.now
    }

    private func tenths(_ seconds: Double) -> String {
        let whole = Int(seconds * 10)
        return "\(whole / 10).\(whole % 10)"
    }
}
