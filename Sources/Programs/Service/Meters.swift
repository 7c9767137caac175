internal import ECGSignal
internal import Findings
internal import Station
private import Synchronization
internal import Wire

/// What the daemon's threads count of their work, for METRICS.
///
/// The package swift-metrics was weighed for this: its figures go to one backend for the whole process, which would have to
/// be written here all the same to answer METRICS, and each of its timers is reached through an existential. These counters
/// are values of this daemon, and what stands on the way of samples neither allocates nor locks.
final class Meters: Sendable {
    /// A part of the way from a frame to an event.
    enum Stage: String, CaseIterable, Sendable {
        /// Reading and judging one frame.
        case admission
        /// What a chunk waits for, from when it came until a worker takes it.
        case waiting
        /// What a worker does with one chunk: assembled, resampled, filtered, graded, its beats found, its alarms decided.
        case conditioning
        /// One step of the encoder for the streams that are due together, with their rankings.
        case encoding
        /// Writing one event and handing it to libzmq.
        case publishing
    }

    /// What the publisher counts.
    struct Published: Sendable {
        /// Events by kind.
        var events: [EventKind: Int] = [:]
        /// Technical events by code.
        var technical: [TechnicalEvent.Code: Int] = [:]
        /// Alarms that began, by the word of their priority.
        var alarms: [String: Int] = [:]
        /// Windows by what became of them: `ranked`, or why they were withheld.
        var windows: [String: Int] = [:]
    }

    private let stages = Stage.allCases.map { _ in DurationHistogram() }
    /// From the frame that completed a window or decided an alarm until its event was sent.
    private let diagnosisLatency = DurationHistogram()
    private let alarmLatency = DurationHistogram()
    private let lags: [AtomicCount]
    private let counts = Mutex(Published())
    /// Heartbeats sent so far.
    let heartbeats = AtomicCount()

    /// Meters of so many workers.
    init(workers: Int) { lags = (0..<workers).map { _ in AtomicCount() } }

    /// A stage took so long once.
    func took(_ stage: Stage, _ duration: MonotonicNanoseconds) {
        switch stage {
        case .admission: stages[0].add(duration)
        case .waiting: stages[1].add(duration)
        case .conditioning: stages[2].add(duration)
        case .encoding: stages[3].add(duration)
        case .publishing: stages[4].add(duration)
        }
    }

    /// How far that worker is behind what has come: what its newest chunk had waited for.
    func lags(_ duration: MonotonicNanoseconds, worker: Int) { lags[worker].set(Int(duration)) }

    /// An event was sent, `duration` after its frame where one completed it.
    func sent(_ event: Event, after duration: MonotonicNanoseconds?) {
        counts.withLock { counts in
            switch event.content {
            case .diagnosis(_, let window):
                counts.events[.diagnosis, default: 0] += 1
                counts.windows[window.windowWithheld?.rawValue ?? "ranked", default: 0] += 1
            case .alarm(let alarm):
                counts.events[.alarm, default: 0] += 1
                if alarm.phase == .start { counts.alarms[alarm.priority.rawValue, default: 0] += 1 }
            case .vitals: counts.events[.vitals, default: 0] += 1
            case .technical(let fact):
                counts.events[.tech, default: 0] += 1
                counts.technical[fact.code, default: 0] += 1
            }
        }
        guard let duration else { return }
        switch event.content {
        case .diagnosis: diagnosisLatency.add(duration)
        case .alarm: alarmLatency.add(duration)
        case .vitals, .technical: break
        }
    }

    /// What the publisher has counted.
    var published: Published { counts.withLock { $0 } }

    /// How long each stage took.
    var stageTimes: [(stage: Stage, times: Metric.Distribution)] {
        zip(Stage.allCases, stages).map { ($0, $1.distribution) }
    }

    /// How long after their frames events were sent.
    var latencies: [(kind: EventKind, times: Metric.Distribution)] {
        [(.diagnosis, diagnosisLatency.distribution), (.alarm, alarmLatency.distribution)]
    }

    /// How far each worker is behind, nanoseconds.
    var workerLags: [Int] { lags.map(\.value) }
}
