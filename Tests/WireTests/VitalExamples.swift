import ECGSignal
import Findings

/// The vital signs of Protocols/examples/events.jsonl: a second with a rate, and one without a beat.
func vitalExamples(of stream: StreamIdentity, endingAt end: UTCNanoseconds) -> [Event] {
    var levels = STLevels(unknown: .bandwidth)
    levels.set(0.0526, channel: 1)
    levels.set(-0.104, channel: 10)
    let beating = VitalSigns(
        second: 75,
        heartRate: .value(71.94245),
        interval: .value(834),
        ectopicPerMinute: .value(3),
        beats: 12,
        waves: WaveIntervals(pr: .value(157.6), qrs: .value(92.4), qt: .value(390.3), st: levels, beats: 8)
    )
    let still = VitalSigns(
        second: 76,
        heartRate: .unknown(.noBeats),
        interval: .unknown(.noBeats),
        ectopicPerMinute: .unknown(.starting),
        beats: 0,
        waves: WaveIntervals(unknown: .noBeats)
    )
    return [
        Event(.vitals(stream, beating), time: end), Event(.vitals(stream, still), time: 76_000_000_000),
    ]
}
