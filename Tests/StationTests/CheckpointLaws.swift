import BinaryCoding
import ECGSignal
import Findings
import Pipeline
import Recordings
import TestSupport
import Testing

@testable import Station

/// A run that goes on from checkpoints says what one would say that was never ended.
@Suite struct CheckpointLaws {
    /// A recording, sent in chunks of `milliseconds` by one stream; its leads in one track, or in `tracks` of them.
    static func chunks(
        _ record: String,
        _ identity: StreamIdentity,
        milliseconds: Int64 = 200,
        tracks: Int = 1,
        seconds: Int64 = 60
    ) throws -> [LeadChunk] {
        let recorded = try RecordedStream.read(Recording.load("\(Repository.fixtures)/\(record)")).stream
        let rate = recorded.rate
        let end = min(SampleIndex(recorded.sampleCount), rate.samples(inMilliseconds: seconds * 1_000))
        let leads = try recorded.leads.map { ($0.lead, try $0.millivolts(0..<Int(end))) }
        let sent = (0..<tracks).map { track in
            let own = leads.enumerated().filter { $0.offset % tracks == track }.map(\.element)
            return SentTrack(number: track, rate: rate, leads: own.map(\.0), values: own.map(\.1))
        }
        let stream = SentStream(identity, tracks: sent)
        var chunks: [LeadChunk] = []
        var first: SampleIndex = 0
        while first < end {
            let next = min(end, first + rate.samples(inMilliseconds: milliseconds))
            for track in stream.tracks where !track.leads.isEmpty {
                let all = Array(track.leads.indices)
                chunks.append(
                    stream.chunk(of: track, leads: all, first..<next, sequence: UInt64(chunks.count + 1))
                )
            }
            first = next
        }
        return chunks
    }

    /// What is told of a stream after its newest checkpoint.
    private func rest(_ run: CheckpointRun, _ stream: StreamIdentity, after number: Int) -> [Event] {
        let newest = run.kept(after: number).last { $0.kept.stream == stream }
        let all = run.events.filter { $0.stream == stream }
        // What begins with the stream's first chunk tells that too.
        if newest?.kept.bytes.isEmpty ?? true { return all }
        return run.events.dropFirst(newest?.eventsBefore ?? 0).filter { $0.stream == stream }
    }

    private func judge(
        _ log: [CheckpointRun.Entry],
        kills: [Int],
        _ words: String,
        isLossy: Bool = false
    ) -> (compared: Int, refused: Int) {
        var whole = CheckpointRun()
        for (index, entry) in log.enumerated() { whole.take(entry, at: index + 1) }
        var (compared, refused) = (0, 0)
        for kill in kills {
            let (run, plan) = CheckpointRun.resumed(from: whole, log, after: kill)
            // Where much is under way at each checkpoint none is whole, and the stream is joined under way.
            #expect(isLossy || plan.refused.isEmpty, "\(words), entry \(kill): \(plan.refused)")
            refused += plan.refused.count
            let kept = Set(whole.kept(after: kill).map(\.kept.stream))
            for stream in kept.subtracting(plan.refused.map(\.stream)) {
                let wanted = rest(whole, stream, after: kill)
                let told = run.events.filter { $0.stream == stream }
                let place = zip(wanted, told).enumerated().first { $0.element.0 != $0.element.1 }
                #expect(
                    wanted == told,
                    "\(words), entry \(kill): \(wanted.count) and \(told.count), at \(String(describing: place))"
                )
                compared += wanted.count
            }
        }
        return (compared, refused)
    }

    @Test(arguments: ["mitdb/207_1530", "mitdb/203_0030", "mitdb/119_0000", "mitdb/100_0000"])
    func `P18 a real recording goes on from a checkpoint at any moment bit for bit`(record: String) throws {
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 7)
        for (tracks, milliseconds) in [(1, Int64(200)), (2, 330)] {
            let chunks = try Self.chunks(record, stream, milliseconds: milliseconds, tracks: tracks)
            let log = CheckpointRun.log(chunks)
            var generator = SeededGenerator(seed: UInt64(tracks))
            let kills = (0..<6).map { _ in Int.random(in: 1..<log.count, using: &generator) }
            let compared = judge(log, kills: kills, "\(record), \(tracks) tracks").compared
            #expect(compared > 100)
        }
    }

    @Test func `P18 streams of several rates with losses, lateness and holes go on bit for bit`() throws {
        var (compared, refused) = (0, 0)
        for seed in seeds(12) {
            var generator = SeededGenerator(seed: seed)
            var chunks: [LeadChunk] = []
            for number in 1...2 {
                var stream = SentStream.random(seconds: 45, using: &generator)
                stream.identity = StreamIdentity(patient: "p\(number)", device: "d\(number)", epoch: seed)
                var sequence: UInt64 = 0
                for track in stream.tracks {
                    var first = track.first
                    while first < track.end {
                        let next = min(track.end, first + track.rate.samples(inMilliseconds: 250))
                        sequence += 1
                        chunks.append(
                            stream.chunk(
                                of: track,
                                leads: Array(track.leads.indices),
                                first..<next,
                                sequence: sequence
                            )
                        )
                        first = next
                    }
                }
            }
            var losses = generator
            let log = CheckpointRun.log(chunks) { _ in
                switch Int.random(in: 0..<40, using: &losses) {
                case 0: nil
                case 1...6: .random(in: 0...1_500_000_000, using: &losses)
                default: 0
                }
            }
            let kills = (0..<4).map { _ in Int.random(in: 1..<log.count, using: &generator) }
            let judged = judge(log, kills: kills, "seed \(seed)", isLossy: true)
            compared += judged.compared
            refused += judged.refused
        }
        #expect(compared > 1_000 && refused < 12)
    }
}
