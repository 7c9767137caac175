internal import ArgumentParser
internal import BeatEvaluation
internal import BeatScoring
private import FoundationEssentials
internal import Recordings
internal import Wire

/// What `evaluate --beats`, `--alarms` and `--intervals` take: annotated recordings and what is to be changed in them.
struct BeatOptions: ParsableArguments {
    @Option(help: "A folder of records with annotations, or one record, in place of --records.") var beats:
        String?
    @Option(help: "The same, to score the alarms in place of the beats.") var alarms: String?
    @Option(help: "Records whose waves are marked in each lead, to score PR, QRS and QT.") var intervals:
        String?
    @Option(help: "Take only these leads: II,V1. Without --records.") var leads: String?
    @Flag(help: "Take only the lead of each record's first signal. With --beats.") var firstLead = false
    @Option(help: "Add the second half of this record as noise. With --beats.") var noise: String?
    @Option(help: "Signal-to-noise ratio in dB, as the program nst defines it. With --noise; default 12.")
    var snr: Double?
    @Option(
        help: "Write the beats into this folder as RECORD.shinden, WFDB annotations. With --beats.",
        completion: .directory
    ) var write: String?

    func validate() throws {
        try LeadOption.check(leads)
        if leads != nil, firstLead { throw ValidationError("give --leads or --first-lead") }
        if let snr, !(-60...60).contains(snr) { throw ValidationError("--snr \(snr): give -60 to 60") }
        if snr != nil, noise == nil {
            throw ValidationError("--snr is for --noise; give the record that is added")
        }
        if beats == nil, alarms == nil, intervals == nil, let option = given.first {
            throw ValidationError("\(option) is for --beats; with --records it changes nothing")
        }
        let other = alarms != nil ? "--alarms" : "--intervals"
        if beats == nil, let option = given.first(where: { $0 != "--leads" }) {
            throw ValidationError("\(option) is for --beats; with \(other) it changes nothing")
        }
    }

    /// The options that were given beside --beats.
    private var given: [String] {
        var names: [String] = []
        if leads != nil { names.append("--leads") }
        if firstLead { names.append("--first-lead") }
        if noise != nil { names.append("--noise") }
        if write != nil { names.append("--write") }
        return names
    }

    /// Scores the alarms of those recordings and prints the page.
    func runAlarms(_ alarms: String, json: Bool) throws {
        do throws(RecordingError) {
            var scores: [AlarmScore] = []
            for entry in try RecordList([alarms]).entries {
                if let fault = entry.fault { throw fault }
                scores.append(try AlarmScore(path: entry.path, leads: leads))
            }
            let page = AlarmsPage(scores)
            if json { return Output.data(page.json.canonicalText) }
            for line in page.lines { Output.page(line) }
        } catch {
            Output.words("shinden evaluate: \(error)")
            throw Failure.code(of: error)
        }
    }

    /// Scores PR, QRS and QT of those recordings and prints the page.
    func runIntervals(_ intervals: String, json: Bool) throws {
        do throws(RecordingError) {
            var scores: [IntervalScore] = []
            for entry in try RecordList([intervals]).entries {
                if let fault = entry.fault { throw fault }
                scores.append(try IntervalScore(path: entry.path, leads: leads))
            }
            let page = IntervalsPage(scores)
            if json { return Output.data(page.json.canonicalText) }
            for line in page.lines { Output.page(line) }
        } catch {
            Output.words("shinden evaluate: \(error)")
            throw Failure.code(of: error)
        }
    }

    /// Scores the beats of those recordings and prints the page.
    func run(_ beats: String, json: Bool) throws {
        do throws(RecordingError) {
            var added: NoiseStress?
            if let noise { added = try NoiseStress(path: noise, decibels: snr ?? 12, isSecondHalf: true) }
            let list = try RecordList([beats])
            var scores: [RecordScore] = []
            for entry in list.entries {
                if let fault = entry.fault { throw fault }
                let score = try RecordScore(
                    path: entry.path,
                    leads: leads,
                    firstLeadOnly: firstLead,
                    noise: added
                )
                if let write { try writeBeats(of: score, into: write) }
                scores.append(score)
            }
            let page = BeatsPage(scores)
            if json { return Output.data(page.json.canonicalText) }
            for line in page.lines { Output.page(line) }
        } catch {
            Output.words("shinden evaluate: \(error)")
            throw Failure.code(of: error)
        }
    }

    /// Writes a record's beats as a WFDB annotation file, for the scorers of others.
    private func writeBeats(of score: RecordScore, into folder: String) throws(RecordingError) {
        let path = "\(folder)/\(score.name).shinden"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(AnnotationFile(score.annotations).bytes)
                .write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw RecordingError(
                .unreadable,
                path,
                "cannot be written (\(error)); check the place and its space"
            )
        }
    }
}
