public import ECGSignal

/// What the lane itself says of a rhythm; the raw value is the statement's id in the catalogue.
public enum RhythmFinding: String, Sendable, CaseIterable {
    case asystole
    case pause
    case bradycardia
    case extremeBradycardia = "extreme_bradycardia"
    case tachycardia
    case extremeTachycardia = "extreme_tachycardia"
    case ventricularShortRun = "ventricular_short_run"
    case ventricularTachycardia = "ventricular_tachycardia"
    case ventricularFibrillation = "ventricular_fibrillation"
    case atrialFibrillation = "atrial_fibrillation"
    case frequentVentricular = "frequent_ventricular_premature_contractions"
    case ventricularCouplet = "ventricular_couplet"
    case ventricularBigeminy = "ventricular_bigeminy"
    case ventricularTrigeminy = "ventricular_trigeminy"
}

/// A finding that begins or ends to hold, or that holds still after noise in which rhythm could not be judged.
///
/// What becomes an alarm of it is another room's decision.
public struct RhythmChange: Sendable, Equatable {
    /// The finding that changed.
    public let finding: RhythmFinding
    /// Whether it begins to hold.
    public let isOn: Bool
    /// The grid index of the row with which it changed.
    public let at: GridIndex
    /// Where what it rests on began, or ended: the beat before a silence, the first beat of a run, the newest beat.
    public let since: GridIndex
    /// Beats a minute, where the finding rests on a rate.
    public let rate: Double?
}

/// Rhythm can be judged from a row on, or no longer.
public struct AnalysisChange: Sendable, Equatable {
    /// Whether it can be judged from here on.
    public let isPossible: Bool
    /// The grid index of the row with which that changed.
    public let at: GridIndex

    /// Makes a change of its two parts.
    public init(isPossible: Bool, at: GridIndex) {
        self.isPossible = isPossible
        self.at = at
    }
}

/// The beats that are found are those of a heart from a row on, or no longer.
public struct TrustChange: Sendable, Equatable {
    /// Whether they resemble each other, as the beats of a heart do.
    public let isTrusted: Bool
    /// The grid index of the row with which that changed.
    public let at: GridIndex
}

/// Which findings hold, and the changes that are not yet read.
struct FindingStates: Sendable, Equatable, Codable {
    private var holding: UInt16 = 0

    /// Whether a finding holds.
    func holds(_ finding: RhythmFinding) -> Bool { holding & FindingStates.bit(finding) != 0 }

    /// Sets a finding; where that is new, `changes` learns of it.
    mutating func set(
        _ finding: RhythmFinding,
        _ isOn: Bool,
        at n: Int,
        since: Int,
        rate: Double? = nil,
        _ changes: inout [RhythmChange]
    ) {
        guard holds(finding) != isOn else { return }
        holding ^= FindingStates.bit(finding)
        changes.append(
            RhythmChange(
                finding: finding,
                isOn: isOn,
                at: GridIndex(n),
                since: GridIndex(since),
                rate: rate
            )
        )
    }

    /// `changes` learns once more of all that holds, because nobody could see it for a while.
    func tellAgain(at n: Int, _ changes: inout [RhythmChange]) {
        for finding in RhythmFinding.allCases where holds(finding) {
            changes.append(
                RhythmChange(
                    finding: finding,
                    isOn: true,
                    at: GridIndex(n),
                    since: GridIndex(n),
                    rate: nil
                )
            )
        }
    }

    private static func bit(_ finding: RhythmFinding) -> UInt16 {
        switch finding {
        case .asystole: 1
        case .pause: 1 << 1
        case .bradycardia: 1 << 2
        case .extremeBradycardia: 1 << 3
        case .tachycardia: 1 << 4
        case .extremeTachycardia: 1 << 5
        case .ventricularShortRun: 1 << 6
        case .ventricularTachycardia: 1 << 7
        case .ventricularFibrillation: 1 << 8
        case .atrialFibrillation: 1 << 9
        case .frequentVentricular: 1 << 10
        case .ventricularCouplet: 1 << 11
        case .ventricularBigeminy: 1 << 12
        case .ventricularTrigeminy: 1 << 13
        }
    }
}
