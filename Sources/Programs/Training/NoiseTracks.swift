internal import ECGSignal
internal import Recordings

/// Real noise in the encoder's band: baseline wander, electrode motion and muscle of the MIT-BIH Noise Stress Test.
///
/// The first half of each recording alone, so that the second half can test. Moody et al. 1984.
struct NoiseTracks: Sendable {
    /// `[track][time]`, millivolts at 500 Hz.
    let tracks: [[Float]]

    /// The tracks of a folder with the records bw, em and ma, two channels each.
    static func read(_ folder: String) throws -> NoiseTracks {
        var tracks: [[Float]] = []
        for name in ["bw", "em", "ma"] {
            let recording = try Recording.load("\(folder)/\(name)")
            let stream = try RecordedStream.read(recording, nameLeads: "I,II").stream
            for lead in stream.leads {
                let half = lead.sampleCount / 2
                let samples = LeadSamples(lead: .i, millivolts: try lead.millivolts(0..<half))
                let count = Int(Double(half) * 500 / lead.rate.hertz)
                let rows = try WindowStore.conditioned([samples], rate: lead.rate, from: 0, count: count)
                tracks.append(stride(from: 0, to: rows.count, by: Lead.channelCount).map { rows[$0] })
            }
        }
        return NoiseTracks(tracks: tracks)
    }
}
