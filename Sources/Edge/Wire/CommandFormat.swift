public import ECGSignal

/// How an operator's command stands in a log: one canonical JSON object.
///
///     {"by":"local","kind":"audio","op":"PAUSE","patient":"p1","seconds":60}
///     {"alarm":{"device":"d1","epoch":"...16 hex...","onset":5000,"ordinal":1,"patient":"p1","statement":"asystole"},
///      "by":"local","op":"ACK","soundings":1}
///
/// The ticket is not part of it: it decides nothing, and a command that is read back has ticket 0.
public enum CommandFormat {
    /// What is wrong with the bytes of a command.
    public struct Malformed: Error, Equatable, CustomStringConvertible {
        /// What is wrong, and what is asked for.
        public let description: String
    }

    /// The bytes of a command.
    public static func bytes(of command: OperatorCommand) -> [UInt8] {
        var object: JSONObject
        if case .acknowledge(let alarm, let soundings) = command.order {
            object = [
                "op": .string(ControlRequest.Operation.acknowledge.rawValue),
                "alarm": .object([
                    "patient": .string(alarm.stream.patient), "device": .string(alarm.stream.device),
                    "epoch": .string(hexadecimal16(alarm.stream.epoch)),
                    "statement": .string(alarm.statement), "onset": .integer(alarm.onset),
                    "ordinal": .integer(Int64(alarm.ordinal)),
                ]),
                "soundings": .integerOrNull(soundings.map(Int64.init)),
            ]
        } else {
            let order = ControlOrder.order(command.order, command.target)
            object = order.members.with(["op": .string(order.operation.rawValue)])
        }
        return JSONValue.object(object.with(["by": .string(command.by)])).canonical
    }

    /// The command of those bytes.
    public static func command(parsing bytes: [UInt8]) throws(Malformed) -> OperatorCommand {
        guard let object = try? JSONValue(parsing: bytes).object, let by = object["by"]?.text,
            let operation = object["op"]?.text.flatMap(ControlRequest.Operation.init(rawValue:))
        else { throw Malformed(description: "a command is an object with op and by") }
        if operation == .acknowledge {
            guard let alarm = object["alarm"]?.object.flatMap(reference) else {
                throw Malformed(
                    description: "alarm names patient, device, epoch, statement, onset and ordinal"
                )
            }
            let soundings = object["soundings"]?.whole.flatMap { Int(exactly: $0) }
            return OperatorCommand(
                .acknowledge(alarm, soundings: soundings),
                target: .patient(alarm.stream.patient),
                by: by,
                ticket: 0
            )
        }
        let read: ControlOrder?
        do { read = try ControlOrder(operation, object) } catch { throw Malformed(description: error.detail) }
        guard case .order(let order, let target) = read else {
            throw Malformed(description: "\(operation.rawValue) changes nothing, so it is no command")
        }
        return OperatorCommand(order, target: target, by: by, ticket: 0)
    }

    private static func reference(_ object: JSONObject) -> AlarmIdentity? {
        guard let patient = object["patient"]?.text, let device = object["device"]?.text,
            StreamIdentity.isValidID(patient), StreamIdentity.isValidID(device),
            let epoch = object["epoch"]?.text.flatMap({ UInt64($0, radix: 16) }),
            let statement = object["statement"]?.text, let onset = object["onset"]?.whole,
            let ordinal = object["ordinal"]?.whole.flatMap({ Int(exactly: $0) })
        else { return nil }
        return AlarmIdentity(
            stream: StreamIdentity(patient: patient, device: device, epoch: epoch),
            statement: statement,
            onset: onset,
            ordinal: ordinal
        )
    }
}
