import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// A real daemon that is killed again and again under real gateways.
///
/// `SHINDEN_CASES` says how many times as many kills there are; from 10 on there are twenty gateways.
@Suite struct KillTests {
    private func start(_ scratch: Scratch, _ level: String) throws -> LiveDaemon {
        try LiveDaemon([
            "--ingest", "ipc://" + scratch.at("ingest"), "--state", scratch.at("state"), "--ack", level,
        ])
    }

    @Test(arguments: ["process", "power"])
    func `P11 a daemon killed again and again loses no acknowledged chunk and commits each once`(
        level: String
    ) throws {
        let factor = ProcessInfo.processInfo.environment["SHINDEN_CASES"].flatMap(Int.init) ?? 1
        let (kills, count) = (3 * factor, factor < 10 ? 3 : 20)
        var generator = SeededGenerator(seed: UInt64(kills))
        let scratch = try Scratch()
        defer { scratch.end() }
        var daemon = try start(scratch, level)
        defer { daemon.end() }
        // Each kill takes about two seconds of the gateways' time, and the recording is a minute long.
        let pace = min(4, 60 / (2.5 * Double(kills)))
        // Frames in half a second of that, from two streams of 50 chunks a second each.
        let frames = Int64(max(2, 100 * Double(count) * pace / 2))
        let gateways = try (0..<count).map { number in
            try Program.shinden([
                "replay", Repository.fixtures + "/mitdb/100_0000", "--acknowledged", "--patient",
                "a\(number)",
                "--patient", "b\(number)", "--publish", "ipc://" + scratch.at("ingest"), "--speed", "\(pace)",
                "--chunk-ms", "20", "--wait-seconds", "600",
            ])
        }
        defer { for gateway in gateways { gateway.end() } }
        for _ in 0..<kills {
            let asker = try Asker(daemon)
            let enough = Int64.random(in: 1...2 * frames, using: &generator)
            let isTime = try eventually {
                try asker.status()["frames"]?.whole ?? 0 >= enough || gateways.allSatisfy { !$0.isRunning }
            }
            #expect(isTime)
            daemon.program.send(SIGKILL)
            #expect(daemon.program.exitCode() == -SIGKILL)
            daemon.end()
            daemon = try start(scratch, level)
        }
        var sent = 0
        for gateway in gateways {
            let code = try #require(awaitedCode(of: gateway))
            #expect(code == 0, "\(gateway.words)")
            let words = gateway.words.last { $0.contains(" messages with ") } ?? ""
            let numbers = words.split(separator: " ").compactMap { Int($0) }
            #expect(numbers.count > 1 && numbers[0] == numbers[1], "\(words)")
            sent += numbers.first ?? 0
        }
        #expect(daemon.stop() == 0)
        let committed = try CommittedChunks(state: scratch.at("state"))
        #expect(committed.faults == [])
        #expect(committed.total == sent && committed.counts.count == 2 * count)
        #expect(sent > 0)
        print(
            "\(level): \(kills) kills, \(count) gateways, \(committed.total) chunks in \(committed.runs) logs"
        )
    }

    /// A gateway at less than real time takes longer than any other wait here.
    private func awaitedCode(of gateway: Program) -> Int32? {
        for _ in 0..<20 {
            if let code = gateway.exitCode() { return code }
        }
        return nil
    }
}
