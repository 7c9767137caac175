import Foundation
import TestSupport
import Testing

/// What a test could not go on without.
struct Missing: Error, CustomStringConvertible {
    let description: String
}

/// A folder of its own for one test, removed with `end`.
struct Scratch {
    let path: String

    init() throws {
        let name = "shinden-live-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A file or folder in it.
    func at(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: at(name)))
        return at(name)
    }

    func end() { try? FileManager.default.removeItem(atPath: path) }
}

/// A real process, its stdout and stderr in files, so that no full pipe ever stops it.
///
/// Whoever starts one ends it: `defer { program.end() }`.
final class Program {
    private let process = Process()
    private let scratch: Scratch
    private let output: GrowingFile
    private let errors: GrowingFile

    /// Starts `executable`; only `environment` is added to this process's own.
    init(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        scratch = try Scratch()
        output = try GrowingFile(scratch.at("stdout"))
        errors = try GrowingFile(scratch.at("stderr"))
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: Repository.root)
        let own = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SHINDEN_") }
        process.environment = own.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try output.writer()
        process.standardError = try errors.writer()
        try process.run()
    }

    /// Whole lines of stdout so far.
    var lines: [String] { output.lines }
    /// Whole lines of stderr so far.
    var words: [String] { errors.lines }

    func send(_ signal: Int32) { _ = kill(process.processIdentifier, signal) }

    /// Its exit code, waited for; minus the signal that killed it, nil where the limit came first.
    func exitCode() -> Int32? {
        guard eventually({ !process.isRunning }) else { return nil }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    var isRunning: Bool { process.isRunning }
    var processIdentifier: Int32 { process.processIdentifier }

    /// The number of the process, which `exec` does not change.
    var processID: Int32 { process.processIdentifier }

    /// Kills it where it still runs, and removes its files.
    func end() {
        if process.isRunning {
            send(SIGKILL)
            _ = exitCode()
        }
        scratch.end()
    }

    /// The program under test, built beside the bundle of these tests.
    static func shinden(_ arguments: [String], environment: [String: String] = [:]) throws -> Program {
        try Program(try shindenPath(), arguments, environment: environment)
    }

    /// Where the program under test is.
    static func shindenPath() throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: bundle).deletingLastPathComponent().appendingPathComponent("shinden").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Missing(description: "\(path) is not built: run swift build with the flags of the Makefile")
        }
        return path
    }

    /// `arguments` run to their end: exit code and whole output.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> (code: Int32?, lines: [String], words: String) {
        let program = try shinden(arguments, environment: environment)
        defer { program.end() }
        let code = program.exitCode()
        return (code, program.lines, program.words.joined(separator: "\n"))
    }
}

/// A file that another process appends to, read line by line as it grows.
private final class GrowingFile {
    private let path: String
    private let reader: FileHandle
    private var rest: [UInt8] = []
    private var whole: [String] = []

    init(_ path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let reader = FileHandle(forReadingAtPath: path)
        else { throw Missing(description: "\(path) cannot be made") }
        self.reader = reader
    }

    func writer() throws -> FileHandle {
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw Missing(description: "\(path) cannot be opened")
        }
        return handle
    }

    var lines: [String] {
        rest += [UInt8]((try? reader.readToEnd()) ?? Data())
        var pieces = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = pieces.popLast().map(Array.init) ?? []
        whole += pieces.map { String(decoding: $0, as: UTF8.self) }
        return whole
    }
}
