/// What the daemon's control socket is asked, from values to bytes and back.

internal import ECGSignal

/// A question to the daemon: one JSON object with `op`, `request` and, for a later page, `from`.
public struct ControlRequest: Sendable, Equatable {
    /// What can be asked.
    public enum Operation: String, Sendable, CaseIterable {
        /// Which versions, limits and rights hold.
        case hello = "HELLO"
        /// How the daemon is, what it refused and what its streams wait for.
        case status = "STATUS"
        /// The streams with their ledgers.
        case streams = "STREAMS"
        /// The statements of the catalogue.
        case labels = "LABELS"
        /// The alarms that stand, and what is paused.
        case snapshot = "SNAPSHOT"
        /// What the daemon counts and measures of itself.
        case metrics = "METRICS"
        /// Events that the journal keeps.
        case replay = "REPLAY"
        /// The beds, with the names that are shown.
        case roster = "ROSTER"
        /// Silence one alarm.
        case acknowledge = "ACK"
        /// Pause sounds or alarms.
        case pause = "PAUSE"
        /// Put a patient on standby, or end it.
        case standby = "STANDBY"
        /// Accept a finding as a patient's baseline, or take that back.
        case baseline = "BASELINE"
        /// Set the rates beyond which a patient alarms.
        case limits = "LIMITS"
        /// End a patient's alarms and forget what was set.
        case discharge = "DISCHARGE"
    }

    /// What is asked for.
    public let operation: Operation
    /// The asker's own name for the question, which the reply repeats; nil where it gave none.
    public let name: String?
    /// The first entry of the page that is asked for; `next` of the page before said it.
    public let from: Int
    /// The ward whose patients are asked for; nil for all of them.
    public let ward: String?
    /// What is to be done, where the question asks for that.
    public let order: ControlOrder?
    /// Who is logged in at the asker, where it says so.
    public let user: String?
    /// The stretch of the journal that is asked for, where one is.
    public let replay: ReplayQuestion?

    /// A question; `from` is 0 for the first page, and `ward` nil for the patients of every ward.
    public init(_ operation: Operation, name: String?, from: Int = 0, ward: String? = nil) {
        self.operation = operation
        self.name = name
        self.from = from
        self.ward = ward
        order = nil
        user = nil
        replay = nil
    }

    /// A question about the past.
    public init(_ question: ReplayQuestion, name: String?) {
        operation = .replay
        self.name = name
        from = 0
        ward = nil
        order = nil
        user = nil
        replay = question
    }

    /// A request that something be done.
    ///
    /// `user` is who is logged in at the asker; a key without the right `acts_for` names nobody.
    public init(_ order: ControlOrder, name: String?, user: String? = nil) {
        operation = order.operation
        self.name = name
        from = 0
        ward = nil
        self.order = order
        self.user = user
        replay = nil
    }

    /// Whether a text may name a person: 1 to 64 letters, digits, `.`, `-` and `_`.
    public static func isPerson(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { letter in
            switch letter {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: ".-_".utf8.contains(letter)
            }
        }
        return isPlain && (1...64).contains(text.utf8.count)
    }

    /// The question as it is sent.
    public var bytes: [UInt8] {
        var object: JSONObject = ["op": .string(operation.rawValue)]
        if let name { object = object.with(["request": .string(name)]) }
        if from > 0 { object = object.with(["from": .integer(Int64(from))]) }
        if let replay { object = object.with(replay.members) }
        if let ward { object = object.with(["ward": .string(ward)]) }
        if let order { object = object.with(order.members) }
        if let user { object = object.with(["user": .string(user)]) }
        return JSONValue.object(object).canonical
    }

