internal import DataSets
internal import Digest
internal import Findings
internal import Foundation

/// The windows to learn from and those to choose on; no ECG, patient or samples are in both.
struct TrainingData {
    let training: TrainingSet
    let validation: TrainingSet
    let cache: WindowCache
    /// SHA-256 of what is learned from: the windows' key and whose they are, every verdict, the sentences.
    let digest: String

    /// Reads the data that the options name and writes OUT/labels.tsv; nil where the run was asked to stop.
    static func read(
        _ options: TrainingOptions,
        _ catalogue: Catalogue,
        _ sentences: Sentences,
        _ isInterrupted: () -> Bool,
        _ report: (TrainingRun.Report) -> Void
    ) throws -> TrainingData? {
        let data = try DataSet.read(options.data, catalogue: catalogue)
        let split = TrainingSplit(data, options)
        try Leakage.check([
            DataPart(name: "training", recordings: split.training),
            DataPart(name: "validation", recordings: split.validation),
        ])
        let (learned, looked) = (split.training.count, split.validation.count)
        report(.words("\(learned) recordings to learn from, \(looked) to choose on (\(split.rule))"))
        let counts = LabelCounts(data).table(catalogue)
        try TensorFiles.write(counts, to: options.out + "/labels.tsv")
        report(.words(counts))
        let path = options.cache ?? options.out + "/windows.cache"
        let opened = try WindowStore.open(split, path: path, threads: options.threads) { done, count in
            report(.conditioned(done: done, of: count))
            return !isInterrupted()
        }
        guard let store = opened else { return nil }
        for record in data.unreadable { report(.words("left out: \(record.path): \(record.reason)")) }
        if store.cache.index.leavesOutWithheld != true {
            report(
                .words(
                    "\(path) is of a version that kept windows which the daemon withholds; they are learned too"
                )
            )
        }
        for record in store.leftOut { report(.words("left out: \(record.path): \(record.reason)")) }
        guard !store.training.isEmpty else {
            throw TrainingError(.data, "no window to learn from; check --data and the folds")
        }
        let training = TrainingSet(store.training, of: split.training, in: data, sentences: sentences)
        guard training.positives.contains(where: { $0 > 0 && $0 < store.training.count }) else {
            throw TrainingError(
                .data,
                "no statement is true in some windows and false in others; check the labels"
            )
        }
        let validation = TrainingSet(
            store.validation,
            of: split.validation,
            in: data,
            sentences: sentences,
            counted: training.positives
        )
        report(
            .words("\(store.training.count) windows to learn from, \(store.validation.count) to choose on")
        )
        return TrainingData(
            training: training,
            validation: validation,
            cache: store.cache,
            digest: digest(of: split, in: data, store, sentences)
        )
    }

    private static func digest(
        of split: TrainingSplit,
        in data: DataSet,
        _ store: WindowStore,
        _ sentences: Sentences
    ) -> String {
        var bytes = Array("\(store.key) \(split.validation.count) \(split.training.count)\n".utf8)
        // Versions differ in which windows of a recording they keep.
        for window in store.validation { bytes += Array("\(window.recording) ".utf8) }
        for window in store.training { bytes += Array("\(window.recording) ".utf8) }
        func append(_ value: Float) {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
            }
        }
        for recording in split.validation + split.training {
            for verdict in data.judged(recording).verdicts {
                switch verdict {
                case .absent: bytes.append(0)
                case .masked: bytes.append(1)
                case .positive(let weight):
                    bytes.append(2)
                    append(weight)
                }
            }
            bytes += Array(((recording.scpCodes ?? ["none"]).joined(separator: ";") + "\n").utf8)
        }
        for group in [sentences.statements, sentences.benchmark] {
            bytes += Array((group.ids.joined(separator: ";") + "\n").utf8)
            for value in group.english + group.japanese { append(value) }
        }
        for value in sentences.englishMean + sentences.japaneseMean { append(value) }
        return SHA256.hex(bytes)
    }
}
