internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Policy
internal import Service
internal import Station
internal import Wire

/// The same second as one object.
extension ExplainPage {
    var json: JSONValue {
        .object([
            "answer": .array(ExplainAnswer(explanation).sentences.map(JSONValue.string)),
            "at": .string(timestamp(explanation.asked)), "begin": .string(timestamp(explanation.begin)),
            "judged": .bool(explanation.isJudged), "patient": .string(explanation.patient),
            "policies": .array(explanation.readings.devices.map { object(of: $0.policy, $0.name) }),
            "steps": .array(
                explanation.steps.map {
                    .object(ExplainPage.data(of: Event(.alarm($0), time: $0.at.time)))
                }
            ),
            "streams": .array(explanation.readings.streams.map(object(of:))),
        ])
    }

    private func object(of stream: PatientReadings.Stream) -> JSONValue {
        let status = stream.status
        let readings = stream.readings
        let quality = readings?.quality
        let window = explanation.windows.first { $0.stream == status.identity }.map { window in
            ExplainPage.data(
                of: Event(.diagnosis(status.identity, window.diagnosis), time: window.diagnosis.end)
            )
        }
        let vitals = readings.flatMap { readings in
            readings.vitals.map {
                ExplainPage.data(of: Event(.vitals(status.identity, $0), time: readings.moment.time))
            }
        }
        return .object([
            "beat_agreement": readings?.agreement.map { .decimal($0, places: 3) } ?? .null,
            "beats_trusted": readings.map { .bool($0.areBeatsTrusted) } ?? .null,
            "judged_sample": .integerOrNull(readings?.moment.sample),
            "judged_time": .stringOrNull(readings.map { timestamp($0.moment.time) }),
            "leads": .array(
                status.leads.map { lead in
                    let channel = lead.lead.channel
                    return .object([
                        "contact": .string(lead.contact.rawValue), "lead": .string(lead.lead.name),
                        "present": .bool(
                            channel.map { quality?.present.contains(channel: $0) ?? false } ?? false
                        ),
                        "quality": .array(
                            (channel.flatMap { quality?.reasons(of: $0) } ?? []).map { .string($0.rawValue) }
                        ),
                    ])
                }
            ),
            "quality": .stringOrNull(quality?.grade.rawValue),
            "rules": .array((readings?.rules ?? []).map(ExplainPage.object)),
            "state": .string(ExplainPage.state(status.state)), "stream": .string(status.identity.name),
            "vitals": vitals.map(JSONValue.object) ?? .null, "window": window.map(JSONValue.object) ?? .null,
        ])
    }

    private static func object(of rule: RuleReading) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .decimal($0, places: 3) } ?? .null }
        return .object([
            "figure": number(rule.figure), "holds": .bool(rule.holds), "limit": number(rule.limit),
            "near": .bool(rule.isNear), "note": .string(rule.note), "side": .string(rule.side.rawValue),
            "statement": .string(rule.statement), "unit": .string(rule.unit),
        ])
    }

    private func object(of policy: PolicyReading, _ device: String) -> JSONValue {
        func seconds(_ until: MonotonicNanoseconds?) -> JSONValue {
            until.map { .decimal(Double($0 - explanation.arrival.monotonic) / 1e9, places: 1) } ?? .null
        }
        return .object([
            "alarm_paused_seconds": seconds(policy.alarmPausedUntil),
            "analysable": .bool(policy.isAnalysable),
            "audio_paused_seconds": seconds(policy.audioPausedUntil), "device": .string(device),
            "lines": .array(policy.lines.map(ExplainPage.object)),
            "standby_by": .stringOrNull(policy.standbyBy),
        ])
    }

    private static func object(of line: PolicyReading.Line) -> JSONValue {
        .object([
            "alarm_since": .stringOrNull(line.alarm.map { timestamp($0.onset.time) }),
            "baseline_by": .stringOrNull(line.baselineBy), "condition": .string(line.condition.rawValue),
            "counts": .bool(line.counts), "needs_beats": .bool(line.needsBeats),
            "priority": .string(line.priority.rawValue),
            "rearm_seconds": line.rearmSeconds.map { .decimal($0, places: 1) } ?? .null,
            "remaining_seconds": line.remainingSeconds.map { .decimal($0, places: 1) } ?? .null,
            "signal": .stringOrNull(line.signal?.rawValue), "spoken_for_by": .stringOrNull(line.spokenForBy),
            "state": .stringOrNull(line.alarm?.state.rawValue), "statement": .string(line.statement),
        ])
    }
}
