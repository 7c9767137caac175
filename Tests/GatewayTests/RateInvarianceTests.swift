import Conditioning
import Diagnosis
import ECGEncoder
import ECGSignal
import Findings
import Gateway
import ModelFolder
import Pipeline
import Recordings
import Service
import TestSupport
import Testing

/// The same recording sent at another rate is the same ECG; 200 records are measured by Benchmarks/RateInvariance.
@Suite struct RateInvarianceTests {
    private static let records = [
        "00001", "00017", "00039", "00045", "00096", "00139", "00141", "00177", "00190", "00195", "00219",
        "00279", "00461",
    ]

    @Test(arguments: [100, 125, 128, 250, 256, 360, 512, 1_000] as [Int64])
    func `a recording sent at another rate keeps its embedding and its first statement`(hertz: Int64) throws {
        let model = try ModelFolder.load(Repository.defaultModel).runnable()
        let workspace = model.encoder.makeWorkspace()
        var reader = WindowReader()
        let rate = try #require(SampleRate(hertz))
        for name in RateInvarianceTests.records {
            let recording = try Recording.load("\(Repository.fixtures)/ptbxl/\(name)_hr")
            let (stream, _) = try RecordedStream.read(recording)
            let sent = try RateConverter.convert(stream, to: rate)
            #expect(sent.rate == rate && sent.sampleCount == Int(10 * hertz), "\(name)")
            let native = try reader.firstWindow(of: stream.allChunks())
            let converted = try reader.firstWindow(of: sent.allChunks())
            let here = model.encoder.embed(window: try #require(native).rows, using: workspace)
            let there = model.encoder.embed(window: try #require(converted).rows, using: workspace)
            let cosine = here.cosine(to: there)
            #expect(cosine >= (hertz == 100 ? 0.999 : 0.9999), "\(name) at \(hertz) Hz: \(cosine)")
            let all = LeadSet(Lead.standard)
            let first = model.ranker.rank(here, usedLeads: all).top.first?.statement.id
            #expect(
                model.ranker.rank(there, usedLeads: all).top.first?.statement.id == first,
                "\(name) at \(hertz) Hz"
            )
        }
    }
}
