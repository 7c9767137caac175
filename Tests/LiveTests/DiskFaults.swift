import Foundation
import TestSupport
import Testing

/// Faults of a disk, made by strace at a certain call on the files of a journal; also what calls there are.
///
/// strace is another program's process, so what is under test is the daemon as it is, on a disk as it is.
struct DiskFaults {
    /// What happens at a call.
    enum Kind: String, CaseIterable, CustomTestStringConvertible, Sendable {
        /// The daemon is killed before the call is done.
        case kill
        /// There is no room.
        case full
        /// The disk has not taken what it was given before.
        case unsynced
        /// The disk fails.
        case broken

        var testDescription: String { rawValue }

        /// The calls at which it can happen.
        var calls: [String] {
            switch self {
            case .kill: DiskFaults.writing + DiskFaults.syncing
            case .full, .broken: DiskFaults.writing
            case .unsynced: DiskFaults.syncing
            }
        }

        /// What strace is told to do.
        fileprivate var injection: String {
            switch self {
            case .kill: "signal=SIGKILL"
            case .full: "error=ENOSPC"
            case .unsynced, .broken: "error=EIO"
            }
        }
    }

    /// A call: the how manieth of its name.
    struct Point: Sendable, CustomStringConvertible {
        let call: String
        let number: Int

        /// From the first call that writes on.
        static let firstWrite = Point(call: DiskFaults.writing.joined(separator: ","), number: 1)

        var description: String { "\(call) \(number)" }
    }

    private static let writing = ["write", "pwrite64", "ftruncate", "fallocate"]
    private static let syncing = ["fsync", "fdatasync"]

    /// Whether there can be such faults here.
    static let arePossible: Bool = {
        let trial = try? Program("/usr/bin/env", ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "true"])
        defer { trial?.end() }
        return trial?.exitCode() == 0
    }()

    private let log: String
    private let folder: String
    private let fault: (kind: Kind, point: Point, times: Int)?

    /// Faults of the journal in `folder`: `times` of them from a point on, without an end for `Int.max`; or none, where calls
    /// are only counted.
    init(in folder: String, _ fault: (kind: Kind, point: Point, times: Int)? = nil, log: String) {
        self.folder = folder
        self.fault = fault
        self.log = log
    }

    /// The command before that of the daemon, which stays the child of whoever starts it.
    var launcher: [String] {
        let calls = (DiskFaults.writing + DiskFaults.syncing).joined(separator: ",")
        var command = ["/usr/bin/env", "strace", "-D", "-f", "-qq", "-e", "signal=none", "-o", log]
        // A signal is not delivered where the kernel filters calls; without its filter every call is slower.
        if fault?.kind != .kill { command.append("--seccomp-bpf") }
        for name in ["", "/events.sqlite", "/events.sqlite-wal", "/events.sqlite-shm"] {
            command += ["-P", folder + name]
        }
        command += ["-e", "trace=\(calls)"]
        if let (kind, point, times) = fault {
            let last = times == .max ? "+" : times > 1 ? "..\(point.number + times - 1)" : ""
            command += ["-e", "inject=\(point.call):\(kind.injection):when=\(point.number)\(last)"]
        }
        return command
    }

    /// Whether the fault has happened.
    var hasHappened: Bool {
        guard let fault else { return false }
        return lines.contains { line in
            fault.kind == .kill ? line.hasSuffix(" = ?") : line.hasSuffix("(INJECTED)")
        }
    }

    /// The calls that were made, in their order, each name counted by itself.
    var points: [Point] {
        var counts: [String: Int] = [:]
        return lines.compactMap { line in
            guard let call = line.split(separator: " ").dropFirst().first?.prefix(while: { $0 != "(" }) else {
                return nil
            }
            counts[String(call), default: 0] += 1
            return Point(call: String(call), number: counts[String(call)] ?? 0)
        }
    }

    private var lines: [Substring] {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}
