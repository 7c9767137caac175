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
        var members = limits.named.map { ($0.name, JSONValue.integer(Int64($0.value))) }
        if limits.st.change != STLimits.standard.change {
            members.append((change, .integer(Int64(limits.st.change))))
        }
        if !limits.st.leads.isEmpty {
            let levels = limits.st.baseline.map { ($0.lead.name, JSONValue.integer(Int64($0.level))) }
            members.append((baseline, .object(JSONObject(levels))))
        }
        return JSONObject(members)
    }

    /// The limits that an object asks for, an adult's where one is not named; nil for the defaults.
    static func read(_ object: JSONObject) throws(ControlProblem) -> PatientLimits? {
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
            return try PatientLimits(
                extremeLow: values[0],
                low: values[1],
                high: values[2],
                extremeHigh: values[3],
                st: STLimits(change: change ?? STLimits.standard.change, baseline: baseline)
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
