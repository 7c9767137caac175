internal import DataSets

/// Which recordings are learned from and which are chosen on.
///
/// A published split goes by its folds; recordings without one are learned from. Where no recording has a fold, one patient
/// in ten is chosen on, by a hash of the name, so that the same patient always falls on the same side.
struct TrainingSplit {
    let training: [LabelledRecording]
    let validation: [LabelledRecording]
    /// How it was split, for people.
    let rule: String

    init(_ data: DataSet, _ options: TrainingOptions) {
        if data.recordings.contains(where: { $0.fold != nil }) {
            training = data.recordings.filter { $0.fold.map(options.trainingFolds.contains) ?? true }
            validation = data.recordings.filter { $0.fold == options.validationFold }
            rule = "fold \(options.validationFold)"
        } else {
            training = data.recordings.filter { !TrainingSplit.isChosenOn($0) }
            validation = data.recordings.filter(TrainingSplit.isChosenOn)
            rule = "one patient in ten"
        }
    }

    private static func isChosenOn(_ recording: LabelledRecording) -> Bool {
        // FNV-1a, 64 bit.
        let hash = (recording.patient ?? recording.ecg).utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return (hash >> 32).isMultiple(of: 10)
    }
}
