/// A bed as ROSTER tells of it: the reply is a list of them, a page at a time.
///
/// The name that is shown stands on this wire alone: in no topic, no event, no log and no metric.
public struct RosterReport: Sendable, Equatable {
    /// The name of the list.
    public static let list = "beds"

    /// What the bed is called in its ward.
    public let bed: String
    /// The ward that the bed is in.
    public let ward: String
    /// The name that is shown; nil where none is.
    public let name: String?
    /// The id of the patient who lies in it; nil where it is free.
    public let patient: String?
    /// Whether no signal is awaited for now.
    public let standby: Bool

    /// Makes the entry of a bed.
    public init(bed: String, ward: String, name: String?, patient: String?, standby: Bool) {
        self.bed = bed
        self.ward = ward
        self.name = name
        self.patient = patient
        self.standby = standby
    }

    /// Reads an entry of the list; what is not there is empty.
    public init(_ object: JSONObject) {
        bed = object["bed"]?.text ?? ""
        ward = object["ward"]?.text ?? ""
        name = object["name"]?.text
        patient = object["patient"]?.text
        standby = object["standby"] == .bool(true)
    }

    /// The bed as it stands in the reply.
    public var object: JSONObject {
        [
            "bed": .string(bed), "ward": .string(ward), "name": .stringOrNull(name),
            "patient": .stringOrNull(patient), "standby": .bool(standby),
        ]
    }
}
