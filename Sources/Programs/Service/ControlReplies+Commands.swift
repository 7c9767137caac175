internal import Access
internal import ECGSignal
internal import Findings
internal import Policy
internal import Station
internal import Wire

/// Requests that something be done: they are logged, and answered once it is.
extension ControlReplies {
    /// A command that was logged, and its asker's name for it.
    struct Command: Sendable {
        let ticket: Int
        let name: String?
    }

    /// What is to be sent back.
    enum Response {
        /// The reply is known at once.
        case now([UInt8])
        /// Whatever the command comes to.
        case later(Command)
    }

    /// What is to be sent back for one request, whatever it is; `user` is the name of the key that it was sent with.
    func respond(to body: [UInt8], by user: String? = nil) -> Response {
        let (name, request) = ControlRequest.parse(body)
        do throws(ControlProblem) {
            let asked = try request.get()
            let asker = try self.name(of: asked, by: user)
            if let question = asked.replay {
                return .later(Command(ticket: try put(question, by: user), name: name))
            }
            guard let order = asked.order else {
                return .now(ControlReply.bytes(answering: name, with: .success(perform(asked, for: user))))
            }
            let (what, target) = try resolve(order, by: user)
            guard let ticket = desk.open() else { throw .busy("too many requests wait; ask again") }
            let command = OperatorCommand(what, target: target, by: asker, ticket: ticket)
            guard desk.entries.push(.command(command)) else {
                desk.drop(ticket)
                throw .busy("the daemon is being stopped")
            }
            return .later(Command(ticket: ticket, name: name))
        } catch {
            return .now(ControlReply.bytes(answering: name, with: .failure(error)))
        }
    }

    /// Puts a question about the past to the thread that answers it; its ticket.
    private func put(_ question: ReplayQuestion, by user: String?) throws(ControlProblem) -> Int {
        guard let history else {
            throw .notFound("this daemon keeps no journal; start it with --state DIR")
        }
        guard let ticket = desk.open() else { throw .busy("too many requests wait; ask again") }
        let asked = HistoryDesk.Asked(ticket: ticket, question: question, mayRead: readable(by: user))
        guard history.put(asked) else {
            desk.drop(ticket)
            throw .busy("too many questions about the past wait; ask again")
        }
        return ticket
    }

    private func resolve(
        _ order: ControlOrder,
        by user: String?
    ) throws(ControlProblem) -> (OperatorCommand.Order, OperatorCommand.Target) {
        switch order {
        case .order(let what, let target):
            try checkSight(of: target, by: user)
            return (what, target)
        case .acknowledge(let id, let seen):
            switch state.alarms.find(id, seen: seen) {
            // Whoever may not see a patient does not learn that an alarm of that id stands.
            case .standing(let alarm, _) where !sight(of: user)(alarm.stream.patient):
                throw ControlReplies.unknown
            case .standing(let alarm, let soundings):
                return (.acknowledge(alarm, soundings: soundings), .patient(alarm.stream.patient))
            case .over: throw ControlReplies.over
            case .unknown: throw ControlReplies.unknown
            }
        }
    }

    private static let unknown = ControlProblem.notFound(
        "no alarm of that id stands; SNAPSHOT tells those that do"
    )

    private static let over = ControlProblem.gone("the alarm is over")

    /// The reply that tells what a command came to.
    func bytes(of answer: AnswerDesk.Answer, to command: Command) -> [UInt8] {
        ControlReply.bytes(answering: command.name, with: answer.reply ?? result(of: answer.outcomes))
    }

    private func result(of outcomes: [CommandOutcome]) -> Result<JSONObject, ControlProblem> {
        guard let first = outcomes.first else {
            return .failure(.notFound("nobody like that is known; STREAMS tells all"))
        }
        var until: MonotonicNanoseconds?
        for outcome in outcomes {
            switch outcome {
            case .done, .already, .unchanged: break
            case .until(let end): until = max(until ?? end, end)
            case .ended: return .failure(ControlReplies.over)
            case .unknown: return .failure(.notFound("there is no such alarm or statement"))
            case .changedSince:
                return .failure(.conflict("the alarm has been signalled anew since; look at it again"))
            case .refused(let why): return .failure(.conflict(why))
            }
        }
        var members: JSONObject = ["outcome": .string("done"), "devices": .integer(Int64(outcomes.count))]
        if outcomes.allSatisfy({ $0 == .unchanged }) {
            members = members.with(["outcome": .string("unchanged")])
        }
        if case .already(let by) = first {
            members = members.with(["outcome": .string("already"), "by": .string(by)])
        }
        if let until {
            let now = clocks.now
            members = members.with([
                "until": .string(timestamp(now.utc + until - now.monotonic)),
                "seconds": .integer(ControlReplies.secondsLeft(until, now) ?? 0),
            ])
        }
        return .success(members)
    }

    /// What SNAPSHOT tells the key of that name, by one table of who may see whom where.
    func snapshot(_ request: ControlRequest, for user: String?) -> JSONObject {
        let table = access?.table
        return snapshot(from: request.from, table, of: sight(of: user, in: request.ward, by: table))
    }

    /// What SNAPSHOT tells: pages of alarms, and after the last of them pages of what people set.
    func snapshot(
        from first: Int,
        _ table: AccessTable? = nil,
        of isSeen: @escaping Sight = { _ in true }
    ) -> JSONObject {
        // Read before the alarms are: whatever is numbered so far has reached them.
        let place = journal?.current.place
        let count = ControlReply.pageCount
        let isOfAlarms = first < SnapshotReport.settingsBegin
        let page = isOfAlarms ? state.alarms.page(from: first, count: count, of: isSeen) : nil
        var settings: [PatientSetting] = []
        var next = page?.next
        if next == nil {
            let offset = isOfAlarms ? 0 : first - SnapshotReport.settingsBegin
            let all = state.alarms.settings.filter { isSeen($0.sender.patient) }
            settings = Array(all.dropFirst(offset).prefix(count))
            if offset + count < all.count { next = SnapshotReport.settingsBegin + offset + count }
        }
        let now = clocks.now
        let ward = SnapshotReport.WardRates(state.alarms.wardRates)
        return SnapshotReport.object(
            page?.alarms ?? [],
            ward: { table?.ward(of: $0) ?? AccessTable.noWard },
            heads: page?.heads ?? [],
            settings: settings.map { ControlReplies.setting($0, over: ward, now) },
            ward: ward,
            run: run,
            journal: place,
            next: next
        )
    }

    static func setting(
        _ setting: PatientSetting,
        over ward: SnapshotReport.WardRates,
        _ now: Arrival
    ) -> SnapshotReport.Setting {
        SnapshotReport.Setting(
            sender: setting.sender,
            audioSeconds: secondsLeft(setting.audioPausedUntil, now),
            alarmSeconds: secondsLeft(setting.alarmPausedUntil, now),
            standbyBy: setting.standbyBy,
            baseline: setting.baseline,
            limits: setting.limits,
            ward: ward
        )
    }

    /// Whole seconds from now until then, rounded up; nil where there is nothing to wait for.
    private static func secondsLeft(_ until: MonotonicNanoseconds?, _ now: Arrival) -> Int64? {
        until.map { max(0, ($0 - now.monotonic + 999_999_999) / 1_000_000_000) }
    }
}
