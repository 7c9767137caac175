internal import Conditioning
internal import DataSets
internal import Digest
internal import ECGSignal
internal import Foundation
internal import Recordings

/// One window of a recording, twice: as a stream that begins with it, and as one that began before.
struct StoredWindow: Sendable {
    /// Its place in the cache; the filters start at the window's first sample.
    let started: Int
    /// The same behind a run-up: the recording mirrored at its first sample, so that the filters have settled.
    let settled: Int
    /// Which labelled recording of its side of the split it is of.
    let recording: Int
}

/// The windows of both sides of a split, conditioned by the daemon's own code and kept in a file.
struct WindowStore: Sendable {
    /// 4 s: from 2 s on a filter's start changes probabilities by less than 0.001.
    static let runUpSeconds = 4
    /// Long recordings of the Challenge give at most three windows.
    static let windowsMax = 3
    /// Recordings that are conditioned before their windows go to the file: at most 60 MB of them.
    private static let recordingsAtOnce = 128

    let cache: WindowCache
    /// SHA-256 of what the windows are made from.
    let key: String
    let training: [StoredWindow]
    let validation: [StoredWindow]

    /// Recordings that gave no window, with the reasons.
    var leftOut: [WindowCache.Index.LeftOut] { cache.index.leftOut }

    private init(_ cache: WindowCache, key: String, _ split: TrainingSplit) {
        let boundary = split.validation.count
        self.cache = cache
        self.key = key
        validation = cache.index.windows.filter { $0.recording < boundary }.map {
            StoredWindow(started: $0.started, settled: $0.settled, recording: $0.recording)
        }
        training = cache.index.windows.filter { $0.recording >= boundary }.map {
            StoredWindow(started: $0.started, settled: $0.settled, recording: $0.recording - boundary)
        }
    }

    /// Maps the file at `path` where it was made from those recordings, else makes it.
    ///
    /// A recording whose samples were seen before, under whatever name, is left out. `progress` is called now and then with
    /// how many recordings are done, and returns whether to go on; nil where it said no.
    static func open(
        _ split: TrainingSplit,
        path: String,
        threads: Int,
        progress: (_ done: Int, _ count: Int) -> Bool
    ) throws -> WindowStore? {
        let recordings = split.validation + split.training
        let key = key(recordings, boundary: split.validation.count)
        if let cache = WindowCache(path: path, key: key),
            try isWhatWouldBeMade(cache, recordings, boundary: split.validation.count)
        {
            return WindowStore(cache, key: key, split)
        }
        let writer = try WindowCache.Writer(path: path, key: key)
        var index = WindowCache.Index(leavesOutWithheld: true)
        var seen: [[UInt8]: String] = [:]
        for first in stride(from: 0, to: recordings.count, by: recordingsAtOnce) {
            guard first == 0 || progress(first, recordings.count) else { return nil }
            let some = Array(recordings[first..<min(first + recordingsAtOnce, recordings.count)])
            let results = parallelMap(some.count, threads: threads, state: WindowCutter.init) {
                cutter,
                place in
                let isLearned = first + place >= split.validation.count
                return Result { try cut(some[place], &cutter, keepsSettled: isLearned) }
            }
            for (place, result) in results.enumerated() {
                let path = some[place].path
                switch result {
                case .success(let found):
                    if let twin = seen[found.digest] {
                        index.leftOut.append(.init(path: path, reason: "the same samples as \(twin)"))
                        continue
                    }
                    seen[found.digest] = path
                    for window in found.windows {
                        let started = try writer.append(window.started)
                        let settled = try window.settled.map { try writer.append($0) } ?? started
                        index.windows.append(
                            .init(recording: first + place, started: started, settled: settled)
                        )
                    }
                case .failure(let error):
                    index.leftOut.append(.init(path: path, reason: "\(error)"))
                }
            }
        }
        try writer.finish(index)
        guard let cache = WindowCache(path: path, key: key) else {
            throw TrainingError(.inputOutput, "\(path): cannot be read back; does another run write there?")
        }
        return WindowStore(cache, key: key, split)
    }

