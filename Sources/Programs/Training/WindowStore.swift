internal import Conditioning
internal import DataSets
internal import ECGSignal
internal import Recordings

/// One window of a recording in 16 bit, twice: as a stream that begins with it, and as one that began before.
struct StoredWindow: Sendable {
    /// `[5000][12]`, microvolts; the filters start at the window's first sample.
    let started: [Int16]
    /// The same behind a run-up: the recording mirrored at its first sample, so that the filters have settled.
    let settled: [Int16]
    /// Which labelled recording it is of.
    let recording: Int
}

/// Cuts and conditions windows with the daemon's own code.
enum WindowStore {
    /// 4 s: from 2 s on a filter's start changes probabilities by less than 0.001.
    static let runUpSeconds = 4
    /// Long recordings of the Challenge give at most three windows.
    static let windowsMax = 3

    /// The windows of all recordings, in their order; the unreadable with their reasons.
    ///
    /// A recording whose samples were seen before, under whatever name, is left out; `seen` is path by the content's
    /// digest.
    static func read(
        _ recordings: [LabelledRecording],
        threads: Int,
        keepsSettled: Bool,
        seen: inout [[UInt8]: String]
    ) -> (windows: [StoredWindow], unreadable: [UnreadableRecording]) {
        let results = parallelMap(recordings.count, threads: threads, state: WindowCutter.init) {
            cutter,
            index in
            Result { try cut(recordings[index], index, &cutter, keepsSettled) }
        }
        var windows: [StoredWindow] = []
        var unreadable: [UnreadableRecording] = []
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let found):
                if let twin = seen[found.digest] {
                    unreadable.append(
                        UnreadableRecording(
                            path: recordings[index].path,
                            reason: "the same samples as \(twin)"
                        )
                    )
                } else {
                    seen[found.digest] = recordings[index].path
                    windows += found.windows
                }
            case .failure(let error):
                unreadable.append(UnreadableRecording(path: recordings[index].path, reason: "\(error)"))
            }
        }
        return (windows, unreadable)
    }

    private static func cut(
        _ labelled: LabelledRecording,
        _ index: Int,
        _ cutter: inout WindowCutter,
        _ keepsSettled: Bool
    ) throws -> (digest: [UInt8], windows: [StoredWindow]) {
        let recording = try Recording.load(labelled.path)
        let started = try cutter.windows(of: recording, nameLeads: labelled.nameLeads, atMost: windowsMax)
        // Later windows of a long recording have a run-up of their own: what came before them.
        var settled =
            keepsSettled ? try behindRunUp(recording, nameLeads: labelled.nameLeads).map(packed) : nil
        let windows = started.map { window in
            defer { settled = nil }
            let rows = packed(window.rows)
            return StoredWindow(started: rows, settled: settled ?? rows, recording: index)
        }
        return (recording.contentDigest, windows)
    }

    /// The first window behind the recording's own first seconds in reverse, `[5000][12]`.
    ///
    /// Nil where the rate has no whole number of samples there or the recording is too short.
    private static func behindRunUp(_ recording: Recording, nameLeads: String?) throws -> [Float]? {
        let stream = try RecordedStream.read(recording, nameLeads: nameLeads).stream
        let rate = stream.rate
        let count = runUpSeconds * Int(rate.hertz)
        guard stream.hasOneRate, rate.denominator == 1, stream.sampleCount >= 9 * Int(rate.hertz) else {
            return nil
        }
        let leads = try stream.leads.map { lead in
            let own = try lead.millivolts(0..<lead.sampleCount)
            return LeadSamples(lead: lead.lead, millivolts: own[1...count].reversed() + own)
        }
        let start = Int64(runUpSeconds) * Grid.rate
        return try conditioned(leads, rate: rate, from: start, count: Grid.windowSamples)
    }

    /// Grid samples of leads that begin together, `[count][12]`.
    static func conditioned(
        _ leads: [LeadSamples],
        rate: SampleRate,
        from start: GridIndex,
        count: Int
    ) throws -> [Float] {
        var conditioner = StreamConditioner()
        let chunk = LeadChunk(
            stream: StreamIdentity(patient: "record", device: "file", epoch: 1),
            sequence: 1,
            firstSample: 0,
            sampleCount: leads.first?.millivolts.count ?? 0,
            rate: rate,
            leads: leads,
            isLast: true
        )
        _ = conditioner.take(chunk, table: rate == .grid ? nil : try PolyphaseTable(rate: rate))
        conditioner.close()
        var rows = [Float](repeating: 0, count: count * Lead.channelCount)
        conditioner.copyRows(start..<start + Int64(count), into: &rows, at: 0)
        return rows
    }

    private static func packed(_ rows: [Float]) -> [Int16] {
        rows.map { Int16(max(-32_767, min(32_767, ($0 * 1_000).rounded()))) }
    }
}