    /// Reads a question as it arrived; the name is told even where the question cannot be answered.
    public static func parse(_ body: [UInt8]) -> (name: String?, Result<ControlRequest, ControlProblem>) {
        var name: String?
        do throws(ControlProblem) {
            let parsed: JSONValue
            do { parsed = try JSONValue(parsing: body) } catch {
                if case .tooLarge = error { throw .tooLarge("\(error)") }
                throw .unreadable("\(error)")
            }
            guard let object = parsed.object else {
                throw .unreadable("a request is an object with op and request")
            }
            name = object["request"]?.text
            guard let operation = object["op"]?.text.flatMap(Operation.init) else { throw .unknownOperation }
            if let order = try ControlOrder(operation, object) {
                let user = try person(object["user"])
                return (name, .success(ControlRequest(order, name: name, user: user)))
            }
            if operation == .replay {
                return (name, .success(ControlRequest(try ReplayQuestion(object), name: name)))
            }
            let from = operation == .hello ? 0 : try firstEntry(object["from"])
            let ward = try operation.asksByWard ? ward(object["ward"]) : nil
            return (name, .success(ControlRequest(operation, name: name, from: from, ward: ward)))
        } catch {
            return (name, .failure(error))
        }
    }

    /// The user of a request: it stands in events and logs, so its form is bounded.
    private static func person(_ value: JSONValue?) throws(ControlProblem) -> String? {
        guard let value, value != .null else { return nil }
        guard let user = value.text, isPerson(user) else {
            throw .unreadable("user is the name of a person: 1 to 64 letters, digits, ., - and _")
        }
        return user
    }

    /// The ward of a question; `_` stands for all, as where none is named.
    private static func ward(_ value: JSONValue?) throws(ControlProblem) -> String? {
        guard let value, value != .null, value != .string("_") else { return nil }
        guard let ward = value.text, StreamIdentity.isValidID(ward) else {
            throw .unreadable("ward is 1 to 64 letters, digits, - and _; _ stands for all")
        }
        return ward
    }

    private static func firstEntry(_ from: JSONValue?) throws(ControlProblem) -> Int {
        guard let from else { return 0 }
        guard let whole = from.whole, whole >= 0 else {
            throw .unreadable("from is the number that next gave")
        }
        return Int(clamping: whole)
    }
}

extension ControlRequest.Operation {
    /// Whether the patients of one ward can be asked for.
    fileprivate var asksByWard: Bool {
        switch self {
        case .streams, .snapshot, .roster: true
        default: false
        }
    }
}

/// Why a question cannot be answered.
public struct ControlProblem: Error, Sendable, Equatable {
    /// The word that a program decides by.
    public let code: String
    /// What is wrong, for people.
    public let detail: String

    /// The question has no form that can be read.
    public static func unreadable(_ detail: String) -> ControlProblem {
        ControlProblem(code: "BAD_JSON", detail: detail)
    }

    /// There is no such alarm, patient or statement.
    public static func notFound(_ detail: String) -> ControlProblem {
        ControlProblem(code: "NOT_FOUND", detail: detail)
    }

    /// The alarm is over.
    public static func gone(_ detail: String) -> ControlProblem {
        ControlProblem(code: "GONE", detail: detail)
    }

    /// It may not be done as things stand.
    public static func conflict(_ detail: String) -> ControlProblem {
        ControlProblem(code: "CONFLICT", detail: detail)
    }

    /// The asker has not the right to it.
    public static func notAllowed(_ detail: String) -> ControlProblem {
        ControlProblem(code: "NOT_ALLOWED", detail: detail)
    }

    /// The daemon cannot take it now.
    public static func busy(_ detail: String) -> ControlProblem {
        ControlProblem(code: "BUSY", detail: detail)
    }

    /// The question has more bytes than one may have; it was not read.
    static func tooLarge(_ detail: String) -> ControlProblem {
        ControlProblem(code: "TOO_LARGE", detail: detail)
    }

    /// Nothing of that name can be asked.
    public static var unknownOperation: ControlProblem {
        let names = ControlRequest.Operation.allCases.map(\.rawValue).joined(separator: ", ")
        return ControlProblem(code: "UNKNOWN_OP", detail: "op is one of \(names)")
    }
}
