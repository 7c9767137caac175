import Foundation
import Glibc
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A run of the program that has ended.
struct Run {
    let code: Int32
    let output: String
    let words: String

    /// The lines of data.
    var lines: [Substring] { output.split(separator: "\n") }

    /// The lines of `classify` that tell of windows, for people or as JSON; the others tell of alarms.
    var windowLines: [Substring] {
        let priorities = ["  HIGH ", "  MEDIUM ", "  LOW ", "  INFO "]
        return lines.filter { line in
            !line.contains(#""alarm_id":"#) && !priorities.contains { line.contains(" s" + $0) }
        }
    }
}

/// The program beside the test bundle, as a process.
final class Program {
    private let process = Process()
    private let output: Capture
    private let words: Capture

    /// The executable that was built together with these tests.
    static let path: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("shinden").path
    }()

    /// A file that a process writes into and a test reads.
    private struct Capture {
        let url: URL
        let handle: FileHandle

        init() throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            _ = FileManager.default.createFile(atPath: url.path, contents: nil)
            handle = try FileHandle(forWritingTo: url)
        }

        var text: String { String(decoding: (try? Data(contentsOf: url)) ?? Data(), as: UTF8.self) }
    }

    /// Starts it in the repository's folder, without any SHINDEN_ variable but those given.
    init(_ arguments: [String], environment: [String: String] = [:], executable: String = path) throws {
        output = try Capture()
        words = try Capture()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: Repository.root)
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SHINDEN_") }
        process.environment = inherited.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = words.handle
        try process.run()
    }

    deinit {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: output.url)
        try? FileManager.default.removeItem(at: words.url)
    }

    /// What it has said so far.
    var saidSoFar: String { words.text }

    /// What it has written to stdout so far.
    var outputSoFar: String { output.text }

    /// Interrupts the program as Ctrl-C does.
    func interrupt() { process.interrupt() }

    /// Ends the program as a power cut does.
    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Waits until it has ended; the limit ends it by force, which no test takes for an answer.
    func finished() -> Run {
        if !eventually(within: .seconds(60), { !process.isRunning }) {
            kill()
            process.waitUntilExit()
            return Run(code: -1, output: output.text, words: "not ended in time: \(words.text)")
        }
        // A code for an end by signal, as shells have it.
        let isSignal = process.terminationReason == .uncaughtSignal
        return Run(
            code: process.terminationStatus + (isSignal ? 128 : 0),
            output: output.text,
            words: words.text
        )
    }

    /// Runs it to its end.
    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
        try Program(arguments, environment: environment).finished()
    }
}

/// An endpoint of this machine that nobody else has.
func freshEndpoint() throws -> Endpoint {
    let name = "shinden-\(UUID().uuidString.prefix(13))"
    return try Endpoint("ipc://" + FileManager.default.temporaryDirectory.appendingPathComponent(name).path)
}

/// A fixture by its folder and name.
func fixture(_ name: String) -> String { "\(Repository.fixtures)/\(name)" }
