internal import ECGSignal
internal import Wire

/// What people do while a recording is gone through: one request of the control socket a line, with `at`, the second of the
/// recording.
///
///     {"at": 20, "op": "PAUSE", "patient": "207", "kind": "audio", "seconds": 60}
///     {"at": 31.5, "op": "ACK", "alarm_id": "0123456789abcdef0123456789abcdef", "user": "anna"}
///
/// Lines that are empty or begin with `#` say nothing. `seen` of ACK is not asked.
public struct CommandScript: Sendable {
    /// Why a line cannot be done.
    public struct Refused: Error, CustomStringConvertible {
        /// The line, what is wrong with it, what to do.
        public let description: String

        init(_ line: Int, _ why: String) { description = "commands, line \(line): \(why)" }
    }

    /// One line of the script.
    struct Step: Sendable {
        let line: Int
        let at: MonotonicNanoseconds
        let order: ControlOrder
        let by: String
    }

    /// The longest text that is read.
    public static let bytesMax = 1 << 20

    /// What is still to be done, the first of it last.
    private var steps: [Step] = []

    /// Nothing is done.
    public init() {}

    /// Reads the lines of a text.
    public init(_ bytes: [UInt8]) throws(Refused) {
        guard bytes.count <= CommandScript.bytesMax else {
            throw Refused(1, "longer than 1 MiB in all; give fewer")
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = Array(line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") })
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            steps.append(try CommandScript.step(text, line: index + 1))
        }
        steps = steps.enumerated().sorted { one, other in
            (one.element.at, one.offset) > (other.element.at, other.offset)
        }.map(\.element)
    }

    private static func step(_ text: [UInt8], line: Int) throws(Refused) -> Step {
        let object: JSONObject?
        do { object = try JSONValue(parsing: text).object } catch { throw Refused(line, "\(error)") }
        guard let seconds = object?["at"]?.real, seconds.isFinite, (0...1e9).contains(seconds) else {
            throw Refused(line, "at is the second of the recording, a number from 0 on")
        }
        switch ControlRequest.parse(text).1 {
        case .failure(let problem): throw Refused(line, problem.detail)
        case .success(let request):
            guard let order = request.order else {
                throw Refused(line, "\(request.operation.rawValue) asks and does nothing; leave it out")
            }
            let at = MonotonicNanoseconds((seconds * 1e9).rounded())
            return Step(line: line, at: at, order: order, by: request.user ?? "local")
        }
    }

    /// The next line that comes before `end`; nil where there is none.
    mutating func next(before end: MonotonicNanoseconds) -> Step? {
        guard let step = steps.last, step.at < end else { return nil }
        steps.removeLast()
        return step
    }
}

extension CommandScript.Step {
    /// The command that the line stands for; `alarms` are those that were heard so far, by their ids.
    func command(
        for patient: String,
        _ alarms: [String: AlarmIdentity]
    ) throws(CommandScript.Refused) -> OperatorCommand {
        switch order {
        case .acknowledge(let id, _):
            guard let alarm = alarms[id] else {
                throw CommandScript.Refused(
                    line,
                    "no alarm of that id has begun by then; classify --json has them"
                )
            }
            return OperatorCommand(
                .acknowledge(alarm, soundings: nil),
                target: .patient(patient),
                by: by,
                ticket: 0
            )
        case .order(let order, let target):
            guard target == .everyone || target == .patient(patient) else {
                throw CommandScript.Refused(line, "another patient; the recording's is \(patient)")
            }
            return OperatorCommand(order, target: target, by: by, ticket: 0)
        }
    }
}
