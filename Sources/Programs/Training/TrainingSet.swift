internal import DataSets
internal import Findings

/// Windows with what is true of them, against every sentence.
struct TrainingSet: Sendable {
    let windows: [StoredWindow]
    /// `[windows][sentences]`: 1 true, 0 false.
    let truth: [[Float]]
    /// `[windows][sentences]`: 0 where nothing is known.
    let weight: [[Float]]
    /// `[sentences]`: windows in which the sentence is true.
    let positives: [Int]

    /// What the sentences say of those windows; a sentence without a positive in `counted` enters no loss.
    init(
        _ windows: [StoredWindow],
        of recordings: [LabelledRecording],
        in data: DataSet,
        sentences: Sentences,
        counted: [Int]? = nil
    ) {
        let catalogue = data.catalogue
        let rows = sentences.statements.ids.map { catalogue.index(of: $0) }
        var truths: [[Float]] = []
        var weights: [[Float]] = []
        var positives = [Int](repeating: 0, count: sentences.count)
        for window in windows {
            let recording = recordings[window.recording]
            let verdicts = data.judged(recording).verdicts
            var truth = [Float](repeating: 0, count: sentences.count)
            var weight = truth
            for (sentence, row) in rows.enumerated() {
                guard let row else { continue }
                switch verdicts[row] {
                case .positive(let share): (truth[sentence], weight[sentence]) = (1, share)
                case .absent: weight[sentence] = 1
                case .masked: break
                }
            }
            if let codes = recording.scpCodes {
                for (place, code) in sentences.benchmark.ids.enumerated() {
                    let sentence = rows.count + place
                    truth[sentence] = codes.contains(code) ? 1 : 0
                    weight[sentence] = 1
                }
            }
            for sentence in truth.indices where truth[sentence] > 0 { positives[sentence] += 1 }
            truths.append(truth)
            weights.append(weight)
        }
        let known = counted ?? positives
        let total = Double(max(1, windows.count))
        let factors = known.map { count in
            // Rare statements weigh up to three times as much where they are true: 2 % of the windows and above count as
            // they are, and the weight grows with the cube root below.
            count == 0 ? 0 : Float(min(3, max(1, (0.02 * total / Double(count)).cubeRoot)))
        }
        for index in truths.indices {
            for sentence in known.indices {
                if known[sentence] == 0 { weights[index][sentence] = 0 }
                if truths[index][sentence] > 0 { weights[index][sentence] *= factors[sentence] }
            }
        }
        self.windows = windows
        truth = truths
        weight = weights
        self.positives = positives
    }
}

extension Double {
    /// The cube root of a number above 0, by Newton's steps; here to within 1e-9.
    fileprivate var cubeRoot: Double {
        var root = Swift.max(1, self)
        for _ in 0..<60 { root -= (root * root * root - self) / (3 * root * root) }
        return root
    }
}