    /// SHA-256 of what the windows are made from: which files, how long they are and when they were changed.
    private static func key(_ recordings: [LabelledRecording], boundary: Int) -> String {
        var text = "\(boundary) \(runUpSeconds) \(windowsMax)\n"
        for recording in recordings {
            text += "\(recording.path) \(recording.nameLeads ?? "")"
            for ending in ["hea", "dat", "mat"] {
                let facts = try? FileManager.default.attributesOfItem(atPath: "\(recording.path).\(ending)")
                let date = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
                text += " \(facts?[.size] ?? 0) \(date)"
            }
            text += "\n"
        }
        return SHA256.hex(Array(text.utf8))
    }

    /// Whether some recordings conditioned anew give the windows of the cache: another version may condition otherwise.
    private static func isWhatWouldBeMade(
        _ cache: WindowCache,
        _ recordings: [LabelledRecording],
        boundary: Int
    ) throws -> Bool {
        let windows = cache.index.windows
        guard windows.allSatisfy({ recordings.indices.contains($0.recording) }) else { return false }
        var cutter = WindowCutter()
        func holds(_ values: [Int16], at place: Int) -> Bool {
            cache.rows(of: place, from: 0, count: Grid.windowSamples, scale: 1) == values.map(Float.init)
        }
        let some = windows.isEmpty ? [] : [0, windows.count / 2, windows.count - 1]
        for number in some.map({ windows[$0].recording }) {
            // A file of a version that kept withheld windows serves on as it is: a run that began with it ends with it.
            let found = try cut(
                recordings[number],
                &cutter,
                keepsSettled: number >= boundary,
                keepsWithheld: cache.index.leavesOutWithheld != true
            ).windows
            let kept = windows.filter { $0.recording == number }
            guard kept.count == found.count else { return false }
            for (kept, found) in zip(kept, found) {
                guard holds(found.started, at: kept.started),
                    holds(found.settled ?? found.started, at: kept.settled)
                else { return false }
            }
        }
        return true
    }

    /// A recording's windows, `[5000][12]` microvolts, and the digest of its samples.
    ///
    /// Windows that the daemon withholds are left out: what it says nothing of cannot teach it what to say.
    static func cut(
        _ labelled: LabelledRecording,
        _ cutter: inout WindowCutter,
        keepsSettled: Bool,
        keepsWithheld: Bool = false
    ) throws -> (digest: [UInt8], windows: [(started: [Int16], settled: [Int16]?)]) {
        let recording = try Recording.load(labelled.path)
        let started = try cutter.windows(of: recording, nameLeads: labelled.nameLeads, atMost: windowsMax)
        // Later windows of a long recording have a run-up of their own: what came before them.
        let settled =
            keepsSettled ? try behindRunUp(recording, nameLeads: labelled.nameLeads).map(packed) : nil
        let kept = started.enumerated().filter { keepsWithheld || !$1.isWithheld }
        guard started.isEmpty || !kept.isEmpty else {
            throw RecordingError(
                .mismatch,
                labelled.path,
                "the daemon withholds each of its \(started.count) windows: no lead carries an ECG, or too much is missing"
            )
        }
        return (recording.contentDigest, kept.map { (packed($1.rows), $0 == 0 ? settled : nil) })
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
        var timeline = StreamTimeline()
        let chunk = LeadChunk(
            stream: StreamIdentity(patient: "record", device: "file", epoch: 1),
            sequence: 1,
            firstSample: 0,
            sampleCount: leads.first?.millivolts.count ?? 0,
            rate: rate,
            leads: leads,
            isLast: true
        )
        let table = rate == .grid ? nil : try PolyphaseTable(rate: rate)
        _ = conditioner.take(timeline.place(chunk), table: table)
        timeline.tick()
        conditioner.close(at: timeline.front)
        var rows = [Float](repeating: 0, count: count * Lead.channelCount)
        conditioner.copyRows(start..<start + Int64(count), into: &rows, at: 0)
        return rows
    }

    private static func packed(_ rows: [Float]) -> [Int16] {
        rows.map { Int16(max(-32_767, min(32_767, ($0 * 1_000).rounded()))) }
    }
}
