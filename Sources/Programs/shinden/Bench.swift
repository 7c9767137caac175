internal import ArgumentParser
internal import Foundation
internal import Presentation
internal import Wire

/// How many patients this machine can watch.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How many patients can this machine watch? Research software, not a medical device.",
        discussion: """
            Starts a daemon and a load generator on loopback, which sends a recording as so many live patients in \
            real time, or a made rhythm of twelve leads where none is given, and reads the daemon's events. Without \
            --patients it looks for the largest number with which \
            nothing is lost and 99 of 100 windows are published within --limit-ms of when their last frame was due. \
            The generator takes processor time on the same machine, a good part of what the daemon takes.

            A run takes --seconds and 13 s before them; a search takes seven to ten runs. Give it a machine that does \
            nothing else.

            EXAMPLES
              shinden bench
              shinden bench --patients 50 --leads 12 --seconds 60
              shinden bench Fixtures/ptbxl/00017_hr
              shinden bench Fixtures/ptbxl/00017_hr --leads II --json

            EXIT CODES
              0 done  1 the patients of --patients are too many  64 usage  66 no such recording
              69 the daemon or the generator cannot run  130 interrupted
            """
    )

    @Argument(help: "The WFDB record that every patient sends; a made rhythm without it.") var record: String?
    @Option(help: "Measure with so many patients instead of looking for the largest number.")
    var patients: Int?
    @Option(help: "Seconds that each run is measured.") var seconds = 20
    @Option(help: "Milliseconds within which 99 of 100 windows are published.") var limitMs = 250
    @Option(help: "Send only these leads: I,II; 12 sends all twelve.") var leads: String?
    @Option(help: "Grid samples between windows, as in serve.") var hop = 512
    @Option(help: "Threads that encode, as in serve.") var workers: Int?
    @Option(help: "The folder of the model, as in serve.") var model: String?
    @Option(help: "The first of four ports of loopback that are free.") var port = 17_201
    @Flag(help: "Print each run's figures as JSON, one object a line.") var json = false

    /// A search ends here: the daemon's own bound is no measure of the machine.
    private static let patientsMax = 8_192

    func validate() throws {
        guard (1...Bench.patientsMax).contains(patients ?? 1) else {
            throw ValidationError("--patients \(patients ?? 0): give 1 to \(Bench.patientsMax)")
        }
        guard (2...3_600).contains(seconds) else {
            throw ValidationError("--seconds \(seconds): give 2 to 3600")
        }
        guard (1...60_000).contains(limitMs) else {
            throw ValidationError("--limit-ms \(limitMs): give 1 to 60000")
        }
        guard (1_024...65_532).contains(port) else {
            throw ValidationError("--port \(port): give 1024 to 65532")
        }
    }

    func run() throws {
        if let record {
            var found = FileManager.default.fileExists(atPath: record)
            found = found || FileManager.default.fileExists(atPath: record + ".hea")
            guard found else {
                Output.words("shinden bench: \(record): no such recording")
                throw Failure.noInput
            }
        }
        Output.notice(nil)
        let made = FileManager.default.temporaryDirectory.path + "/shinden-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: made) }
        let sent = try record ?? BenchSignal.write(into: made)
        let interruption = Interruption()
        defer { interruption.end() }
        var wasInterrupted = false
        let bench = BenchRun(plan: plan(sending: sent)) {
            wasInterrupted = wasInterrupted || interruption.hasCome
            return wasInterrupted
        }
        do {
            if let patients {
                guard try measure(patients, bench).holds else { throw ExitCode(1) }
            } else {
                try search(bench)
            }
        } catch let failed as BenchRun.Failed {
            Output.words("shinden bench: \(failed)")
            throw Failure.unavailable
        }
    }

    private func plan(sending record: String) -> BenchRun.Plan {
        var serving = ["--hop", "\(hop)", "--log-level", "error"]
        if let workers { serving += ["--workers", "\(workers)"] }
        if let model { serving += ["--model", model] }
        return BenchRun.Plan(
            record: record,
            serving: serving,
            replaying: leads.flatMap { $0 == "12" ? nil : ["--leads", $0] } ?? [],
            port: port,
            seconds: seconds
        )
    }

    /// Doubles until a run fails, then halves the space between, down to a sixteenth; the last line is the largest run
    /// that held.
    private func search(_ bench: BenchRun) throws {
        var most: BenchRun.Figures?
        var fewest: Int?
        var next = 16
        var held = 0
        while next > held, fewest.map({ $0 - held > max(1, held / 16) }) ?? true {
            let (figures, holds) = try measure(next, bench)
            if holds { (most, held) = (figures, next) } else { fewest = next }
            next = fewest.map { (held + $0) / 2 } ?? min(2 * next, Bench.patientsMax)
        }
        Output.words("the daemon shared the machine with the load generator")
        if json {
            let object: JSONValue = .object([
                "most_patients": .integer(Int64(most?.patients ?? 0)), "limit_ms": .integer(Int64(limitMs)),
                "patients_per_core": most?.patientsPerCore.map { .decimal($0, places: 1) } ?? .null,
            ])
            Output.data(object.canonicalText)
        } else {
            let words = most.map { "\($0.patients) patients" } ?? "not even one patient"
            let each = most?.patientsPerCore.map { ", \(Int($0)) a core of the daemon" } ?? ""
            Output.page("most: \(words) with 99 of 100 windows within \(limitMs) ms\(each)")
        }
    }

    /// What a run with so many patients gave, and whether they can be watched; prints the run's line.
    private func measure(
        _ patients: Int,
        _ bench: BenchRun
    ) throws -> (figures: BenchRun.Figures, holds: Bool) {
        guard let figures = try bench.measure(patients) else { throw Failure.interrupted }
        let holds = figures.holds(
            Int64(limitMs),
            seconds: seconds,
            hopSeconds: Double(hop) / 500
        )
        if json {
            Output.data(object(figures, holds).canonicalText)
        } else {
            Output.page(line(figures, holds))
        }
        return (figures, holds)
    }

    private func line(_ figures: BenchRun.Figures, _ holds: Bool) -> String {
        let p50 = figures.latency(0.5).map { "\($0)" } ?? "--"
        let p99 = figures.latency(0.99).map { "\($0)" } ?? "--"
        let cores = String(format: "%.3f", figures.cores)
        let each = figures.patientsPerCore.map { "\(Int($0))" } ?? "--"
        return "\(figures.patients) patients: \(holds ? "held" : "too many"), latency \(p50) ms "
            + "(p99 \(p99) ms), \(cores) cores, \(each) patients a core, \(figures.windows) windows, "
            + "\(figures.lost) samples lost, \(figures.missed) events missed"
            + (figures.isOverloaded ? ", overload" : "")
    }

    private func object(_ figures: BenchRun.Figures, _ holds: Bool) -> JSONValue {
        .object([
            "patients": .integer(Int64(figures.patients)), "held": .bool(holds),
            "latency_ms_median": .integerOrNull(figures.latency(0.5)),
            "latency_ms_p99": .integerOrNull(figures.latency(0.99)),
            "cores": .decimal(figures.cores, places: 4),
            "patients_per_core": figures.patientsPerCore.map { .decimal($0, places: 1) } ?? .null,
            "windows": .integer(Int64(figures.windows)), "samples_lost": .integer(figures.lost),
            "events_missed": .integer(Int64(clamping: figures.missed)),
            "overload": .bool(figures.isOverloaded),
        ])
    }
}
