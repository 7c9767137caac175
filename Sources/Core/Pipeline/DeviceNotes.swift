internal import ECGSignal
internal import Findings

/// What a stream's device has said of itself, as far as measures rest on it.
///
/// It counts for the seconds that become complete after the chunk that said it.
struct DeviceNotes: Sendable, Codable {
    /// Above this the high-pass filter bends the ST segment: 0.05 Hz, as single precision has it.
    private static let highPassMax: Float = 0.05
    /// Below this the low-pass filter takes part of the end of QRS into it, hertz.
    private static let lowPassMin: Float = 40
    /// For so many grid samples after a pacing spike the beats count as paced: 60 s.
    private static let pacedSamples: GridIndex = 30_000

    /// Whether the filters leave the ST segment as it is; nil while the device has not said both of them.
    private var showsST: Bool?
    private var newestSpike: GridIndex?
    /// Whether a lead of a known position was sent.
    private var hasPlacedLead = false

    /// Notes what a chunk says.
    mutating func note(_ chunk: LeadChunk) {
        if let acquisition = chunk.device.acquisition {
            if let highPass = acquisition.highPassHertz, let lowPass = acquisition.lowPassHertz {
                showsST = highPass <= DeviceNotes.highPassMax && lowPass >= DeviceNotes.lowPassMin
            } else {
                showsST = nil
            }
        }
        for lead in chunk.leads {
            if lead.lead.channel != nil { hasPlacedLead = true }
            guard let last = lead.facts.pacerSpikes.last else { continue }
            let place = chunk.rate.gridIndex(notBefore: chunk.firstSample + SampleIndex(last))
            newestSpike = max(newestSpike ?? place, place)
        }
    }

    /// The intervals of a second with the ST levels that the device lets be known; `isPaced` where spikes were seen that it
    /// did not mark.
    func judge(_ waves: WaveIntervals, isPaced: Bool, before end: GridIndex) -> WaveIntervals {
        guard waves.st.reason == nil else { return waves }
        if isPaced { return waves.withoutST(.paced) }
        if let newestSpike, newestSpike >= end - DeviceNotes.pacedSamples { return waves.withoutST(.paced) }
        guard showsST == true else { return waves.withoutST(.bandwidth) }
        return hasPlacedLead ? waves : waves.withoutST(.leadUnknown)
    }
}
