import Foundation
import TestSupport
import Testing

/// Machines of their own on one machine: network namespaces of Linux, each with a cable (veth) to the first of them.
///
/// The first is the daemon's, at 10.77.N.1 on the cable to the N-th other, which is at 10.77.N.2.
final class Network {
    private let names: [String]

    /// Whether they can be made here: that takes root and the command ip.
    static let canBeMade: Bool = {
        guard geteuid() == 0, let network = try? Network(others: 1) else { return false }
        network.end()
        return true
    }()

    /// Why not, where they cannot.
    static let reason: Comment = "network namespaces need root and Debian's iproute2"

    /// A machine for the daemon, and so many others.
    init(others: Int) throws {
        let word = "sh\(UInt32.random(in: 0...0xFFFFF))x"
        names = (0...others).map { "\(word)\($0)" }
        do {
            for name in names {
                try Network.ip("netns", "add", name)
                try Network.ip("-n", name, "link", "set", "lo", "up")
            }
            for other in 1...others { try lay(cable(other), between: 0, and: other, network: other) }
        } catch {
            end()
            throw error
        }
    }

    /// Lays one more cable, between two of the others: the first is 10.77.100.1, the second 10.77.100.2.
    func connect(_ one: Int, _ other: Int) throws { try lay("extra", between: one, and: other, network: 100) }

    private func cable(_ other: Int) -> String { "cable\(other)" }

    private func lay(_ cable: String, between one: Int, and other: Int, network: Int) throws {
        try Network.ip(
            "-n",
            names[one],
            "link",
            "add",
            cable,
            "type",
            "veth",
            "peer",
            "name",
            cable,
            "netns",
            names[other]
        )
        for (end, place) in [(one, 1), (other, 2)] {
            try Network.ip("-n", names[end], "addr", "add", "10.77.\(network).\(place)/24", "dev", cable)
            try Network.ip("-n", names[end], "link", "set", cable, "up")
        }
    }

    /// Pulls the cable of the N-th other machine, or plugs it in again.
    func set(cableOf other: Int, isIn: Bool) throws {
        try Network.ip("-n", names[0], "link", "set", cable(other), isIn ? "up" : "down")
    }

    /// Starts a program on the machine of that number.
    func start(_ executable: String, _ arguments: [String], on machine: Int) throws -> Program {
        try Program(
            "/usr/bin/env",
            ["PATH=\(Network.path)", "ip", "netns", "exec", names[machine], executable] + arguments
        )
    }

    /// Starts the program under test on the machine of that number.
    func shinden(_ arguments: [String], on machine: Int) throws -> Program {
        try start(try Program.shindenPath(), arguments, on: machine)
    }

    /// Takes the machines away, and what still runs in none of them.
    func end() { for name in names { try? Network.ip("netns", "del", name) } }

    private static let path =
        "/usr/sbin:/sbin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")

    private static func ip(_ arguments: String...) throws {
        let program = try Program("/usr/bin/env", ["PATH=\(path)", "ip"] + arguments)
        defer { program.end() }
        guard program.exitCode() == 0 else {
            throw Missing(description: "ip \(arguments.joined(separator: " ")): \(program.words)")
        }
    }
}
