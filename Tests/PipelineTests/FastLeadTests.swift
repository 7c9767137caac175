import ECGSignal
import Findings
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// QRS complexes of leads that are sent at 1,000 Hz are no pacing spikes.
@Suite struct FastLeadTests {
    private static let leads = Lead.standard.map(\.name)
    private static let pairs = leads.indices.flatMap { one in
        leads[(one + 1)...].map { leads[one] + "," + $0 }
    }

    @Test(arguments: leads + pairs)
    func `a heart that beats at 103/min has no asystole in one lead or two of 1,000 Hz`(leads: String) throws
    {
        let recording = try Recording.load(Repository.fixtures + "/ptb/S0010")
        let chunks = try RecordedStream.read(recording, leads: leads).stream.allChunks()
        let seen = try observations(of: chunks)
        #expect(!seen.contains { $0.begins(["asystole", "pause", "bradycardia", "extreme_bradycardia"]) })
        let beats = seen.count { $0.content == .beat }
        #expect((185...205).contains(beats), "\(leads): \(beats)")
    }
}

extension Observation {
    /// Whether one of these statements begins to hold with it.
    func begins(_ statements: Set<String>) -> Bool {
        guard case .finding(let finding) = content else { return false }
        return finding.holds && statements.contains(finding.statement)
    }
}

/// What is observed of some chunks, to the end of their stream.
func observations(of chunks: [LeadChunk]) throws -> [Observation] {
    var timeline = StreamTimeline()
    var stream: RhythmStream?
    var seen: [Observation] = []
    for chunk in chunks {
        if stream == nil { stream = RhythmStream(first: chunk, at: Arrival(utc: 0, monotonic: 0)) }
        stream?.take(timeline.place(chunk), table: try Tables.of(chunk.rate))
        seen += stream?.observations ?? []
    }
    timeline.tick()
    stream?.close(timeline.front)
    return seen + (stream?.observations ?? [])
}
