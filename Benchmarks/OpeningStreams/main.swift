import ECGSignal
import Findings
import Pipeline
import Station
import TestSupport

/// How long it takes to open many streams, one after the other: admission and one worker, a first chunk each.

func chunk(_ number: Int) -> LeadChunk {
    LeadChunk(
        stream: StreamIdentity(patient: "p\(number)", device: "d\(number)", epoch: 1),
        sequence: 1,
        firstSample: 0,
        sampleCount: 25,
        rate: SampleRate(250) ?? .grid,
        leads: [LeadSamples(lead: .ii, millivolts: Array(repeating: 0, count: 25))]
    )
}

func milliseconds(toOpen count: Int) -> Double {
    let entries = (0..<count).map { number in
        LoggedEntry<JudgedMessage>(
            .frame(.success(chunk(number)), endpoint: "benchmark"),
            at: Arrival(utc: 0, monotonic: 0)
        )
    }
    var limits = Admission.Limits()
    limits.streamsMax = count
    var admission = Admission(limits: limits)
    var shard = Shard(model: NarrowModel.shared, hop: .standard)
    let start = ContinuousClock.now
    for entry in entries {
        for action in admission.take(entry) {
            if case .deliver(let slot, let input) = action {
                _ = shard.take(input, for: slot, at: entry.arrival)
            }
        }
    }
    let taken = ContinuousClock.now - start
    precondition(admission.openCount == count, "every stream is open")
    return Double(taken.components.seconds) * 1e3 + Double(taken.components.attoseconds) / 1e15
}

_ = milliseconds(toOpen: 100)
for count in [1_000, 2_000, 4_000, 8_000] {
    let times = (0..<5).map { _ in milliseconds(toOpen: count) }.sorted()
    print(
        "\(count) streams: \(Int(times[2].rounded())) ms (median of five; \(Int(times[0])) to \(Int(times[4])))"
    )
}
