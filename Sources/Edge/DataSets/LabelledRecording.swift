/// A recording on disk with what its labels say.
public struct LabelledRecording: Sendable {
    /// As the tables have it.
    public enum Sex: String, Sendable, CaseIterable {
        /// A man.
        case male
        /// A woman.
        case female
    }

    /// The record's path without `.hea`.
    public let path: String
    /// Who labelled it, in which vocabulary: `ptbxl`, `cpsc_2018`, ...; its statements are those that this source uses.
    public let source: String
    /// What was recorded, whatever its form: one ECG at 100 and at 500 Hz has one name, as `ptbxl/17`.
    public let ecg: String
    /// Whose ECG it is, where the source says so, as `ptbxl/15709`.
    public let patient: String?
    /// The part of a published split, where there is one.
    public let fold: Int?
    /// Years; nil where unknown.
    public let age: Int?
    /// Nil where unknown.
    public let sex: Sex?
    /// The leads of its channels where their names do not say it, as `I`: `LeadAssignment`'s `nameLeads`.
    public let nameLeads: String?
    /// What the labels say, by catalogue row.
    public let truth: Truth
    /// Where a list names it, as `LIST.csv, line 3`; nil where no list does.
    public let origin: String?
    /// The statement codes that PTB-XL gives the recording, at any likelihood, ascending; nil for other sources.
    public let scpCodes: [String]?

    init(
        path: String,
        source: String,
        ecg: String,
        patient: String? = nil,
        fold: Int? = nil,
        age: Int? = nil,
        sex: Sex? = nil,
        nameLeads: String? = nil,
        truth: Truth,
        origin: String? = nil,
        scpCodes: [String]? = nil
    ) {
        self.path = path
        self.source = source
        self.ecg = ecg
        self.patient = patient
        self.fold = fold
        self.age = age
        self.sex = sex
        self.nameLeads = nameLeads
        self.truth = truth
        self.origin = origin
        self.scpCodes = scpCodes
    }

    /// The last part of the path.
    public var name: String { String(path.split(separator: "/").last ?? "") }
}
