import ECGSignal
import Findings
import Policy
import PolicyFile
import TestSupport
import Testing

/// What a policy file may say, and how it is refused.
@Suite struct PolicyFileTests {
    private func table(_ text: String) throws(PolicyFile.Refused) -> PolicyTable {
        try PolicyFile.table(of: Array("version: 1\n\(text)".utf8))
    }

    private func row(_ id: String, of table: PolicyTable) throws -> PolicyTable.Row {
        table.rows[try #require(table.index(of: id))]
    }

    @Test func `a file that sets nothing leaves the defaults`() throws {
        #expect(try table("") == .standard)
        #expect(try table("statements: {}") == .standard)
    }

    @Test func `each setting is taken`() throws {
        let table = try table(
            """
            statements:
              tachycardia:
                onset_seconds: 5
                end_seconds: 15.5
                threshold: {above: 130, end: 125}
                steps: [{after_seconds: 60, priority: low}, {after_seconds: 120, priority: medium}]
              bradycardia: {priority: low, threshold: {below: 45, end: 50}}
              ventricular_couplet: {priority: info}
              ventricular_bigeminy: {rearm_seconds: 300}
            """
        )
        let tachycardia = try row("tachycardia", of: table)
        #expect(tachycardia.onsetSamples == 2_500)
        #expect(tachycardia.endSamples == 7_750)
        #expect(tachycardia.steps.map(\.afterSamples) == [30_000, 60_000])
        #expect(tachycardia.steps.map(\.priority) == [.low, .medium])
        #expect(try row("bradycardia", of: table).priority == .low)
        #expect(table.rates == (try PatientLimits(extremeLow: 40, low: 45, high: 130, extremeHigh: 140)))
        #expect(PolicyTable.standard.rates == nil)
        #expect(try row("ventricular_couplet", of: table).priority == .info)
        #expect(try row("ventricular_bigeminy", of: table).rearmSamples == 150_000)
        #expect(try row("asystole", of: table) == row("asystole", of: .standard))
    }

    @Test func `chains stand in place of the default ones`() throws {
        let table = try table("chains: [[asystole, [pause, bradycardia]], [tachycardia, sinus_arrest]]")
        #expect(
            table.chains == [
                [["asystole"], ["pause", "bradycardia"]], [["tachycardia"], ["sinus_arrest"]],
            ]
        )
    }

    @Test(arguments: [
        ("statements: {asystol: {}}", PolicyFault.unknownStatement("asystol")),
        ("chains: [[asystole, nothing]]", .unknownStatement("nothing")),
        ("statements: {sinus_rhythm: {priority: low}}", .neverAlarms("sinus_rhythm")),
        ("statements: {pause: {priority: high}}", .tooUrgent("pause", most: .medium)),
        ("statements: {asystole: {priority: low}}", .staysHigh("asystole")),
        ("statements: {asystole: {priority: info}}", .staysHigh("asystole")),
        (
            "statements: {asystole: {onset_seconds: 11}}",
            .outOfBounds("asystole", setting: "onset_seconds", value: 11, bounds: 0...10)
        ),
        (
            "statements: {pause: {end_seconds: -1}}",
            .outOfBounds("pause", setting: "end_seconds", value: -1, bounds: 0...120)
        ),
        (
            "statements: {tachycardia: {threshold: {above: 130, end: 131}}}",
            .endOfRate("tachycardia", 125)
        ),
        ("statements: {bradycardia: {threshold: {below: 45, end: 44}}}", .endOfRate("bradycardia", 50)),
        (
            "statements: {tachycardia: {threshold: {below: 130, end: 140}}}",
            .wrongSide("tachycardia", .above)
        ),
        (
            "statements: {extreme_bradycardia: {threshold: {above: 30, end: 25}}}",
            .wrongSide("extreme_bradycardia", .below)
        ),
        ("statements: {asystole: {threshold: {above: 100, end: 95}}}", .noThreshold("asystole")),
        ("statements: {prolonged_qt: {threshold: {above: 550, end: 545}}}", .noThreshold("prolonged_qt")),
        (
            "statements: {extreme_bradycardia: {threshold: {below: 1, end: 6}}}",
            .outOfBounds("extreme_bradycardia", setting: "threshold", value: 1, bounds: 20...60)
        ),
        (
            "statements: {extreme_tachycardia: {threshold: {above: 9999, end: 9994}}}",
            .outOfBounds("extreme_tachycardia", setting: "threshold", value: 9_999, bounds: 100...250)
        ),
        (
            "statements: {tachycardia: {threshold: {above: 130.5, end: 125.5}}}",
            .wholeRate("tachycardia", 130.5)
        ),
        (
            "statements: {tachycardia: {threshold: {above: 1e300, end: 1e300}}}",
            .wholeRate("tachycardia", 1e300)
        ),
        (
            "statements: {tachycardia: {threshold: {above: 140, end: 135}}}",
            .ratesOutOfOrder("tachycardia", 140, "extreme_tachycardia", 140)
        ),
        (
            "statements: {pause: {steps: [{after_seconds: 9, priority: low}, {after_seconds: 9, priority: medium}]}}",
            .stepsOutOfOrder("pause")
        ),
        ("statements: {pause: {steps: [{after_seconds: 9, priority: medium}]}}", .stepsOutOfOrder("pause")),
        (
            "statements: {pause: {steps: [{after_seconds: 9, priority: high}]}}",
            .tooUrgent("pause", most: .medium)
        ),
        (
            "statements: {asystole: {rearm_seconds: 5}}",
            .contradictory("asystole", "a high alarm is always signalled; take rearm_seconds out")
        ),
        (
            "statements: {pause: {priority: info, steps: [{after_seconds: 9, priority: low}]}}",
            .contradictory("pause", "it only informs, so nothing stands that a step could change")
        ),
        ("chains: [[asystole, pause, asystole]]", .chainContainsItself(["asystole", "asystole"])),
        ("chains: [[pause, pause]]", .chainContainsItself(["pause", "pause"])),
        (
            "chains: [[pause, bradycardia], [bradycardia, pause]]",
            .chainContainsItself(["pause", "bradycardia", "pause"])
        ),
        (
            "chains: [[bradycardia, extreme_bradycardia]]",
            .chainContainsItself(["bradycardia", "extreme_bradycardia", "bradycardia"])
        ),
    ])
    func `what cannot hold is refused with its reason`(text: String, fault: PolicyFault) {
        do {
            _ = try table(text)
            Issue.record("taken: \(text)")
        } catch {
            guard case .fault(let found) = error else {
                Issue.record("\(error)")
                return
            }
            if case .chainContainsItself(let expected) = fault, case .chainContainsItself(let ids) = found {
                // Where a circle begins is no part of the promise.
                #expect(Set(ids) == Set(expected))
                #expect(ids.first == ids.last)
            } else {
                #expect(found == fault)
            }
        }
    }

