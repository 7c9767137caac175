internal import Messaging
internal import Wire
internal import ZeroMQ

/// The question to the daemon's control socket: which topics the reader's key may read.
///
/// Heartbeats name topics of every kind, and what is no right of the key is not missed.
struct RightsQuestion {
    /// Where to ask; nil where it is not known, or where every topic may be read.
    let endpoint: Endpoint?
    /// The run of the daemon that was asked last.
    private var run: String?

    /// How long the answer may take; events wait in the socket's queue meanwhile.
    private static let patience = Duration.seconds(1)

    init(endpoint: Endpoint?) { self.endpoint = endpoint }

    /// Asks once in each run of the daemon; the prefixes, if any came.
    mutating func answer(inRun run: String?, _ context: Context) throws -> [String]? {
        guard let endpoint, let run, run != self.run else { return nil }
        self.run = run
        do {
            var asker = try ControlAsker(endpoint, in: context)
            return HelloReport.readable(in: try asker.ask(.hello, patience: RightsQuestion.patience))
        } catch is ControlAsker.Failure {
            return nil
        }
    }
}
