/// What the channel names of the field's files mean.
internal import ECGSignal

/// A channel's name, read as the databases of the field write it.
enum LeadName: Equatable {
    /// The lead's own name, in any case.
    case own(Lead)
    /// Another spelling of a lead, or one that stands for it: ECG lead II, DII, MLII.
    case meant(Lead)
    /// An ECG lead without a place among the standard ones.
    case noStandardPosition
    /// An ECG of an unknown place.
    case anyECG
    /// A signal that is no ECG.
    case neverECG
    /// Nothing that is known.
    case unknown

    init(_ name: String) {
        if let lead = Lead(name: name) {
            self = .own(lead)
            return
        }
        let words = LeadName.words(of: name)
        let rest = words.filter { !LeadName.fillers.contains($0) }
        if rest.isEmpty {
            self = words.isEmpty ? .unknown : .anyECG
        } else if LeadName.isNeverECG(words) {
            self = .neverECG
        } else if rest.count == 1, let lead = LeadName.lead(rest[0], isSaidToBeECG: rest.count < words.count)
        {
            self = .meant(lead)
        } else if rest.count == 1, LeadName.withoutPosition.contains(rest[0]) {
            self = .noStandardPosition
        } else if words.contains(where: { $0.hasPrefix("ecg") || $0.hasPrefix("ekg") }) {
            self = .anyECG
        } else {
            self = .unknown
        }
    }

    /// The lead that a person means by a word of `--name-leads` or `--leads`.
    static func lead(named word: String) -> Lead? {
        switch LeadName(word) {
        case .own(let lead), .meant(let lead): lead
        default: nil
        }
    }

    /// Letters and digits in lower case; everything else divides words.
    private static func words(of name: String) -> [String] {
        name.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }

    /// Words that only say that a channel is an ECG lead.
    private static let fillers: Set<String> = ["ecg", "ekg", "lead", "leads", "modified", "mod"]

    /// One word as a lead, also where a filler is glued to it.
    private static func lead(_ word: String, isSaidToBeECG: Bool) -> Lead? {
        if let lead = spellings[word] { return lead }
        // A name by itself was looked up before; what is left may stand beside the word ECG or be glued to it.
        if isSaidToBeECG, let lead = Lead(name: word) { return lead }
        for filler in ["ecg", "ekg", "lead"] where word.hasPrefix(filler) {
            let rest = String(word.dropFirst(filler.count))
            if let lead = Lead(name: rest) ?? spellings[rest] { return lead }
        }
        return nil
    }

    /// DI and D1 are the Romance languages' I (derivacion); ML is a modified limb lead, whose electrodes sit on the
    /// trunk and which is taken for the lead it imitates; MCL1 and MCL6 imitate V1 and V6.
    private static let spellings: [String: Lead] = [
        "di": .i, "dii": .ii, "diii": .iii, "d1": .i, "d2": .ii, "d3": .iii,
        "mli": .i, "mlii": .ii, "mliii": .iii, "ml1": .i, "ml2": .ii, "ml3": .iii,
        "mcl1": .v1, "mcl6": .v6,
    ]

    /// Bipolar chest leads, Frank's and the EASI leads, and V alone, which may be any chest lead.
    private static let withoutPosition: Set<String> = [
        "v", "vx", "vy", "vz", "x", "y", "z", "mcl", "cm1", "cm2", "cm3", "cm4", "cm5", "cm6", "cc5", "cs5",
        "cb5", "cr5", "mcl2",
        "mcl3", "mcl4", "mcl5", "es", "as", "ai",
    ]

    /// First words of signals that monitors and sleep laboratories record beside an ECG.
    private static let otherSignals: Set<String> = [
        "abp", "art", "bp", "nbp", "nibp", "ibp", "pap", "cvp", "icp", "lap", "rap", "uap", "uvp", "ao", "p1",
        "p2", "p3",
        "p4", "pressure", "pleth", "ppg", "spo2", "sao2", "sv", "fo2", "o2", "co2", "etco2", "capno", "resp",
        "respiration", "rr", "airflow", "flow", "nasal", "thorax", "thor", "chest", "abd", "abdo", "abdomen",
        "imp",
        "impedance", "icg", "scg", "bcg", "pcg", "eeg", "eog", "emg", "eda", "gsr", "acc", "accel",
        "accelerometer",
        "gyro", "hr", "pulse", "temp", "temperature", "marker", "event", "light", "snore", "sound",
        "position", "battery", "status",
    ]

    private static func isNeverECG(_ words: [String]) -> Bool {
        guard let first = words.first, !words.contains(where: { ["ecg", "ekg", "lead"].contains($0) }) else {
            return false
        }
        return otherSignals.contains(first)
            || ["eeg", "eog", "emg", "resp", "pleth", "abp"].contains { first.hasPrefix($0) }
    }
}
