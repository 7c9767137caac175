internal import ArgumentParser
internal import ModelFolder
internal import Recordings

#if canImport(Glibc)
private import Glibc
#endif

/// Data on stdout, words on stderr; both as UTF-8 lines.
enum Output {
    /// A line of data.
    static func data(_ line: String) { print(line) }

    /// A sentence for a person.
    static func words(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Safe: the array outlives the call, which reads `count` bytes of it.
        _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Sends on what has been printed.
    static func flush() { _ = fflush(nil) }

    /// Whether stderr is a terminal: progress bars are for people only.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// The documented exit codes (sysexits.h).
enum Failure {
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

    /// The code of a recording that cannot be used.
    static func code(of error: RecordingError) -> ExitCode {
        switch error.kind {
        case .notFound: noInput
        case .unreadable: inputOutput
        default: data
        }
    }
}
