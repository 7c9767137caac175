/// Recordings as points of the encoder's space, a point a window, for one selection of leads.
internal import Conditioning
internal import DataSets
internal import ECGEncoder
internal import ECGSignal
internal import Recordings

/// What the encoder made of one recording.
struct EmbeddedRecording: Sendable {
    /// A point a window on which statements may rest; at least one.
    let windows: [Embedding]
    /// The leads that statements may rest on in every one of these windows.
    let usedLeads: LeadSet
    /// The leads of the recording, measured or derived, also those that carry no ECG.
    let knownLeads: LeadSet
    /// Equal where samples, rates and gains are, whatever the record's name.
    let digest: [UInt8]
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
    /// Windows that the daemon withholds count no more than they do there, and a recording that has no other is not used.
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
                    hop: Self.hop,
                    atMost: windowsMax
                )
                let judged = try Self.judged(windows, of: path)
                return .success(
                    EmbeddedRecording(
                        windows: Self.points(of: judged, by: encoder, using: tools.1),
                        usedLeads: judged.dropFirst().reduce(judged[0].usedLeads) {
                            $0.intersection($1.usedLeads)
                        },
                        knownLeads: judged[0].knownLeads,
                        digest: recording.contentDigest
                    )
                )
            } catch { return .failure(error) }
        }
    }

    /// The windows that the daemon would not withhold; at least one.
    private static func judged(
        _ windows: [ConditionedWindow],
        of path: String
    ) throws(RecordingError) -> [ConditionedWindow] {
        guard !windows.isEmpty else {
            throw RecordingError(.mismatch, path, "shorter than 9 s, so no window can be judged")
        }
        let judged = windows.filter { !$0.isWithheld }
        guard !judged.isEmpty else {
            throw RecordingError(
                .mismatch,
                path,
                "the daemon withholds each of its \(windows.count) windows: no lead carries an ECG, or too much is missing"
            )
        }
        return judged
    }

    /// A point a window; what windows share is computed once, as in a stream, which gives the same bits.
    ///
    /// Behind a gap the encoder begins anew at the next window, as the daemon's does.
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
            if start > taken {
                state.restart(at: window.start)
                taken = start
            }
            let end = start + Architecture.samplesSeen
            let part = (taken - start) * Lead.channelCount..<(end - start) * Lead.channelCount
            encoder.advance(&state, by: Array(window.rows[part]), using: workspace)
            taken = end
            return encoder.embedding(of: state, windowStart: window.start, using: workspace)
        }
    }
}
