public import ECGSignal

/// What a question asks for beyond its `op`: an alarm, a patient, a time.
public enum ControlOrder: Sendable, Equatable {
    /// Silence the alarm of that id; `seen` is the newest event id of it that the user knows.
    case acknowledge(alarmID: String, seen: String?)
    /// Do that for those patients.
    case order(OperatorCommand.Order, OperatorCommand.Target)

    /// The `op` that asks for it.
    var operation: ControlRequest.Operation {
        switch self {
        case .acknowledge: .acknowledge
        case .order(.acknowledge, _): .acknowledge
        case .order(.pause, _): .pause
        case .order(.standby, _): .standby
        case .order(.baseline, _): .baseline
        case .order(.limits, _): .limits
        case .order(.discharge, _): .discharge
        }
    }

    /// The members that say it.
    var members: JSONObject {
        switch self {
        case .acknowledge(let alarmID, let seen):
            let members: JSONObject = ["alarm_id": .string(alarmID)]
            return seen.map { members.with(["seen": .string($0)]) } ?? members
        case .order(let order, let target):
            let whom: JSONObject =
                switch target {
                case .patient(let patient): ["patient": .string(patient)]
                case .ward(let ward): ["ward": .string(ward)]
                case .everyone: ["ward": .string("_")]
                }
            return whom.with(ControlOrder.members(of: order))
        }
    }

    private static func members(of order: OperatorCommand.Order) -> JSONObject {
        switch order {
        case .acknowledge, .discharge: [:]
        case .pause(let kind, let seconds):
            ["kind": .string(kind.rawValue), "seconds": .integer(Int64(seconds))]
        case .standby(let isOn): ["on": .bool(isOn)]
        case .baseline(let statement, let isAccepted):
            ["statement": .string(statement), "accept": .bool(isAccepted)]
        case .limits(nil): ["default": .bool(true)]
        case .limits(let limits?): LimitMembers.object(limits)
        }
    }

    /// Reads what a question of that `op` asks for; nil where it has nothing beyond its name.
    init?(_ operation: ControlRequest.Operation, _ object: JSONObject) throws(ControlProblem) {
        switch operation {
        case .hello, .status, .streams, .labels, .snapshot, .metrics, .replay, .roster: return nil
        case .acknowledge:
            guard let id = object["alarm_id"]?.text, ControlOrder.isID(id) else {
                throw .unreadable("alarm_id is the 32 hex digits that name an alarm")
            }
            let seen = object["seen"]
            guard seen == nil || seen == .null || seen?.text.map(ControlOrder.isID) == true else {
                throw .unreadable("seen is the id of an event, 32 hex digits")
            }
            self = .acknowledge(alarmID: id, seen: seen?.text)
        case .pause:
            guard let kind = object["kind"]?.text.flatMap(OperatorCommand.PauseKind.init(rawValue:)) else {
                throw .unreadable("kind is audio or alarm")
            }
            guard let seconds = object["seconds"]?.whole, (0...600).contains(seconds) else {
                throw .unreadable("seconds is a whole number from 0, which ends the pause, to 600")
            }
            let target = try ControlOrder.target(object, isWardAllowed: true)
            if kind == .alarm, !target.isOnePatient, seconds > 0 {
                throw .unreadable("alarms are paused for one patient at a time; a ward pauses sounds alone")
            }
            self = .order(.pause(kind, seconds: Int(seconds)), target)
        case .standby:
            guard case .bool(let isOn) = object["on"] ?? .bool(true) else {
                throw .unreadable("on is true or false")
            }
            self = .order(.standby(isOn), try ControlOrder.target(object, isWardAllowed: false))
        case .baseline:
            guard let statement = object["statement"]?.text else {
                throw .unreadable("statement is the id of a statement; LABELS tells all")
            }
            guard case .bool(let isAccepted) = object["accept"] ?? .bool(true) else {
                throw .unreadable("accept is true or false")
            }
            self = .order(
                .baseline(statement: statement, isAccepted: isAccepted),
                try ControlOrder.target(object, isWardAllowed: false)
            )
        case .limits:
            self = .order(
                .limits(try LimitMembers.read(object)),
                try ControlOrder.target(object, isWardAllowed: false)
            )
        case .discharge: self = .order(.discharge, try ControlOrder.target(object, isWardAllowed: false))
        }
    }

    private static func target(
        _ object: JSONObject,
        isWardAllowed: Bool
    ) throws(ControlProblem) -> OperatorCommand.Target {
        switch (object["patient"], object["ward"]) {
        case (.string(let patient), nil):
            guard StreamIdentity.isValidID(patient) else {
                throw .unreadable("patient is 1 to 64 letters, digits, - and _")
            }
            return .patient(patient)
        case (nil, .string("_")) where isWardAllowed: return .everyone
        case (nil, .string(let ward)) where isWardAllowed:
            guard StreamIdentity.isValidID(ward) else {
                throw .unreadable("ward is 1 to 64 letters, digits, - and _; _ stands for all")
            }
            return .ward(ward)
        default: throw .unreadable(isWardAllowed ? "give patient or ward" : "give patient")
        }
    }

    /// Whether a text is the id of an event: 32 lower-case hex digits.
    public static func isID(_ text: String) -> Bool {
        text.utf8.count == 32 && text.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }
}
