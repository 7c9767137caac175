import ECGSignal
import Findings
import Foundation
import TestSupport

@testable import FrameLog

/// A header as a daemon would write it.
func header(run: String = "00000000000000ab", at seconds: Double = 0) -> FrameLogHeader {
    FrameLogHeader(
        run: run,
        node: "ward \"3\"",
        program: "shinden test",
        modelName: "narrow",
        revisions: Revisions(model: "aa", bank: "bb", catalogue: "cc"),
        hop: 512,
        horizonSeconds: 2,
        streamsMax: 1_000,
        idleSeconds: 60,
        ingestSpeedMax: 20,
        arrival: arrival(seconds)
    )
}

/// Entries of every kind, as random as the transport lets them be.
func entries(_ count: Int, using generator: inout SeededGenerator) -> [LoggedEntry<RawMessage>] {
    var seconds = 0.0
    return (0..<count).map { number in
        seconds += .random(in: 0...0.5, using: &generator)
        let content: LoggedEntry<RawMessage>.Content
        let peer = ["", "icu-1", "心電"].randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<15, using: &generator) {
        case 0: content = .tick(isQuiet: .random(using: &generator))
        case 2: content = .command(command(using: &generator))
        case 3: content = .policy(Array("version: 1 # 心電 \(number)\n".utf8))
        case 4: content = .authorisation(Array("version: 1 # 心電 \(number)\n".utf8))
        case 6: content = .recovery(step(number, using: &generator))
        case 5: content = .memory(Array("{\"patient\":\"p\(number)\"}".utf8))
        case 1:
            let message = RawMessage.tooManyParts(.random(in: 6...1_000_000, using: &generator))
            content = .frame(message, endpoint: "tcp://127.0.0.1:7201", peer: peer)
        default:
            let parts = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            }
            content = .frame(.parts(parts), endpoint: number.isMultiple(of: 2) ? "ipc://心電" : "", peer: peer)
        }
        return LoggedEntry(content, at: arrival(seconds))
    }
}

/// A step of a recovery, of any kind.
private func step(_ number: Int, using generator: inout SeededGenerator) -> RecoveryStep {
    let stream = StreamIdentity(patient: "p\(number)", device: "d", epoch: generator.next())
    let steps: [RecoveryStep] = [
        .begins(told: []), .begins(told: ["a", "心電"]), .restores(base: [], newest: [1, 2]),
        .restores(base: [3], newest: []), .reached(stream), .ends,
    ]
    return steps.randomElement(using: &generator) ?? .ends
}

/// A command of any kind, as it is read back: without a ticket.
private func command(using generator: inout SeededGenerator) -> OperatorCommand {
    let stream = StreamIdentity(patient: "p", device: "d", epoch: generator.next())
    let alarm = AlarmIdentity(stream: stream, statement: "asystole", onset: 5_000, ordinal: 2)
    let orders: [OperatorCommand.Order] = [
        .acknowledge(alarm, soundings: nil), .acknowledge(alarm, soundings: 3), .pause(.audio, seconds: 60),
        .pause(.alarm, seconds: 0), .standby(true), .baseline(statement: "pause", isAccepted: true),
        .limits(nil), .limits(LimitOrder(.adult)), .limits(LimitOrder(st: .standard)), .discharge,
    ]
    let order = orders[Int.random(in: orders.indices, using: &generator)]
    return OperatorCommand(order, target: .patient("p"), by: "anna", ticket: 0)
}

/// An entry as text, which tells every member of it.
func text(_ entry: LoggedEntry<RawMessage>) -> String { "\(entry)" }

/// Writes a log of one run; the paths of its segments.
@discardableResult
func write(
    _ entries: [LoggedEntry<RawMessage>],
    to folder: String,
    _ header: FrameLogHeader = header(),
    limits: FrameLogLimits = FrameLogLimits()
) throws -> [String] {
    var writer = try FrameLogWriter(in: FolderClaim(folder), header: header, limits: limits)
    for entry in entries { try writer.append(entry) }
    try writer.sync()
    return try segments(in: folder)
}

/// The paths of the segments in a folder, oldest first.
func segments(in folder: String) throws -> [String] {
    try LogFiles.segments(in: folder).map { "\(folder)/\($0.text)" }
}

/// What can be read of a log, and why no more.
func read(_ path: String) -> (entries: [String], reader: FrameLogReader?, error: FrameLogError?) {
    var found: [String] = []
    var reader: FrameLogReader?
    do throws(FrameLogError) {
        reader = try FrameLogReader(path)
        while let entry = try reader?.next() { found.append(text(entry)) }
        return (found, reader, nil)
    } catch { return (found, reader, error) }
}

/// The bytes of a file.
func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

/// Puts bytes in a file.
func put(_ bytes: [UInt8], into path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
