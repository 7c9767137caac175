import ECGSignal
import TestSupport
import Testing
import Wire

/// Commands as a log keeps them.
@Suite struct CommandFormatTests {
    private static let withST = try? LimitOrder(
        PatientLimits(
            extremeLow: 40,
            low: 50,
            high: 120,
            extremeHigh: 140,
            st: STLimits(change: 150, baseline: [(.ii, -40), (.v3, 120)])
        )
    )
    private static let onlyST = try? LimitOrder(st: STLimits(change: 150, baseline: [(.ii, -40)]))
    private static let commands: [OperatorCommand] = {
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 0xFEDC_BA98_7654_3210)
        let alarm = AlarmIdentity(stream: stream, statement: "asystole", onset: -5, ordinal: 3)
        let orders: [(OperatorCommand.Order, OperatorCommand.Target)] = [
            (.acknowledge(alarm, soundings: 2), .patient("p1")),
            (.acknowledge(alarm, soundings: nil), .patient("p1")),
            (.pause(.audio, seconds: 600), .everyone), (.pause(.audio, seconds: 60), .ward("3")),
            (.pause(.alarm, seconds: 0), .patient("p1")),
            (.standby(true), .patient("p1")), (.standby(false), .patient("p1")),
            (.baseline(statement: "bigeminy", isAccepted: false), .patient("p1")),
            (.limits(nil), .patient("p1")), (.limits(LimitOrder(.adult)), .patient("p1")),
            (.limits(withST), .patient("p1")), (.limits(onlyST), .patient("p1")),
            (.limits(LimitOrder(st: .standard)), .patient("p1")), (.discharge, .patient("p1")),
        ]
        return orders.map { OperatorCommand($0.0, target: $0.1, by: "anna", ticket: 0) }
    }()

    @Test(arguments: commands) func `P04 a command reads back as it was logged`(
        command: OperatorCommand
    ) throws {
        #expect(try CommandFormat.command(parsing: CommandFormat.bytes(of: command)) == command)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"op":"ACK","by":"a"}"#, #"{"op":"STATUS","by":"a"}"#,
        #"{"op":"PAUSE","by":"a","patient":"p","kind":"audio","seconds":601}"#, #"{"op":"PAUSE","by":5}"#,
        #"{"op":"ACK","by":"a","alarm":{"patient":"p","device":"d","epoch":"x","statement":"s","onset":1,"ordinal":1}}"#,
    ])
    func `what is no command is refused`(text: String) {
        #expect(throws: CommandFormat.Malformed.self) {
            try CommandFormat.command(parsing: Array(text.utf8))
        }
    }

    @Test(arguments: seeds(200)) func `P01 no bytes crash it`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = CommandFormat.bytes(of: Self.commands[Int(seed) % Self.commands.count])
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                in: 0...255,
                using: &generator
            )
        }
        _ = try? CommandFormat.command(parsing: bytes)
    }
}