    @Test(arguments: [
        "statements: [", "statements: 5", "statements: {pause: 5}", "statements: {pause: {priority: 5}}",
        "statements: {pause: {priority: urgent}}", "statements: {pause: {onset_seconds: soon}}",
        "statements: {pause: {onset_seconds: .nan}}", "statements: {pause: {colour: red}}", "colour: red",
        "statements: {pause: {threshold: {above: 5}}}", "statements: {pause: {threshold: {end: 5}}}",
        "statements: {pause: {threshold: {above: 5, below: 5, end: 5}}}", "statements: {pause: {steps: 5}}",
        "statements: {pause: {steps: [{priority: low}]}}", "chains: 5", "chains: [5]", "chains: [[{a: b}]]",
        "statements: {pause: {}, pause: {}}", "statements: {[a]: {}}",
    ])
    func `what has another form is refused`(text: String) {
        #expect(throws: PolicyFile.Refused.self) { try table(text) }
    }

    @Test(arguments: [
        "", "version: 2", "version: one", "statements: {}", "- 1",
        // To the base 60 it is beyond 64 bits, which ended the program.
        "version: 1:2:3:4:5:6:7:8:9:10:11:12:13",
    ])
    func `a file of another version, or of none, is refused`(text: String) {
        #expect(throws: PolicyFile.Refused.self) { try PolicyFile.table(of: Array(text.utf8)) }
    }

    @Test func `aliases that stand for each other are refused before they multiply`() {
        var text = "version: 1\n? &a0 [x, x]\n: 1\n"
        for number in 1..<65 { text += "? &a\(number) [*a\(number - 1), *a\(number - 1)]\n: 1\n" }
        #expect(throws: PolicyFile.Refused.self) { try PolicyFile.table(of: Array(text.utf8)) }
    }

    @Test func `a file that is too long is refused unread`() {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: PolicyFile.bytesMax + 1)
        #expect(throws: PolicyFile.Refused.tooLong(bytes: bytes.count)) { try PolicyFile.table(of: bytes) }
    }

    @Test(arguments: seeds(300))
    func `P01 no bytes crash it`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = Array(
            "version: 1\nstatements: {pause: {steps: [{after_seconds: 9, priority: low}]}}\nchains: [[pause, [asystole]]]"
                .utf8
        )
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                in: 0...255,
                using: &generator
            )
        }
        _ = try? PolicyFile.table(of: bytes)
    }
}
