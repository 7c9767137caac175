internal import ArgumentParser
internal import FrameLog
internal import Recordings

/// The documented exit codes (sysexits.h).
enum Failure {
    /// Wrong use: 64.
    static let usage = ExitCode(64)
    /// Bad data: 65.
    static let data = ExitCode(65)
    /// No input: 66.
    static let noInput = ExitCode(66)
    /// A service is not there: 69.
    static let unavailable = ExitCode(69)
    /// Input or output: 74.
    static let inputOutput = ExitCode(74)
    /// Configuration: 78.
    static let configuration = ExitCode(78)
    /// Ended by Ctrl-C, as shells have it: 130.
    static let interrupted = ExitCode(130)

    /// The code of a frame log that cannot be used.
    static func code(of error: FrameLogError) -> ExitCode {
        switch error.kind {
        case .notFound: noInput
        case .inputOutput, .disk: inputOutput
        case .damaged: data
        case .choice: usage
        }
    }

    /// The code of a recording that cannot be used.
    static func code(of error: RecordingError) -> ExitCode {
        switch error.kind {
        case .notFound: noInput
        case .unreadable: inputOutput
        default: data
        }
    }
}
