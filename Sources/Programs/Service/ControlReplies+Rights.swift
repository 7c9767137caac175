internal import Access
internal import Wire

/// Which requests the asker's key may make.
extension ControlReplies {
    /// Who asks where no keys are asked for.
    private static let local = "local"

    /// The name under which a request is carried out; thrown where the key may not make it.
    func name(of request: ControlRequest, by user: String?) throws(ControlProblem) -> String {
        guard let access else {
            try ControlReplies.checkExists(request.ward)
            return request.user ?? ControlReplies.local
        }
        let problem: ControlProblem
        do throws(ControlProblem) { return try name(of: request, by: user, access.table) } catch {
            problem = error
        }
        // Who asks for what is not there breaks no right.
        guard problem.code == ControlProblem.notAllowed("").code else { throw problem }
        access.prohibit(
            at: .control,
            "the key \(user ?? "(none)") may not ask for \(request.operation.rawValue)"
        )
        throw problem
    }

    /// Refuses a ward of that name where there is none; there is no ward at all where no keys are asked for.
    private static func checkExists(_ ward: String?, _ table: AccessTable? = nil) throws(ControlProblem) {
        guard let ward, table?.allWards.contains(ward) != true else { return }
        throw .notFound("no patient, bed or key is in a ward \(ward)")
    }

    private func name(
        of request: ControlRequest,
        by user: String?,
        _ table: AccessTable
    ) throws(ControlProblem) -> String {
        guard let user, let key = table.holder(user) else { throw .notAllowed("the key holds no longer") }
        let word = request.operation.rawValue
        switch request.operation {
        case .hello, .labels: break
        case .roster:
            guard key.readsAnywhere(.roster) else {
                throw .notAllowed("\(word) needs the right to read roster")
            }
            if let ward = request.ward, !key.reads(.roster, in: ward) {
                throw .notAllowed("\(word) of that ward needs the right to read its roster")
            }
            try ControlReplies.checkExists(request.ward, table)
        case .status, .streams, .snapshot, .metrics, .replay:
            guard table.mayRead(by: user) else { throw .notAllowed("\(word) needs the right read") }
            if let ward = request.ward, !key.readsAnything(in: ward) {
                throw .notAllowed("this key reads nothing of that ward")
            }
            try ControlReplies.checkExists(request.ward, table)
        case .acknowledge: try require(.acknowledge, user, table, word)
        case .pause: try require(.pause, user, table, word)
        case .standby, .baseline, .limits, .discharge: try require(.manage, user, table, word)
        }
        guard let person = request.user else { return user }
        guard key.actsFor else { throw .notAllowed("user needs the right acts_for") }
        return "\(user)/\(person)"
    }

    /// Which topics of the past the asker may read, those of wards that are no more among them.
    func readable(by user: String?) -> @Sendable (_ topic: String) -> Bool {
        guard let table = access?.table else { return { _ in true } }
        guard let key = user.flatMap({ table.holder($0) }) else { return { _ in false } }
        let prefixes = AccessDesk.readablePrefixes(of: key, table)
        return { topic in
            prefixes.contains { topic.hasPrefix($0) } || AccessDesk.reads(topic, key)
        }
    }

    private func require(
        _ action: AuthorisedKey.Action,
        _ user: String,
        _ table: AccessTable,
        _ word: String
    ) throws(ControlProblem) {
        guard table.may(action, by: user) else {
            throw .notAllowed("\(word) needs the right \(action.rawValue)")
        }
    }
}
