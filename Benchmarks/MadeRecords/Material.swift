import BeatScoring
import Conditioning
import ECGSignal
import Foundation
import Recordings

/// What records are made of: recordings of hearts, noise, and P waves, all at 500 Hz in millivolts.
struct Material {
    /// A recording's leads, and when its beats are, in seconds.
    struct Heart {
        let name: String
        let leads: [[Float]]
        let beats: [Double]

        /// The first `count` leads from one second to another, with the beats in them.
        func piece(_ range: ClosedRange<Double>, leads count: Int) -> Heart {
            let samples = Int(range.lowerBound * 500)..<Int(range.upperBound * 500)
            return Heart(
                name: name,
                leads: leads.prefix(count).map { Array($0[samples.clamped(to: 0..<$0.count)]) },
                beats: beats.filter(range.contains).map { $0 - range.lowerBound }
            )
        }

        /// The middle height of the beats of a lead before second `end`.
        func height(_ lead: Int, before end: Double) -> Float {
            let heights = beats.filter { $0 > 0.2 && $0 < end - 0.2 }.map { beat in
                let around = leads[lead][Int(beat * 500) - 30..<Int(beat * 500) + 30]
                return (around.max() ?? 0) - (around.min() ?? 0)
            }.sorted()
            return heights.isEmpty ? 1 : heights[heights.count / 2]
        }
    }

    /// The records of MIT-BIH that `THIRD_PARTY.md` names.
    let hearts: [Heart]
    /// Motion of electrodes and wander of the baseline, by NSTDB.
    let motion: [Float]
    let wander: [Float]
    /// Middle P waves of leads of LUDB, 120 samples each, of height 1.
    let atrial: [[Float]]
    private let folder: String

    /// What is in a folder with `mitdb`, `nstdb` and `ludb`.
    init(_ folder: String) throws {
        self.folder = folder
        hearts = try [
            "100", "101", "106", "119", "200", "203", "208", "217", "222", "231", "233", "207",
        ].map { try Material.heart("\(folder)/mitdb/\($0)", named: $0) }
        motion = try Material.noise("\(folder)/nstdb/em")
        wander = try Material.noise("\(folder)/nstdb/bw")
        atrial = try (1...200).flatMap { try Material.atrialWaves("\(folder)/ludb/\($0)") }
    }

    /// The single leads of LUDB.
    func singleLeads() throws -> [[Float]] {
        try (1...200).flatMap { try Material.rows(Recording.load("\(folder)/ludb/\($0)")) }
    }

    private static func heart(_ path: String, named name: String) throws -> Heart {
        let recording = try Recording.load(path)
        let marks = try AnnotationFile.load(path, ending: "atr").annotations
        let beats = marks.filter { $0.code.sign.flatMap(ScoredClass.init(sign:)) != nil }
        return try Heart(
            name: name,
            leads: rows(recording),
            beats: beats.map { Double($0.sample) / recording.rate.hertz }
        )
    }

    /// The leads of a recording in the wide band, by channel.
    private static func rows(_ recording: Recording) throws -> [[Float]] {
        let stream = try RecordedStream.read(recording).stream
        let table = stream.rate == .grid ? nil : try PolyphaseTable(rate: stream.rate)
        let channels = stream.leads.enumerated().map { $1.lead.channel ?? $0 }
        var leads = [[Float]](repeating: [], count: channels.count)
        var (timeline, conditioned, rows) = (StreamTimeline(), ConditionedStream(), WideRows())
        let reader = conditioned.addWideReader()
        var (chunks, next) = (stream.chunks, GridIndex?.none)
        func read(_ conditioned: inout ConditionedStream) {
            let from = next ?? conditioned.joinedAt ?? 0
            guard conditioned.ready > from else { return }
            conditioned.copyWideRows(from..<conditioned.ready, into: &rows)
            for (lead, channel) in channels.enumerated() {
                leads[lead] += (0..<rows.count).map { rows.value($0, channel: channel) }
            }
            next = conditioned.ready
            _ = conditioned.nextWindow()
            conditioned.release(rowsBelow: conditioned.ready, by: reader)
        }
        while let chunk = try chunks.next() {
            _ = conditioned.take(timeline.place(chunk), table: table)
            read(&conditioned)
        }
        timeline.tick()
        conditioned.close(.last, at: timeline.front)
        read(&conditioned)
        return leads
    }

    /// The first channel of a recording of noise, on the grid by straight lines.
    private static func noise(_ path: String) throws -> [Float] {
        let recording = try Recording.load(path)
        let channel = recording.channels[0]
        let values = try recording.samples(of: 0, in: 0..<channel.sampleCount)
            .millivolts(nanovoltsPerUnit: channel.nanovoltsPerUnit ?? 1e6)
        let step = recording.rate.hertz / 500
        return (0..<Int(Double(values.count - 1) / step)).map { index in
            let place = Double(index) * step
            let (whole, rest) = (Int(place), Float(place - place.rounded(.down)))
            return values[whole] * (1 - rest) + values[whole + 1] * rest
        }
    }

    /// The middle P wave of each of some leads that mark four of 0.1 mV or more.
    private static func atrialWaves(_ path: String) throws -> [[Float]] {
        let recording = try Recording.load(path)
        return try ["i", "ii", "v1", "v2", "v5"].compactMap { lead in
            guard let number = recording.channels.firstIndex(where: { $0.name.lowercased() == lead }) else {
                return nil
            }
            let channel = recording.channels[number]
            let values = try recording.samples(of: number, in: 0..<channel.sampleCount)
                .millivolts(nanovoltsPerUnit: channel.nanovoltsPerUnit ?? 1e6)
            let marks = try AnnotationFile.load(path, ending: lead).annotations
            let waves = marks.indices.dropFirst().dropLast().compactMap { index -> [Float]? in
                guard marks[index].code.sign == "p", marks[index - 1].code.sign == "(" else { return nil }
                return wave(values, Int(marks[index - 1].sample), Int(marks[index + 1].sample))
            }
            guard waves.count >= 4 else { return nil }
            let middle = (0..<120).map { at in waves.map { $0[at] }.sorted()[waves.count / 2] }
            let height = (middle.max() ?? 0) - (middle.min() ?? 0)
            return height >= 0.08 ? middle.map { $0 / height } : nil
        }
    }

    /// What lies between two samples, less the line between them, in the middle of 120; nil where it is less than 0.1 mV high.
    private static func wave(_ values: [Float], _ from: Int, _ to: Int) -> [Float]? {
        guard from > 100, to < 4_900, to > from, to - from <= 90 else { return nil }
        var wave = [Float](repeating: 0, count: 120)
        for at in from..<to {
            let share = Float(at - from) / Float(to - from)
            wave[60 - (to - from) / 2 + at - from] =
                values[at] - values[from] * (1 - share) - values[to] * share
        }
        return (wave.max() ?? 0) - (wave.min() ?? 0) >= 0.1 ? wave : nil
    }

    /// A bell of height 1 in the middle of 120 samples.
    static func bell(deviation: Double) -> [Float] {
        (0..<120).map { at in Float(exp(-pow(Double(at - 60) / 500 / deviation, 2) / 2)) }
    }
}
