internal import Messaging
internal import Wire
internal import ZeroMQ

/// The question to the daemon's control socket: which alarms stand when a reader joins.
struct StandingQuestion {
    /// Where to ask; nil where it is not known, or where nobody wants to know.
    let endpoint: Endpoint?
    /// The patient whose alarms are wanted; nil for all.
    let patient: String?
    /// The ward whose alarms are wanted; `_` for those of patients in no ward, nil for all.
    let ward: String?
    /// The run of the daemon that was asked last.
    private var run: String?
    /// How far its answer reaches, in which run, and the alarms that were shown of it.
    private var heads = SnapshotHeads()
    private var answeredRun: String?
    private var shown: Set<String> = []

    /// How long the answer may take; events wait in the socket's queue meanwhile.
    private static let patience = Duration.seconds(1)
    /// How long it waits before it asks again where nobody answered.
    private static let pause = Duration.seconds(10)
    private var nextTry = ContinuousClock.now
    /// Whether the daemon has refused it.
    private var wasRefused = false

    init(endpoint: Endpoint?, patient: String?, ward: String? = nil) {
        self.endpoint = endpoint
        self.patient = patient
        self.ward = ward
    }

    /// Asks once in each run of the daemon; the newest event of each alarm that stands, the most urgent first.
    ///
    /// Where nobody answers there are none: `LabelQuestion` has said so.
    mutating func alarms(inRun run: String?, _ context: Context) throws -> [JSONObject] {
        guard let endpoint, let run, run != self.run, ContinuousClock.now >= nextTry else { return [] }
        do {
            var asker = try ControlAsker(endpoint, in: context)
            let pages = try asker.askAllPages(.snapshot, ward: ward, patience: StandingQuestion.patience)
            self.run = run
            heads = SnapshotHeads(pages)
            answeredRun = pages.first?.object["run"]?.text
            let alarms = pages.flatMap { $0.entries(SnapshotReport.list) }.filter { alarm in
                // The daemon takes `_` for all.
                (patient == nil || alarm["patient"]?.text == patient)
                    && (ward != "_" || alarm["ward"]?.text ?? "_" == "_")
            }
            shown = Set(alarms.compactMap { $0["alarm_id"]?.text })
            return SnapshotPage.mostUrgentFirst(alarms).map(StandingQuestion.event)
        } catch ControlAsker.Failure.refused(let problem) {
            // The daemon's rights may change, so it is asked again, and said once.
            if !wasRefused {
                Output.words(
                    "shinden watch: which alarms stand is not told: \(problem.code), \(problem.detail)"
                )
            }
            wasRefused = true
            nextTry = .now + StandingQuestion.pause
            return []
        } catch is ControlAsker.Failure {
            nextTry = .now + StandingQuestion.pause
            return []
        }
    }

    /// Whether an alarm that stands was shown as it was after this event, which waited meanwhile.
    ///
    /// What begins and ends between two looks, and what never stands, was not shown.
    func tells(of read: EventReader.Read) -> Bool {
        guard let place = EventPlace(of: read.event), place.run == answeredRun,
            let data = read.event["data"]?.object, let alarm = data["alarm_id"]?.text
        else { return false }
        return shown.contains(alarm) && data["phase"]?.text != "tpoint" && data["state"]?.text != "inactive"
            && heads.reach(place.number, of: read.topic)
    }

    /// The event whose `data` SNAPSHOT tells.
    private static func event(_ alarm: JSONObject) -> JSONObject {
        [
            "data": .object(alarm), "id": alarm["id"] ?? .null, "subject": alarm["patient"] ?? .null,
            "time": alarm["time"] ?? .null, "type": .string(EventKind.alarm.type),
        ]
    }
}
