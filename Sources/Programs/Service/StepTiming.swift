internal import Logging

extension Logger {
    /// Does a step of the start and says how long it took, for whoever looks why what stood was away for so long.
    func timing<Value>(_ step: String, _ act: () throws -> Value) rethrows -> Value {
        let clocks = Clocks()
        defer { debug("at the start: \(step) took \(clocks.sinceStart / 1_000_000) ms") }
        return try act()
    }
}
