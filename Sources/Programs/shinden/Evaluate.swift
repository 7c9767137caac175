internal import ArgumentParser
internal import BeatEvaluation
internal import BeatScoring
internal import Recordings
internal import Wire

/// Scores what this program finds in annotated recordings.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score the beats that are found in annotated recordings, by the rules of EC57.",
        discussion: """
            Every record of the folder has an annotation file (.atr) beside it. Beats within 150 ms of an annotated one
            are pairs, one to one; nothing counts within 150 ms of ventricular flutter. Figures leave out the first 5 s;
            those without the first 5 minutes, as EC57 has them, stand beside them.

            EXAMPLES
              shinden evaluate --beats mitdb
              shinden evaluate --beats mitdb --first-lead --json | jq .gross
              shinden evaluate --beats mitdb --noise nstdb/em --snr 12

            EXIT CODES
              0 done  64 usage  65 bad data  66 no such file  74 cannot be read
            """
    )

    @Option(help: "A folder of records with annotations, or one record.") var beats: String
    @Option(help: "Take only these leads: II,V1.") var leads: String?
    @Flag(help: "Take only the lead of each record's first signal.") var firstLead = false
    @Option(help: "Add the second half of this record as noise.") var noise: String?
    @Option(help: "Signal-to-noise ratio in dB, as the program nst defines it.") var snr = 12.0
    @Flag(help: "Print one object as JSON.") var json = false

    func validate() throws {
        if leads != nil, firstLead { throw ValidationError("give --leads or --first-lead") }
        guard (-60...60).contains(snr) else { throw ValidationError("--snr \(snr): give -60 to 60") }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        do throws(RecordingError) {
            var added: NoiseStress?
            if let noise { added = try NoiseStress(path: noise, decibels: snr, isSecondHalf: true) }
            let list = try RecordList([beats])
            var scores: [RecordScore] = []
            for entry in list.entries {
                scores.append(
                    try RecordScore(path: entry.path, leads: leads, firstLeadOnly: firstLead, noise: added)
                )
            }
            let page = BeatsPage(scores)
            if json { return Output.data(page.json.canonicalText) }
            for line in page.lines { Output.data(line) }
        } catch {
            Output.words("shinden evaluate: \(error)")
            throw Failure.code(of: error)
        }
    }
}
