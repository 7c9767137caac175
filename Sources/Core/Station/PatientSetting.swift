public import ECGSignal
public import Findings

/// What people set for the alarms of one patient and device.
public struct PatientSetting: Sendable, Equatable {
    /// The patient and the device.
    public let sender: Sender
    /// Until when sounds are paused, by the monotonic clock of the logged entries; nil where they are not.
    public let audioPausedUntil: MonotonicNanoseconds?
    /// Until when alarms are paused; nil where they are not.
    public let alarmPausedUntil: MonotonicNanoseconds?
    /// Who put the patient on standby; nil where nobody did.
    public let standbyBy: String?
    /// The statements that were accepted as the patient's baseline.
    public let baseline: [String]
    /// The limits that people set; nil where the defaults hold.
    public let limits: LimitOrder?

    /// Whether nothing is set.
    var isEmpty: Bool {
        audioPausedUntil == nil && alarmPausedUntil == nil && standbyBy == nil && baseline.isEmpty
            && limits == nil
    }
}
