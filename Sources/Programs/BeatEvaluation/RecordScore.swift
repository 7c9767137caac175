public import BeatScoring
internal import ECGSignal
public import Recordings
internal import Rhythm

/// What the rhythm lane made of one annotated record.
public struct RecordScore: Sendable {
    /// The record's name.
    public let name: String
    /// Whether it has paced beats; EC57 leaves such records out of its gross figures.
    public let isPaced: Bool
    /// Without the first 5 s.
    public let table: BeatTable
    /// Without the first 5 minutes, as EC57 has it; empty for shorter records.
    public let tableAfterFiveMinutes: BeatTable
    /// Without the first 5 s, with windows of 50 and 25 ms.
    public let narrowTables: [(windowMilliseconds: Int64, table: BeatTable)]
    /// From the annotated beat to the publication of the found one, milliseconds, ascending; without those that were
    /// found by looking back.
    public let delaysMilliseconds: [Double]
    /// Beats found by looking back.
    public let searchedBackCount: Int
    /// The found beats as annotations, in frames of the record.
    public let annotations: [Annotation]

    /// Sends the record at `path`, which has an `.atr` beside it, through the rhythm lane.
    ///
    /// - Parameters:
    ///   - path: The record, with or without `.hea`.
    ///   - leads: `II,V1`: only these; all without it.
    ///   - firstLeadOnly: Only the lead of the record's first signal that is one.
    ///   - noise: What is added before.
    /// - Throws: `RecordingError` where record, annotations or leads cannot be used.
    public init(
        path: String,
        leads: String? = nil,
        firstLeadOnly: Bool = false,
        noise: NoiseStress? = nil
    ) throws(RecordingError) {
        let record = try AnnotatedRecord(path: path)
        let chosen = firstLeadOnly ? try record.firstLead() : leads
        let output = try RecordRun(record, leads: chosen, noise: noise).output
        let perGrid = record.recording.rate.hertz / Double(Grid.rate)
        let found = output.beats.map { beat in
            ScoredBeat(
                sample: Int64((Double(beat.place) * perGrid).rounded()),
                kind: RecordScore.scored(beat.kind)
            )
        }
        let reference = record.reference
        name = record.recording.name
        isPaced = reference.isPaced
        table = reference.score(found)
        tableAfterFiveMinutes = reference.score(found, BeatScoringRules(skippedSeconds: 300))
        narrowTables = [50, 25].map { window in
            (window, reference.score(found, BeatScoringRules(windowMilliseconds: window)))
        }
        searchedBackCount = output.found.count { $0.isSearchedBack }
        annotations = output.beats.map { beat in
            Annotation(
                sample: Int64((Double(beat.place) * perGrid).rounded()),
                code: RecordScore.code(beat.kind)
            )
        }
        let pairs = BeatMatching.pairs(
            reference.beats.map(\.sample),
            found.map(\.sample),
            windowSamples: Int64(0.15 * record.recording.rate.hertz)
        )
        var delays: [Double] = []
        for (beat, pair) in zip(reference.beats, pairs) {
            guard let pair, Double(beat.sample) >= 5 * record.recording.rate.hertz,
                !output.found[pair].isSearchedBack
            else { continue }
            delays.append((Double(output.found[pair].publishedAt) - Double(beat.sample) / perGrid) * 2)
        }
        delaysMilliseconds = delays.sorted()
    }

    private static func scored(_ kind: BeatClass) -> ScoredClass {
        switch kind {
        case .normal: .normal
        case .ventricular: .ventricular
        case .supraventricularPremature: .supraventricular
        case .paced, .unclassified: .unclassified
        }
    }

    private static func code(_ kind: BeatClass) -> AnnotationCode {
        switch kind {
        case .normal: .normal
        case .ventricular: .ventricular
        case .supraventricularPremature: .supraventricular
        case .paced: .paced
        case .unclassified: .unclassified
        }
    }
}

extension AnnotatedRecord {
    /// The name of the lead that the record's first usable signal is.
    func firstLead() throws(RecordingError) -> String {
        let assignment = try LeadAssignment(of: recording.channels)
        guard let first = assignment.assignments.min(by: { $0.channel < $1.channel }) else {
            throw RecordingError(.leads, recording.path, "no channel is a lead")
        }
        return first.lead.name
    }
}
