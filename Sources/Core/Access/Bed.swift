/// A bed of a ward and who lies in it: a row of the roster, which dashboards show.
///
/// The name is for those with the right to read rosters. It stands in no topic, no event, no log and no metric.
public struct Bed: Sendable, Equatable {
    /// The most bytes that a bed's word or a shown name has.
    public static let textBytesMax = 128

    /// What the bed is called in its ward.
    public var bed: String
    /// The ward that the bed is in.
    public var ward: String
    /// The name that is shown; nil where none is to be.
    public var name: String?
    /// The id of the patient who lies in it; nil where it is free.
    public var patient: String?
    /// Whether the patient is away from the bed, so that no signal is awaited; alarms do not ask for it.
    public var standby: Bool

    /// Makes a bed of what stands in the file.
    public init(bed: String, ward: String, name: String? = nil, patient: String? = nil, standby: Bool = false)
    {
        self.bed = bed
        self.ward = ward
        self.name = name
        self.patient = patient
        self.standby = standby
    }

    /// Whether a text can stand for a bed or be shown as a name: not empty, and without control characters.
    public static func isShowable(_ text: String) -> Bool {
        (1...textBytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
                default: true
                }
            }
    }
}
