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
            let alarms = pages.flatMap { $0.entries(SnapshotReport.list) }.filter { alarm in
                // The daemon takes `_` for all.
                (patient == nil || alarm["patient"]?.text == patient)
                    && (ward != "_" || alarm["ward"]?.text ?? "_" == "_")
            }
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

    /// The event whose `data` SNAPSHOT tells.
    private static func event(_ alarm: JSONObject) -> JSONObject {
        [
            "data": .object(alarm), "id": alarm["id"] ?? .null, "subject": alarm["patient"] ?? .null,
            "time": alarm["time"] ?? .null, "type": .string(EventKind.alarm.type),
        ]
    }
}
