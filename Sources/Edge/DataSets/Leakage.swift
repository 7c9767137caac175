/// What must stand on one side of a split only: an ECG in any form, a patient, the same samples under two names.
public import Recordings

/// One side of a split.
public struct DataPart: Sendable {
    /// As people call it: `training`, `test`.
    public let name: String
    /// The recordings of the set.
    public let recordings: [LabelledRecording]

    /// The side and its recordings.
    public init(name: String, recordings: [LabelledRecording]) {
        self.name = name
        self.recordings = recordings
    }
}

/// Checks on splits and on twins.
public enum Leakage {
    /// Refuses parts that share an ECG or a patient, and the Challenge's copy of PTB-XL.
    ///
    /// An ECG at 100 and at 500 Hz is one ECG. The Challenge's copy of PTB-XL, HR00001 on, has other labels than PTB-XL itself.
    public static func check(_ parts: [DataPart]) throws(DataSetError) {
        var ecgs: [String: (part: Int, path: String)] = [:]
        var patients: [String: (part: Int, path: String)] = [:]
        for (number, part) in parts.enumerated() {
            for recording in part.recordings {
                if recording.source != PTBXLFolder.source,
                    let ptbxl = ChallengeFolder.ptbxlNumber(ofChallengeRecord: recording.name)
                {
                    throw DataSetError(
                        .leakage,
                        recording.path,
                        "this Challenge record is PTB-XL's record \(ptbxl) with other labels; take it from PTB-XL"
                    )
                }
                if let other = ecgs[recording.ecg], other.part != number {
                    throw leak("ECG \(recording.ecg)", recording.path, number, other, parts)
                }
                ecgs[recording.ecg] = (number, recording.path)
                guard let patient = recording.patient else { continue }
                if let other = patients[patient], other.part != number {
                    throw leak("a patient", recording.path, number, other, parts)
                }
                patients[patient] = (number, recording.path)
            }
        }
    }

    /// Refuses parts of which two recordings have the same samples; `hashes` gives those of a path.
    public static func check(
        _ parts: [DataPart],
        hashes: [String: String]
    ) throws(DataSetError) {
        var seen: [String: (part: Int, path: String)] = [:]
        for (number, part) in parts.enumerated() {
            for recording in part.recordings {
                guard let hash = hashes[recording.path] else { continue }
                if let other = seen[hash], other.part != number {
                    throw leak("the same samples", recording.path, number, other, parts)
                }
                seen[hash] = (number, recording.path)
            }
        }
    }

    /// Recordings that repeat the samples of an earlier one, each with the one it repeats, in their order.
    public static func twins(
        _ recordings: [LabelledRecording],
        hashes: [String: String]
    ) -> [(later: LabelledRecording, earlier: LabelledRecording)] {
        var seen: [String: LabelledRecording] = [:]
        var found: [(later: LabelledRecording, earlier: LabelledRecording)] = []
        for recording in recordings {
            guard let hash = hashes[recording.path] else { continue }
            if let earlier = seen[hash], earlier.path != recording.path {
                found.append((recording, earlier))
            } else {
                seen[hash] = recording
            }
        }
        return found
    }

    private static func leak(
        _ what: String,
        _ path: String,
        _ number: Int,
        _ other: (part: Int, path: String),
        _ parts: [DataPart]
    ) -> DataSetError {
        DataSetError(
            .leakage,
            path,
            "\(what) stands in \(parts[other.part].name) (\(other.path)) and in \(parts[number].name); keep it on one "
                + "side of the split"
        )
    }
}

extension Recording {
    /// The recording's content digest in hexadecimal: equal where samples, rates and gains are, whatever the record's name.
    public var sampleHash: String {
        let digits = Array("0123456789abcdef")
        return String(contentDigest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
