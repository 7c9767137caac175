internal import ECGSignal

/// How requests, the log and SNAPSHOT write the limits of a patient: rates in beats a minute, ST in microvolts.
///
/// `st_change_uv` is there where it is not the default, `st_baseline_uv` (an object of lead and level) where a user set
/// one; so what knows of rates alone reads the rest as before.
enum LimitMembers {
    private static let change = "st_change_uv"
    private static let baseline = "st_baseline_uv"
    private static let rates = PatientLimits.adult.named

    /// The members that say `limits`.
    static func object(_ limits: PatientLimits) -> JSONObject {
        JSONObject(members(limits.named) + members(limits.st))
    }

    /// The members that ask for what `order` sets.
    static func object(_ order: LimitOrder) -> JSONObject {
        guard let rates = order.rates else {
            let all = members(order.st)
            // An order names something.
            return JSONObject(all.isEmpty ? [(change, .integer(Int64(order.st.change)))] : all)
        }
        return JSONObject(members(rates) + members(order.st))
    }

    /// The members that say rates.
    static func members(_ rates: [(name: String, value: Int)]) -> [(String, JSONValue)] {
        rates.map { ($0.name, .integer(Int64($0.value))) }
    }

    private static func members(_ st: STLimits) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        if st.change != STLimits.standard.change { members.append((change, .integer(Int64(st.change)))) }
        if !st.leads.isEmpty {
            let levels = st.baseline.map { ($0.lead.name, JSONValue.integer(Int64($0.level))) }
            members.append((baseline, .object(JSONObject(levels))))
        }
        return members
    }

    /// What an object asks for; nil for the defaults.
    ///
    /// Where it names a rate, those that it does not name are an adult's; where it names none, it sets ST alone.
    static func read(_ object: JSONObject) throws(ControlProblem) -> LimitOrder? {
        let names = rates.map(\.name) + [change, baseline]
        if object["default"] == .bool(true) {
            guard names.allSatisfy({ object[$0] == nil }) else {
                throw .unreadable("give limits or default, not both")
            }
            return nil
        }
        guard object["default"] == nil, names.contains(where: { object[$0] != nil }) else {
            throw .unreadable("give one or more of \(names.joined(separator: ", ")), or default true")
        }
        var values: [Int] = []
        for (name, value) in rates {
            let asked = try whole(object, name, "a whole number of beats a minute")
            values.append(asked ?? value)
        }
        let change = try whole(object, change, "a whole number of microvolts")
        let baseline = try levels(object)
        do throws(PatientLimits.Unacceptable) {
            let st = try STLimits(change: change ?? STLimits.standard.change, baseline: baseline)
            guard rates.contains(where: { object[$0.name] != nil }) else { return LimitOrder(st: st) }
            return try LimitOrder(
                PatientLimits(
                    extremeLow: values[0],
                    low: values[1],
                    high: values[2],
                    extremeHigh: values[3],
                    st: st
                )
            )
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private static func whole(
        _ object: JSONObject,
        _ name: String,
        _ what: String
    ) throws(ControlProblem) -> Int? {
        guard let asked = object[name] else { return nil }
        guard let whole = asked.whole else { throw .unreadable("\(name) is \(what)") }
        return Int(clamping: whole)
    }

    private static func levels(_ object: JSONObject) throws(ControlProblem) -> [(lead: Lead, level: Int)] {
        guard let asked = object[baseline] else { return [] }
        guard let members = asked.object else {
            throw .unreadable("\(baseline) is an object of leads and whole microvolts, {\"V2\": 120}")
        }
        var levels: [(lead: Lead, level: Int)] = []
        for member in members.members {
            let (name, value) = (member.name, member.value)
            guard let lead = Lead(name: name), lead.name == name else {
                throw .unreadable("\(baseline): \(name) is no lead; name one of I to V6")
            }
            guard let level = value.whole else {
                throw .unreadable("\(baseline): the level of \(name) is a whole number of microvolts")
            }
            levels.append((lead, Int(clamping: level)))
        }
        return levels
    }
}
