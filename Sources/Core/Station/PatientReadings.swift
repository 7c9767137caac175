public import ECGSignal
internal import Findings
public import Pipeline
public import Policy

/// What a worker knows of one patient: each stream with its rules, and each device with its alarms.
public struct PatientReadings: Sendable {
    /// A stream of the patient.
    public struct Stream: Sendable {
        /// Leads, state, newest window.
        public let status: Shard.Status
        /// What the rules say; nil where no row has been final.
        public let readings: StreamReadings?
    }

    /// A device of the patient.
    public struct Device: Sendable {
        /// The device's name.
        public let name: String
        /// What its policy says.
        public let policy: PolicyReading
    }

    /// The patient's streams, by name.
    public let streams: [Stream]
    /// The patient's devices, by name.
    public let devices: [Device]
}

extension Shard {
    /// What is known of a patient now.
    public func readings(of patient: String) -> PatientReadings {
        let own = members.values.filter { $0.processor.identity.patient == patient }
        return PatientReadings(
            streams: own.map {
                PatientReadings.Stream(status: $0.status, readings: $0.processor.readings)
            }.sorted { $0.status.identity < $1.status.identity },
            devices: alarms.readings(of: patient)
        )
    }

    /// Up to when the patient's streams have been judged, the newest of them; nil where no row of any has been final.
    public func judged(of patient: String) -> UTCNanoseconds? {
        members.values.compactMap { member in
            member.processor.identity.patient == patient ? member.processor.judged?.time : nil
        }.max()
    }
}
