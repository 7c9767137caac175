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
        var steps = try script(
            """
            # two things
            {"at": 31.5, "op": "ACK", "alarm_id": "\(id)", "user": "anna"}

            {"at": 20, "op": "PAUSE", "patient": "207", "kind": "audio", "seconds": 60}
            """
        )
        let early = steps.next(before: 20_000_000_000)
        #expect(early == nil)
        let paused = steps.next(before: 20_000_000_001)
        let first = try #require(paused)
        #expect(try first.command(for: "207", [:]).order == .pause(.audio, seconds: 60))
        let between = steps.next(before: 31_500_000_000)
        #expect(between == nil)
        let acknowledged = steps.next(before: 40_000_000_000)
        let second = try #require(acknowledged)
        let command = try second.command(for: "207", [id: alarm])
        #expect(command.order == .acknowledge(alarm, soundings: nil) && command.by == "anna")
        let none = steps.next(before: .max)
        #expect(none == nil)
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
        var steps = try script(
            """
            {"at": 1, "op": "ACK", "alarm_id": "\(id)"}
            {"at": 2, "op": "DISCHARGE", "patient": "p2"}
            """
        )
        let one = steps.next(before: .max)
        let early = try #require(one)
        #expect(throws: CommandScript.Refused.self) { try early.command(for: "207", [:]) }
        let two = steps.next(before: .max)
        let other = try #require(two)
        #expect(throws: CommandScript.Refused.self) { try other.command(for: "207", [:]) }
    }
}
