internal import ECGSignal
internal import Findings

/// Vital signs as the `data` of an event.
extension CanonicalWriter {
    /// Writes the vital signs of a second; `record` is the name of the record that they are of, where one is.
    mutating func vitals(_ signs: VitalSigns, of stream: StreamIdentity, _ record: String?) {
        object { text in
            text.name("beats")
            text.integer(Int64(signs.beats))
            text.name("device")
            text.string(stream.device)
            text.name("ectopic_per_min")
            text.decimal(signs.ectopicPerMinute.value, places: 0)
            text.name("heart_rate")
            text.decimal(signs.heartRate.value, places: 1)
            text.name("interval_beats")
            text.integer(Int64(signs.waves.beats))
            text.name("patient")
            text.string(stream.patient)
            text.name("pr")
            text.decimal(signs.waves.pr.value, places: 0)
            text.name("qrs")
            text.decimal(signs.waves.qrs.value, places: 0)
            text.name("qt")
            text.decimal(signs.waves.qt.value, places: 0)
            text.name("qtc_bazett")
            text.decimal(signs.bazett.value, places: 0)
            text.name("qtc_fridericia")
            text.decimal(signs.fridericia.value, places: 0)
            if let record {
                text.name("record")
                text.string(record)
            }
            text.name("rr")
            text.decimal(signs.interval.value, places: 0)
            text.name("schema")
            text.integer(EventFormat.schema)
            text.name("second")
            text.integer(signs.second)
            text.name("st")
            text.levels(signs.waves.st)
            text.name("stream")
            text.streamName(stream)
            text.name("why")
            text.object { text in
                text.reason("ectopic_per_min", signs.ectopicPerMinute)
                text.reason("heart_rate", signs.heartRate)
                text.reason("pr", signs.waves.pr)
                text.reason("qrs", signs.waves.qrs)
                text.reason("qt", signs.waves.qt)
                text.reason("qtc_bazett", signs.bazett)
                text.reason("qtc_fridericia", signs.fridericia)
                text.reason("rr", signs.interval)
                if let reason = signs.waves.st.reason {
                    text.name("st")
                    text.string(reason.rawValue)
                }
            }
        }
    }

    /// An object of millivolts by the lead's name; null where none is known.
    private mutating func levels(_ levels: STLevels) {
        guard levels.reason == nil else { return decimal(nil, places: 2) }
        object { text in
            for lead in levels.leads.leads.sorted(by: { $0.name < $1.name }) {
                guard let channel = lead.channel else { continue }
                text.name(lead.name)
                text.decimal(levels[channel], places: 2)
            }
        }
    }

    private mutating func reason(_ name: String, _ reading: VitalSigns.Reading) {
        guard let reason = reading.reason else { return }
        self.name(name)
        string(reason.rawValue)
    }
}
