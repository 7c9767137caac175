internal import ArgumentParser
internal import Findings
internal import Recordings

/// Why a plan cannot be sent to its end, told alike whether it is acknowledged or not.
enum ReplayFault {
    /// Prints what is wrong with the samples or their file; the exit code, nil where the error is of another kind.
    static func report(_ error: any Error) -> ExitCode? {
        switch error {
        case let refusal as Refusal:
            Output.words(
                "shinden replay: \(refusal.detail) (\(refusal.code.rawValue)); choose another --encoding"
            )
            return Failure.data
        case let error as RecordingError:
            Output.words("shinden replay: \(error)")
            return Failure.code(of: error)
        default: return nil
        }
    }
}
