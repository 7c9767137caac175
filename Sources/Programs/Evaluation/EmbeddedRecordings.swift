/// Recordings as points of the encoder's space, a point a window, for one selection of leads.
internal import DataSets
internal import ECGEncoder
internal import ECGSignal
internal import Recordings

/// What the encoder made of one recording.
struct EmbeddedRecording: Sendable {
    /// A point a window; at least one.
    let windows: [Embedding]
    /// The leads of the first window that statements may rest on.
    let usedLeads: LeadSet
}

/// Reads, conditions and encodes recordings on several threads.
struct RecordingEncoder: Sendable {
    let threads: Int
    /// Windows of a recording at most, 10 s apart.
    let windowsMax: Int

    /// The points of each recording in their order, or why it could not be used.
    ///
    /// Only `leads` are sent of each recording; nil sends all that it has. `progress` is called after each, on any thread.
    func encode(
        _ recordings: [(path: String, nameLeads: String?)],
        leads: [Lead]?,
        by encoder: Encoder,
        progress: @Sendable () -> Void
    ) -> [Result<EmbeddedRecording, RecordingError>] {
        let makeTools: @Sendable () -> (WindowCutter, EncoderWorkspace) = {
            (WindowCutter(), encoder.makeWorkspace())
        }
        return parallelMap(recordings.count, threads: threads, state: makeTools) { tools, index in
            defer { progress() }
            let (path, nameLeads) = recordings[index]
            do throws(RecordingError) {
                let recording = try Recording.load(path)
                let windows = try tools.0.windows(
                    of: recording,
                    leads: leads,
                    nameLeads: nameLeads,
                    atMost: windowsMax
                )
                guard let first = windows.first else {
                    throw RecordingError(.mismatch, path, "shorter than 9 s, so no window can be judged")
                }
                let points = windows.map { encoder.embed(window: $0.rows, using: tools.1) }
                return .success(EmbeddedRecording(windows: points, usedLeads: first.usedLeads))
            } catch { return .failure(error) }
        }
    }
}
