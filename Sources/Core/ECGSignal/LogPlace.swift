/// Where an entry stands in the logs of a folder.
public struct LogPlace: Sendable, Hashable {
    /// The run that logged it.
    public let run: String
    /// Its number in that run, from 1 on.
    public let entry: Int

    /// The place of that number in that run.
    public init(run: String, entry: Int) {
        self.run = run
        self.entry = entry
    }
}
