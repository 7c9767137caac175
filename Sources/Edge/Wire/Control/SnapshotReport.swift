public import ECGSignal
public import Findings

/// What SNAPSHOT tells: the alarms that stand, the newest event of each, and what people set.
///
/// A reader subscribes first, then asks. What is numbered at most as high as its topic's head is in the page, and whatever
/// else comes is applied to it; to apply an event twice changes nothing.
public enum SnapshotReport {
    /// The name of the list of alarms.
    public static let list = "alarms"
    /// The name of the list of what people set.
    public static let settings = "settings"
    /// The name of the rates that hold where nobody sets others.
    public static let rates = "rates"
    /// The name of who set them: policy or default.
    public static let ratesBy = "rates_by"
    /// `from` of the first setting; below it stand the numbers of alarms, which no daemon lives long enough to use up.
    public static let settingsBegin = 1 << 52

    /// What people set for one patient and device.
    public struct Setting: Sendable, Equatable {
        /// The patient and the device.
        public let sender: Sender
        /// For how many seconds sounds are still paused; nil where they are not.
        public let audioSeconds: Int64?
        /// For how many seconds alarms are still paused; nil where they are not.
        public let alarmSeconds: Int64?
        /// Who put the patient on standby; nil where nobody did.
        public let standbyBy: String?
        /// Statements that were accepted as the patient's baseline.
        public let baseline: [String]
        /// The limits that people set; nil where they set none.
        public let limits: LimitOrder?
        /// The rates beyond which the patient alarms where nobody sets others.
        public let ward: WardRates

        /// Makes a setting.
        public init(
            sender: Sender,
            audioSeconds: Int64?,
            alarmSeconds: Int64?,
            standbyBy: String?,
            baseline: [String],
            limits: LimitOrder? = nil,
            ward: WardRates = WardRates(nil)
        ) {
            self.sender = sender
            self.audioSeconds = audioSeconds
            self.alarmSeconds = alarmSeconds
            self.standbyBy = standbyBy
            self.baseline = baseline
            self.limits = limits
            self.ward = ward
        }

        /// The setting as it stands in the reply.
        public var object: JSONObject {
            [
                "patient": .string(sender.patient), "device": .string(sender.device),
                "audio_paused_seconds": .integerOrNull(audioSeconds),
                "alarm_paused_seconds": .integerOrNull(alarmSeconds),
                "standby_by": .stringOrNull(standbyBy),
                "baseline": .array(baseline.map(JSONValue.string)),
                "limits": limits.map { .object(LimitMembers.object($0.limits(over: ward.limits))) } ?? .null,
                "rates_by": .string(limits?.areRatesSet == true ? "order" : ward.source),
            ]
        }
    }

    /// The rates beyond which patients alarm for whom nobody sets others.
    public struct WardRates: Sendable, Equatable {
        /// The limits that the ward's policy sets; nil where it sets none.
        public let limits: PatientLimits?

        /// Makes the rates of a ward; nil stands for an adult's.
        public init(_ limits: PatientLimits?) { self.limits = limits }

        /// Who set them, as the reply says it.
        public var source: String { limits == nil ? "default" : "policy" }

        fileprivate var object: JSONObject {
            JSONObject(LimitMembers.members((limits ?? .adult).named))
        }
    }

    /// Writes one page.
    ///
    /// `next` is where the page after it begins, nil where it is the last. `journal` is the place up to
    /// which durable events are in it; nil where no journal is kept. `ward` tells where a patient is, `_` for no ward;
    /// `rates` are those that hold where nobody sets others.
    public static func object(
        _ alarms: [AlarmEvent],
        ward: (_ patient: String) -> String,
        heads: [(topic: String, number: UInt64)],
        settings: [Setting],
        ward rates: WardRates = WardRates(nil),
        run: String,
        journal: JournalPlace? = nil,
        next: Int?
    ) -> JSONObject {
        var page: JSONObject = [
            list: .array(alarms.map { .object(alarm($0, in: ward($0.alarm.stream.patient))) }),
            SnapshotReport.settings: .array(settings.map { .object($0.object) }),
            SnapshotReport.rates: .object(rates.object), SnapshotReport.ratesBy: .string(rates.source),
            "heads": .object(JSONObject(heads.map { ($0.topic, .integer(Int64(clamping: $0.number))) })),
            "run": .string(run), "more": .bool(next != nil), "notice": .string(ServiceFacts.notice),
        ]
        if let journal { page = page.with(journal.members) }
        return next.map { page.with(["next": .integer(Int64($0))]) } ?? page
    }

    /// The `data` of the alarm's newest event, with that event's `id` and `time`, and the ward where the patient is now.
    private static func alarm(_ alarm: AlarmEvent, in ward: String) -> JSONObject {
        let event = Event(.alarm(alarm), time: alarm.at.time)
        let data = (try? JSONValue(parsing: EventFormat.canonical(event)))?.object
        return (data?["data"]?.object ?? [:]).with([
            "id": .string(EventFormat.id(of: event.key)), "time": data?["time"] ?? .null,
            "ward": .string(ward),
        ])
    }
}
