import Foundation
import TestSupport
import Testing
import Wire

/// `shinden bench` as people call it: real daemons and load generators on loopback.
@Suite(.serialized) struct BenchCommandTests {
    @Test func `two patients are watched in time and nothing of theirs is lost`() throws {
        let run = try Program.run(
            "bench",
            "--patients",
            "2",
            "--leads",
            "12",
            "--seconds",
            "4",
            "--limit-ms",
            "5000",
            "--port",
            "17301",
            "--json"
        )
        #expect(run.code == 0, "\(run.words)")
        let figures = try #require(try JSONValue(parsing: Array((run.lines.last ?? "").utf8)).object)
        #expect(figures["patients"]?.whole == 2 && figures["held"] == .bool(true))
        #expect((6...10).contains(figures["windows"]?.whole ?? 0))
        #expect(figures["samples_lost"]?.whole == 0 && figures["events_missed"]?.whole == 0)
        #expect(figures["cores"]?.real ?? 0 > 0 && figures["patients_per_core"]?.real ?? 0 > 0)
    }

    @Test func `more patients than can be watched in no time end with 1 and their figures`() throws {
        let run = try Program.run(
            "bench",
            "Fixtures/ptbxl/00017_hr",
            "--patients",
            "48",
            "--seconds",
            "3",
            "--limit-ms",
            "1",
            "--port",
            "17311"
        )
        #expect(run.code == 1, "\(run.words)")
        #expect(run.lines.count == 1 && run.output.contains("48 patients: too many"))
    }

    @Test func `a port that is taken ends it with the daemon's own words`() throws {
        let run = try Program.run(
            "bench",
            "Fixtures/ptbxl/00017_hr",
            "--patients",
            "1",
            "--seconds",
            "2",
            "--model",
            "/nonexistent",
            "--port",
            "17321"
        )
        #expect(run.code == 69)
        #expect(run.words.contains("did not begin to serve") && run.words.contains("/nonexistent"))
    }

    @Test(arguments: [
        ["--patients", "0"], ["--patients", "9000"], ["--seconds", "1"], ["--limit-ms", "0"],
        ["--port", "80"],
    ])
    func `wrong use: 64`(arguments: [String]) throws {
        #expect(try Program(["bench", "record"] + arguments).finished().code == 64)
    }

    @Test func `no such recording: 66`() throws {
        let run = try Program.run("bench", "/nonexistent/record")
        #expect(run.code == 66 && run.words.contains("/nonexistent/record"))
    }
}
