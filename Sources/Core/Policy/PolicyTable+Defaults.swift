internal import Findings

/// The defaults, derived from the catalogue; docs/ALARMS.md shows them.
extension PolicyTable {
    /// Samples of 2 ms in a second.
    static let second: Int64 = 500

    /// Only the first that holds speaks, unless what stands lower is more urgent.
    static let standardChains: [Chain] = [
        [
            ["ventricular_fibrillation"], ["torsades_de_pointes"], ["ventricular_tachycardia"],
            ["extreme_tachycardia"], ["supraventricular_tachycardia"], ["ventricular_short_run"],
            ["accelerated_idioventricular_rhythm"], ["idioventricular_rhythm"], ["tachycardia"],
        ],
        [
            ["ventricular_fibrillation"], ["asystole"], ["extreme_bradycardia"],
            ["pacemaker_failure_to_capture", "pacemaker_failure_to_pace"], ["third_degree_av_block"],
            ["pause"], ["bradycardia"], ["sinus_arrest"],
        ],
        [["suspected_acute_inferior_infarction"], ["st_elevation_inferior"], ["st_elevation"]],
        [["suspected_acute_anterior_infarction"], ["st_elevation_anterior"], ["st_elevation"]],
        [["suspected_acute_anteroseptal_infarction"], ["st_elevation_anterior"], ["st_elevation"]],
        [["suspected_acute_lateral_infarction"], ["st_elevation_lateral"], ["st_elevation"]],
        [["suspected_acute_myocardial_infarction"], ["st_elevation"]],
    ]
}

extension PolicyTable.Row {
    /// The row that a statement has by default.
    init(of statement: Statement) {
        let highest = statement.evidence == .model ? .info : statement.alarmPriority ?? .info
        self.init(
            statement: statement.id,
            kind: statement.family == "technical" ? .technical : .physiological,
            evidence: statement.evidence,
            priorityMax: highest,
            isToldByModel: highest == .info && statement.evidence != .rule && statement.severity > 0,
            priority: highest,
            latches: highest == .high,
            latchesUnseen: highest == .high || PolicyTable.Row.fast.contains(statement.id)
        )
        setDelays(of: statement)
    }

    /// Rapid rhythms below `high` whose alarm stays when nothing can be judged any longer.
    private static let fast = ["tachycardia", "supraventricular_tachycardia"]

    private mutating func setDelays(of statement: Statement) {
        let second = PolicyTable.second
        if priorityMax == .info {
            // A finding that only informs does so once in ten minutes of absence.
            rearmSamples = 600 * second
        } else if priorityMax == .low, statement.family == "ectopy" {
            rearmSamples = 60 * second
        }
        if statement.family == "ischaemia" || statement.family == "infarction"
            || statement.id == "prolonged_qt"
        {
            // A measured change counts once it has lasted for a minute.
            (onsetSamples, endSamples) = (60 * second, 60 * second)
        }
        switch statement.id {
        case "asystole", "ventricular_fibrillation": onsetSamples = 4 * second
        case "pause": onsetSamples = 3 * second
        case "atrial_fibrillation":
            (onsetSamples, endSamples) = (30 * second, 60 * second)
            endsAsInfo = true
        case "electrode_off": endSamples = 2 * second
        case "unanalyzable_ecg":
            (onsetSamples, endSamples) = (10 * second, 2 * second)
            isPausable = false
        default: break
        }
    }
}
