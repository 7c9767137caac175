/// Recordings as points of the encoder's space, a point a window, for one selection of leads.
internal import Conditioning
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
    /// The leads of the recording, measured or derived, also those that carry no ECG.
    let knownLeads: LeadSet
}

/// Reads, conditions and encodes recordings on several threads.
struct RecordingEncoder: Sendable {
    /// Grid samples from one window of a recording to the next: the daemon's own hop, 1.024 s.
    static let hop = 512

    let threads: Int
    /// Windows of a recording at most, from its start.
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
                let windows = try tools.0.windows(
                    of: Recording.load(path),
                    leads: leads,
                    nameLeads: nameLeads,
                    hop: Self.hop,
                    atMost: windowsMax
                )
                guard let first = windows.first else {
                    throw RecordingError(.mismatch, path, "shorter than 9 s, so no window can be judged")
                }
                let points = Self.points(of: windows, by: encoder, using: tools.1)
                return .success(
                    EmbeddedRecording(
                        windows: points,
                        usedLeads: first.usedLeads,
                        knownLeads: first.knownLeads
                    )
                )
            } catch { return .failure(error) }
        }
    }

    /// A point a window; what windows share is computed once, as in a stream, which gives the same bits.
    static func points(
        of windows: [ConditionedWindow],
        by encoder: Encoder,
        using workspace: EncoderWorkspace
    ) -> [Embedding] {
        guard let first = windows.first else { return [] }
        var state = encoder.makeState(at: first.start)
        var taken = Int(first.start)
        return windows.compactMap { window in
            let start = Int(window.start)
            let end = start + Architecture.samplesSeen
            let part = (taken - start) * Lead.channelCount..<(end - start) * Lead.channelCount
            encoder.advance(&state, by: Array(window.rows[part]), using: workspace)
            taken = end
            return encoder.embedding(of: state, windowStart: window.start, using: workspace)
        }
    }
}
