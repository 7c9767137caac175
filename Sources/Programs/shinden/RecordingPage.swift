internal import ECGSignal
internal import Recordings
internal import Wire

/// What there is to know of a recording before it is used, for people and for programs.
///
/// Any record that can be read has its page, whatever its channels are called; whether and how it can be used is advice.
struct RecordingPage {
    private let recording: Recording
    private let surveys: [ChannelSurvey]
    /// Which channel is which lead; empty where no channel can be used.
    private let leads: [LeadAssignment.Assignment]
    private let stream: StreamIdentity?
    /// Of the file and of its channels.
    private let remarks: [RecordingRemark]
    /// Why no channel can be used, and what to do; nil where one can.
    private let obstacle: String?

    init(_ recording: Recording) throws(RecordingError) {
        self.recording = recording
        var surveys: [ChannelSurvey] = []
        for number in recording.channels.indices { surveys.append(try recording.survey(of: number)) }
        self.surveys = surveys
        var assignment: LeadAssignment?
        var obstacle: String?
        do throws(RecordingError) { assignment = try LeadAssignment(of: recording.channels) } catch {
            obstacle = error.reason
        }
        leads = assignment?.assignments ?? []
        remarks = recording.remarks + (assignment?.remarks ?? [])
        stream = assignment.map { assignment in
            StreamIdentity(
                patient: recording.streamPatientID,
                device: "file",
                epoch: recording.epoch(of: assignment.assignments)
            )
        }
        self.obstacle = obstacle
    }

    private func lead(of channel: Int) -> Lead? { leads.first { $0.channel == channel }?.lead }

    /// What can be done with the recording.
    private var advice: String {
        if let obstacle { return "it cannot be classified as it is: \(obstacle)" }
        guard recording.seconds >= 9 else {
            return "it is shorter than 9 s, too short for a window"
        }
        return
            "shinden classify \(recording.path.hasSuffix(".hea") ? String(recording.path.dropLast(4)) : recording.path)"
    }

    /// A page of text.
    var lines: [String] {
        var lines = ["record    \(recording.name)"]
        let length = recording.frameCount == 1 ? "1 sample" : "\(recording.frameCount) samples"
        lines.append("length    \(length) at \(recording.rate.hertz) Hz, \(recording.seconds) s")
        if let start = recording.baseTime { lines.append("start     \(timestamp(start))") }
        for (number, channel) in recording.channels.enumerated() {
            let survey = surveys[number]
            let unit = channel.unit.name
            let range =
                survey.range.map { "\(short($0.lowerBound)) to \(short($0.upperBound)) \(unit)" }
                ?? "no sample"
            let step =
                channel.unitsPerStep.map { "\(short($0)) \(unit) a unit" } ?? "gain changes with the segments"
            let use = lead(of: number).map { "lead \($0.name)" } ?? "not used"
            let rate = channel.samplesPerFrame > 1 ? "\(channel.hertz) Hz, " : ""
            lines.append(
                "channel   \(channel.name)  \(rate)\(range), \(step), \(survey.missingCount) samples missing; \(use)"
            )
        }
        for comment in recording.comments { lines.append("comment   \(comment)") }
        for remark in remarks { lines.append("remark    \(remark)") }
        if let stream { lines.append("stream    \(stream.name)") }
        lines.append("advice    \(advice)")
        return lines
    }

    /// The same as one object.
    var json: JSONValue {
        let channels = recording.channels.enumerated().map { number, channel in
            let survey = surveys[number]
            return JSONValue.object([
                "hertz": .decimal(channel.hertz, places: 6), "lead": .stringOrNull(lead(of: number)?.name),
                "least": survey.range.map { .decimal($0.lowerBound, places: 6) } ?? .null,
                "missing": .integer(Int64(survey.missingCount)),
                "most": survey.range.map { .decimal($0.upperBound, places: 6) } ?? .null,
                "name": .string(channel.name), "number": .integer(Int64(number + 1)),
                "samples": .integer(Int64(channel.sampleCount)), "unit": .string(channel.unit.name),
                "units_per_step": channel.unitsPerStep.map { .decimal($0, places: 12) } ?? .null,
            ])
        }
        return .object([
            "advice": .string(advice), "channels": .array(channels),
            "comments": .array(recording.comments.map(JSONValue.string)),
            "frames": .integer(Int64(recording.frameCount)),
            "hertz": .decimal(recording.rate.hertz, places: 6),
            "path": .string(recording.path), "record": .string(recording.name),
            "remarks": .array(remarks.map { .string($0.description) }),
            "seconds": .decimal(recording.seconds, places: 6),
            "start": .stringOrNull(recording.baseTime.map(timestamp)), "stream": .stringOrNull(stream?.name),
            "usable": .bool(obstacle == nil),
        ])
    }

    /// At most six decimals.
    private func short(_ value: Double) -> String { JSONValue.decimal(value, places: 6).canonicalText }
}
