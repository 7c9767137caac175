internal import BeatScoring
internal import ECGSignal
internal import Recordings

/// A recording with the annotations that stand beside it.
struct AnnotatedRecord {
    let recording: Recording
    let annotations: [Annotation]
    /// The annotated beats, and where none are annotated.
    let reference: BeatReference

    /// The record at `path` and its `.atr`.
    init(path: String) throws(RecordingError) {
        let recording = try Recording.load(path)
        self.recording = recording
        let file: AnnotationFile
        do throws(RecordingError) { file = try AnnotationFile.load(path, ending: "atr") } catch {
            guard error.kind == .notFound else { throw error }
            throw RecordingError(
                .notFound,
                error.place,
                "no such file; beats and alarms are scored against the record's annotations, so put them beside its header, "
                    + "or leave the record out"
            )
        }
        let scale = file.ticksPerSecond.map { recording.rate.hertz / $0 } ?? 1
        var annotations = file.annotations
        if scale != 1 {
            for index in annotations.indices {
                let sample = Double(annotations[index].sample) * scale
                annotations[index].sample = Int64(min(sample.rounded(), 1e15))
            }
        }
        self.annotations = annotations
        reference = BeatReference(
            beats: annotations.compactMap { mark in
                mark.code.sign.flatMap(ScoredClass.init(sign:)).map {
                    ScoredBeat(sample: mark.sample, kind: $0)
                }
            },
            flutter: AnnotatedRecord.flutter(annotations, end: Int64(recording.frameCount)),
            rate: recording.rate.hertz,
            sampleCount: Int64(recording.frameCount),
            isPaced: annotations.contains { $0.code == .paced }
        )
    }

    /// From each `[` to its `]`, or to the end where there is none.
    private static func flutter(_ annotations: [Annotation], end: Int64) -> [ClosedRange<Int64>] {
        var stretches: [ClosedRange<Int64>] = []
        var from: Int64?
        for mark in annotations {
            if mark.code == .flutterBegins { from = from ?? mark.sample }
            if mark.code == .flutterEnds, let begin = from {
                stretches.append(begin...max(begin, mark.sample))
                from = nil
            }
        }
        if let from { stretches.append(from...max(from, end)) }
        return stretches
    }
}
