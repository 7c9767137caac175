/// What must be beaten: figures on the same recordings by something that knows no ECG, or no sentences.
internal import DataSets
internal import ECGEncoder
internal import Findings
internal import Metrics

/// The floors; no option switches them off.
struct Floors {
    /// Heads are trained on two thirds of the patients and judged on the third, each third in turn.
    static let thirds = 3

    let evidence: Evidence
    let counted: [Int]
    let threads: Int

    /// Every recording gets the same ranking: statements by how often they are true here.
    func baseRates() -> FloorFigures {
        var rates = [Double](repeating: 0, count: evidence.catalogue.statements.count)
        for row in rates.indices {
            let truths = evidence.judged.truths(of: row).compactMap(\.self)
            rates[row] = truths.isEmpty ? 0 : Double(truths.count { $0 }) / Double(truths.count)
        }
        return floor(
            "base_rates",
            "every recording gets the same ranking: statements by how often they are true here"
        ) { _, row in rates[row] }
    }

    /// Every recording is called sinus rhythm.
    func alwaysSinus() -> FloorFigures {
        let sinus = evidence.catalogue.index(of: "sinus_rhythm")
        return floor("always_sinus", "every recording is called sinus rhythm and nothing else") { _, row in
            row == sinus ? 1 : 0
        }
    }

    /// What a trained linear head makes of features `[recordings][features]`.
    func head(_ name: String, _ explanation: String, features: [[Float]]) -> FloorFigures {
        let rows = Array(Set(counted + evidence.ranked)).sorted()
        let scores = parallelMap(rows.count, threads: threads) { place in
            crossFitted(rows[place], features)
        }
        var places = [Int?](repeating: nil, count: evidence.catalogue.statements.count)
        for (place, row) in rows.enumerated() { places[row] = place }
        return floor(name, explanation) { recording, row in places[row].map { scores[$0][recording] } ?? 0 }
    }

    /// The log odds that a head gives each recording which was not among those it was trained on.
    private func crossFitted(_ row: Int, _ features: [[Float]]) -> [Double] {
        let truths = evidence.judged.truths(of: row)
        let groups = patientGroups(evidence.judged.recordings)
        var scores = [Double](repeating: 0, count: truths.count)
        for third in 0..<Self.thirds {
            let training = truths.indices.map { groups[$0] % Self.thirds == third ? nil : truths[$0] }
            let head = LogisticHead(features: features, truths: training)
            let rate = LogisticHead.rareLogOdds
            for index in truths.indices where groups[index] % Self.thirds == third {
                scores[index] = head?.logOdds(features[index]) ?? rate
            }
        }
        return scores
    }

    private func floor(
        _ name: String,
        _ explanation: String,
        score: (_ recording: Int, _ row: Int) -> Double
    ) -> FloorFigures {
        let areas = counted.compactMap { row in
            let truths = evidence.judged.truths(of: row)
            return ScoredCases(scores: truths.indices.map { score($0, row) }, truths: truths).areaUnderCurve
        }
        return FloorFigures(
            name: name,
            explanation: explanation,
            macroArea: Resamples.mean(areas),
            anyOf: Evidence.anyOf(evidence.rankings(evidence.telling, score: score)),
            anyOfAll: Evidence.anyOf(evidence.rankings(evidence.ranked, score: score))
        )
    }
}

extension LogisticHead {
    /// The log odds where no head could be trained, for want of a case: below any head's.
    fileprivate static let rareLogOdds = -50.0
}

/// `[recordings]`: numbers from 0 on; recordings of one patient share one, a recording of an unknown patient stands alone.
func patientGroups(_ recordings: [LabelledRecording]) -> [Int] {
    var numbers: [String: Int] = [:]
    var next = 0
    return recordings.map { recording in
        if let patient = recording.patient, let known = numbers[patient] { return known }
        defer { next += 1 }
        if let patient = recording.patient { numbers[patient] = next }
        return next
    }
}

/// An encoder of the shipped shape whose weights are noise.
func randomEncoder(seed: UInt64) throws -> Encoder {
    try Encoder { name, shape throws(EncoderWeightsError) in
        var generator = SplitMix64(seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        let count = shape.reduce(1, *)
        if name.hasSuffix("running_var") || (shape.count == 1 && name.hasSuffix(".weight")) {
            return [Float](repeating: 1, count: count)
        }
        if shape.count == 1 { return [Float](repeating: 0, count: count) }
        // Uniform with the variance 2 / inputs of He et al. (2015), which keeps activations of one size through ReLU.
        let reach = (6 / Float(shape.dropFirst().reduce(1, *))).squareRoot()
        return (0..<count).map { _ in Float.random(in: -reach...reach, using: &generator) }
    }
}
