public import ECGSignal
public import Findings

/// How an alarm stands in an event's `data`.
extension CanonicalWriter {
    /// Writes the members of an alarm; `record` is the record's name where it stands in a record's lines.
    mutating func alarm(_ alarm: AlarmEvent, _ record: String?) {
        let statement = Catalogue.shipped.index(of: alarm.alarm.statement).map {
            Catalogue.shipped.statements[$0]
        }
        object { text in
            text.name("alarm_id")
            text.string(AlarmNames.id(of: alarm.alarm))
            text.name("by")
            text.string(alarm.by)
            text.name("class")
            text.string(alarm.kind.rawValue)
            text.name("device")
            text.string(alarm.at.stream.device)
            text.name("en")
            text.string(statement?.english)
            text.name("evidence")
            text.string(alarm.evidence.rawValue)
            text.name("figure")
            text.figure(alarm.figure)
            text.name("ja")
            text.string(statement?.japanese)
            text.name("leads")
            text.array { text in
                for lead in alarm.leads { text.string(lead.name) }
            }
            text.name("onset")
            text.moment(alarm.onset)
            text.name("patient")
            text.string(alarm.at.stream.patient)
            text.name("phase")
            text.string(alarm.phase.rawValue)
            text.name("priority")
            text.string(alarm.priority.rawValue)
            text.name("reason")
            text.string(alarm.reason.rawValue)
            if let record {
                text.name("record")
                text.string(record)
            }
            text.name("sample")
            text.integer(alarm.at.sample)
            text.name("schema")
            text.integer(EventFormat.schema)
            text.name("signal")
            text.string(alarm.signal.rawValue)
            text.name("state")
            text.string(alarm.state.rawValue)
            text.name("statement")
            text.string(alarm.alarm.statement)
            text.name("stream")
            text.streamName(alarm.at.stream)
        }
    }

    private mutating func moment(_ moment: StreamMoment) {
        object { text in
            text.name("sample")
            text.integer(moment.sample)
            text.name("stream")
            text.streamName(moment.stream)
            text.name("time")
            text.time(moment.time)
        }
    }

    private mutating func figure(_ figure: Figure?) {
        guard let figure else { return null() }
        object { text in
            text.name("unit")
            text.string(figure.unit.rawValue)
            text.name("value")
            text.decimal(figure.value, places: AlarmNames.places(of: figure.unit))
        }
    }
}

/// What alarms are named by, and how exactly their figures are told.
public enum AlarmNames {
    /// The `alarm_id` of an alarm: the id of its `start`.
    public static func id(of alarm: AlarmIdentity) -> String {
        EventFormat.id(of: .alarm(alarm, phase: .start, ordinal: alarm.ordinal))
    }

    /// Decimals of a figure: whole beats a minute and milliseconds, thousandths of millivolts and seconds.
    public static func places(of unit: Figure.Unit) -> Int {
        switch unit {
        case .perMinute, .milliseconds: 0
        case .millivolts, .seconds: 3
        }
    }
}
