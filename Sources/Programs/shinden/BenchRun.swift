internal import Foundation
internal import Messaging
internal import Wire
internal import ZeroMQ

/// A daemon and a load generator, both this program, and what a reader of the daemon's events sees of them.
struct BenchRun {
    /// What is measured, and with what.
    struct Plan {
        var record: String
        /// Flags that `serve` gets beside the endpoints.
        var serving: [String]
        /// Flags that `replay` gets beside the endpoints.
        var replaying: [String]
        /// The first of three ports of loopback: frames, events, control.
        var port: Int
        var seconds: Int
    }

    /// What one run gave.
    struct Figures {
        var patients: Int
        /// Diagnoses that came while it was measured.
        var windows = 0
        /// Milliseconds from when the frame that completed a window was due to its publication, ascending.
        var latencies: [Int64] = []
        var missed: UInt64 = 0
        /// Samples that came and were not analysed when all was over.
        var lost: Int64 = 0
        /// Processor time of the daemon by time that passed.
        var cores = 0.0
        /// Whether the daemon said that it had fallen behind.
        var isOverloaded = false

        /// Patients that one whole core of the daemon would watch; nil where it took no time that could be measured.
        var patientsPerCore: Double? { cores > 0 ? Double(patients) / cores : nil }

        /// The latency that so great a share of the windows did not exceed; nil where none came.
        func latency(_ share: Double) -> Int64? {
            latencies.isEmpty
                ? nil : latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))]
        }

        /// Whether every patient's windows came, whole and within `limit` milliseconds but for one in a hundred.
        func holds(_ limit: Int64, seconds: Int, hopSeconds: Double) -> Bool {
            let expected = Double(patients) * (Double(seconds) / hopSeconds - 1)
            return missed == 0 && lost == 0 && !isOverloaded && Double(windows) >= 0.95 * expected
                && latency(0.99).map { $0 <= limit } ?? false
        }
    }

    /// What ended a run before it could be measured.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Seconds until every stream has had its first window, with a margin for a busy machine.
    static let warmUpSeconds = 13

    let plan: Plan
    let isInterrupted: () -> Bool

    /// Runs so many patients; nil where it was interrupted.
    func measure(_ patients: Int) throws -> Figures? {
        let endpoints = (0..<3).map { "tcp://127.0.0.1:\(plan.port + $0)" }
        let words = FileManager.default.temporaryDirectory.path + "/shinden-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: words) }
        let daemon = try start(
            ["serve", "--bind-subscribe", endpoints[0], "--events", endpoints[1], "--control", endpoints[2]]
                + ["--waves", "tcp://127.0.0.1:\(plan.port + 3)", "--streams-max", "\(max(patients, 64))"]
                + plan.serving,
            wordsTo: words
        )
        defer { end(daemon, with: SIGTERM) }
        let context = try Context()
        var asker = try ControlAsker(Endpoint(endpoints[2]), in: context)
        guard try isReady(daemon, &asker) else {
            if isInterrupted() { return nil }
            let said = (try? String(contentsOfFile: words, encoding: .utf8)) ?? ""
            let last = said.split(separator: "\n").last.map(String.init) ?? "it said nothing"
            throw Failed(description: "the daemon did not begin to serve: \(last)")
        }
        var reader = try EventReader(
            Endpoint(endpoints[1]),
            prefixes: [Topic.allEvents(of: .diagnosis), Topic.allEvents(of: .tech)],
            in: context
        )
        let generator = try start(
            ["replay", plan.record, "--publish", endpoints[0], "--events", endpoints[1]]
                + ["--patients", "\(patients)", "--loop", "--quiet"] + plan.replaying,
            wordsTo: words
        )
        defer { end(generator, with: SIGINT) }
        var figures = Figures(patients: patients)
        guard try listen(BenchRun.warmUpSeconds, generator, &reader, { _ in }) else { return nil }
        let begun = (spent: processorSeconds(daemon), at: ContinuousClock.now)
        guard try listen(plan.seconds, generator, &reader, { figures.note($0) }) else { return nil }
        let passed = begun.at.duration(to: .now) / .seconds(1)
        figures.cores = (processorSeconds(daemon) - begun.spent) / passed
        figures.latencies.sort()
        end(generator, with: SIGINT)
        figures.lost = try samplesLost(&asker)
        return figures
    }

    /// Reads events for so many seconds; false where it was interrupted.
    private func listen(
        _ seconds: Int,
        _ generator: Process,
        _ reader: inout EventReader,
        _ note: (EventReader.Read) -> Void
    ) throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if isInterrupted() { return false }
            guard generator.isRunning else {
                throw Failed(
                    description: "the load generator ended: shinden replay \(plan.record) says why"
                )
            }
            if let read = try reader.next(timeout: .milliseconds(100)) { note(read) }
        }
        return true
    }

    /// Whether the daemon answers, waited for as long as it runs and at most half a minute.
    private func isReady(_ daemon: Process, _ asker: inout ControlAsker) throws -> Bool {
        for _ in 0..<150 {
            guard daemon.isRunning, !isInterrupted() else { return false }
            do {
                _ = try asker.ask(.status, patience: .milliseconds(200))
                return true
            } catch ControlAsker.Failure.silent {
                continue
            }
        }
        return false
    }

    /// Samples that came and are neither analysed nor still waiting, by the daemon's own ledgers.
    private func samplesLost(_ asker: inout ControlAsker) throws -> Int64 {
        let streams = try asker.askAllPages(.streams, StreamReport.list, patience: .seconds(5))
        var lost: Int64 = 0
        for lead in streams.flatMap({ $0["leads"]?.array ?? [] }).compactMap({ $0.object }) {
            let held = ["analysed", "held", "duplicate"].reduce(Int64(0)) { $0 + (lead[$1]?.whole ?? 0) }
            lost += max(0, (lead["received"]?.whole ?? 0) - held)
        }
        return lost
    }

    // MARK: processes

    private func start(_ arguments: [String], wordsTo path: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        )
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let words = FileHandle(forWritingAtPath: path)
        _ = try words?.seekToEnd()
        process.standardError = words ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Ends a process by a signal, and without asking where it takes more than six seconds.
    private func end(_ process: Process, with signal: Int32) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, signal)
        let end = ContinuousClock.now + .seconds(6)
        while process.isRunning, ContinuousClock.now < end { usleep(20_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Processor time that a process has taken so far, seconds, as Linux counts it.
    private func processorSeconds(_ process: Process) -> Double {
        let path = "/proc/\(process.processIdentifier)/stat"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let rest = text.split(separator: ")").last
        else { return 0 }
        let words = rest.split(separator: " ")
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

extension BenchRun.Figures {
    /// Takes an event into account.
    mutating func note(_ read: EventReader.Read) {
        missed += read.missed
        guard let data = read.event["data"]?.object else { return }
        if data["code"]?.text == "overload" { isOverloaded = true }
        guard read.topic.hasPrefix(Topic.allEvents(of: .diagnosis)) else { return }
        windows += 1
        if let latency = read.event["latencyms"]?.whole { latencies.append(latency) }
    }
}
