import ECGSignal
import Testing

@testable import Service

/// What people do during a recording, as a file says it.
@Suite struct CommandScriptTests {
    private let id = "0123456789abcdef0123456789abcdef"
    private let alarm = AlarmIdentity(
        stream: StreamIdentity(patient: "207", device: "d", epoch: 1),
        statement: "asystole",
        onset: 500,
        ordinal: 1
    )

    private func script(_ text: String) throws -> CommandScript { try CommandScript(Array(text.utf8)) }

    @Test func `lines are done in the order of their times, each once`() throws {
        var script = try script(
            """
            # two things
            {"at": 31.5, "op": "ACK", "alarm_id": "\(id)", "user": "anna"}

            {"at": 20, "op": "PAUSE", "patient": "207", "kind": "audio", "seconds": 60}
            """
        )
        #expect(script.next(before: 20_000_000_000) == nil)
        let first = try #require(script.next(before: 20_000_000_001))
        #expect(try first.command(for: "207", [:]).order == .pause(.audio, seconds: 60))
        #expect(script.next(before: 31_500_000_000) == nil)
        let second = try #require(script.next(before: 40_000_000_000))
        let command = try second.command(for: "207", [id: alarm])
        #expect(command.order == .acknowledge(alarm, soundings: nil) && command.by == "anna")
        #expect(script.next(before: .max) == nil)
    }

    @Test(arguments: [
        "x", "[]", "{}", #"{"op":"ACK"}"#, #"{"at":-1,"op":"DISCHARGE","patient":"207"}"#,
        #"{"at":1,"op":"STATUS"}"#, #"{"at":"1","op":"DISCHARGE","patient":"207"}"#,
        #"{"at":1,"op":"PAUSE","patient":"207","kind":"audio","seconds":601}"#,
    ])
    func `P01 what cannot be done is refused with its line`(text: String) {
        let refused = #expect(throws: CommandScript.Refused.self) { try script("\n# one\n" + text) }
        #expect(refused?.description.hasPrefix("commands, line 3: ") == true)
    }

    @Test func `an alarm that has not begun, and another patient, are told`() throws {
        var script = try script(
            """
            {"at": 1, "op": "ACK", "alarm_id": "\(id)"}
            {"at": 2, "op": "DISCHARGE", "patient": "p2"}
            """
        )
        let early = try #require(script.next(before: .max))
        #expect(throws: CommandScript.Refused.self) { try early.command(for: "207", [:]) }
        let other = try #require(script.next(before: .max))
        #expect(throws: CommandScript.Refused.self) { try other.command(for: "207", [:]) }
    }
}
