internal import ECGSignal
public import Findings

/// Finds a QT interval that is long at any age and sex: QTc by Fridericia above 500 ms, with QRS below 120 ms.
///
/// Fridericia, because Bazett makes QT too long where the heart is fast. It holds no longer at 490 ms, with a QRS of 120 ms, or
/// when QT has not been known for 10 s. How long it must hold before it alarms is the policy's decision.
public struct LongQT: Sendable, Equatable, Codable {
    /// The statement's id in the catalogue.
    public static let statement = "prolonged_qt"

    static let onset = 500.0
    static let end = 490.0
    static let wideQRS = 120.0
    static let unknownSeconds = 10

    private(set) var holds = false
    /// Seconds in a row in which QT was not known.
    private var unknown = 0

    /// Nothing has been seen.
    public init() {}

    /// Takes the vital signs of the next second; the finding where it begins or ends to hold.
    public mutating func take(_ signs: VitalSigns) -> Observation.Finding? {
        guard let qtc = signs.fridericia.value, let qrs = signs.waves.qrs.value else {
            unknown = min(unknown + 1, LongQT.unknownSeconds)
            return holds && unknown == LongQT.unknownSeconds ? change(at: signs, nil) : nil
        }
        unknown = 0
        let isLong = qrs < LongQT.wideQRS && qtc > (holds ? LongQT.end : LongQT.onset)
        return isLong == holds ? nil : change(at: signs, qtc)
    }

    /// Nothing can be judged any longer: what holds still once it can is told again.
    public mutating func loseSight() { holds = false }

    /// What it says, with the vital signs of the newest second.
    public func reading(of signs: VitalSigns?) -> RuleReading {
        let qtc = signs?.fridericia.value
        let qrs = signs?.waves.qrs.value ?? 0
        let why: String =
            if qrs >= LongQT.wideQRS {
                "QRS lasts 120 ms or more, which makes QT long by itself"
            } else if let reason = signs?.fridericia.reason {
                "QTc is not known: \(reason.rawValue)"
            } else {
                "QTc by Fridericia"
            }
        return RuleReading(
            LongQT.statement,
            holds: holds,
            isNear: (qtc ?? 0) >= LongQT.onset - 20 && qrs < LongQT.wideQRS,
            figure: qtc,
            limit: LongQT.onset,
            unit: "ms",
            note: why
        )
    }

    private mutating func change(at signs: VitalSigns, _ qtc: Double?) -> Observation.Finding {
        holds = !holds
        return Observation.Finding(
            LongQT.statement,
            holds: holds,
            since: signs.sample - 1,
            figure: qtc.map { Figure($0.rounded(), .milliseconds) }
        )
    }
}
