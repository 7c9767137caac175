internal import ECGSignal
private import Findings
internal import Logging
private import Machine
internal import Station
internal import Wire

/// What METRICS answers: docs/METRICS.md has the table.
///
/// No label and no help names a patient, a device or a stream, and the number of samples is bounded by the configuration.
extension ControlReplies {
    /// Every metric with its samples now, in the order of the table.
    var metrics: [Metric] {
        let now = state.current
        return service(now) + kept + input(now) + streams(now) + work + output + process
    }

    /// Of the journal; nothing of it has samples where none is kept.
    private var kept: [Metric] {
        let now = journal?.current
        func samples(_ value: Int?) -> [Metric.Sample] {
            value.map { [Metric.Sample(.number(Double($0)))] } ?? []
        }
        return [
            Metric(
                "shinden_journal_durable",
                .gauge,
                "Whether events are on the disk before they are published.",
                samples(now.map { $0.place != nil && $0.isTrusted ? 1 : 0 })
            ),
            Metric(
                "shinden_journal_events_total",
                .counter,
                "Events that were made durable in this run.",
                samples(now?.kept)
            ),
            Metric(
                "shinden_journal_sequence",
                .gauge,
                "The number of the newest durable event.",
                samples((now?.place?.sequence).map { Int($0) })
            ),
            Metric(
                "shinden_journal_bytes",
                .gauge,
                "Bytes of the journal's file that hold something, as they were at most 10 s ago.",
                samples(now?.bytes)
            ),
        ]
    }

    private static func counted(
        _ name: String,
        _ kind: Metric.Kind,
        _ help: String,
        _ label: String,
        _ counts: [(String, Int)]
    ) -> Metric {
        Metric(
            name,
            kind,
            help,
            counts.map { Metric.Sample([Metric.Label(label, $0.0)], .number(Double($0.1))) }
        )
    }

    private func service(_ now: DaemonState.Snapshot) -> [Metric] {
        let labels = [
            Metric.Label("version", Daemon.version), Metric.Label("model", modelName),
            Metric.Label("run", run),
        ]
        return [
            Metric(
                "shinden_info",
                .gauge,
                "Version, model and run of the daemon; always 1.",
                [Metric.Sample(labels, .number(1))]
            ),
            Metric(
                "shinden_ready",
                .gauge,
                "Whether it takes frames and publishes events.",
                now.isReady ? 1 : 0
            ),
            Metric(
                "shinden_uptime_seconds",
                .gauge,
                "Since its start.",
                clocks.sinceStart / 1_000_000_000
            ),
            Metric(
                "shinden_record_failed",
                .gauge,
                "Whether the frame log ends before the run does.",
                now.recordFault == nil ? 0 : 1
            ),
        ]
    }

    private func input(_ now: DaemonState.Snapshot) -> [Metric] {
        let refused = now.refused.map { endpoint, code, count in
            Metric.Sample(
                [Metric.Label("endpoint", endpoint), Metric.Label("code", code.rawValue)],
                .number(Double(count))
            )
        }
        return [
            Metric(
                "shinden_frames_total",
                .counter,
                "Messages that gateways have sent.",
                now.framesReceived
            ),
            Metric(
                "shinden_refused_chunks_total",
                .counter,
                "Chunks refused, by the endpoint that they came in by and the reason.",
                refused
            ),
            Metric("shinden_gateways", .gauge, "Gateways that are connected.", now.peers),
            Metric(
                "shinden_links_dropped_total",
                .counter,
                "Links that broke and whose sender came again.",
                now.linksDropped
            ),
        ]
    }

    private func streams(_ now: DaemonState.Snapshot) -> [Metric] {
        let statuses = now.shards.joined()
        var totals = StreamTotals()
        for past in now.past { totals.add(past) }
        for status in statuses { totals.add(status) }
        let ledger = totals.ledger
        func count(_ isMeant: (Shard.State) -> Bool) -> Int { statuses.count { isMeant($0.state) } }
        return [
            ControlReplies.counted(
                "shinden_streams",
                .gauge,
                "Open streams, by state.",
                "state",
                [
                    ("starting", count { $0 == .starting }), ("live", count { $0 == .live }),
                    ("silent", count { $0 == .silent }),
                ]
            ),
            Metric("shinden_streams_max", .gauge, "Streams that may be open at once.", limits.streamsMax),
            Metric(
                "shinden_samples_received_total",
                .counter,
                "Samples that came, of all leads together.",
                ledger.received
            ),
            ControlReplies.counted(
                "shinden_samples_total",
                .counter,
                "What became of samples; with those held they are those received.",
                "fate",
                [
                    ("analysed", ledger.analysed), ("duplicate", ledger.duplicate),
                    ("conflict", ledger.conflict), ("late", ledger.late), ("refused", ledger.refused),
                ]
            ),
            Metric("shinden_samples_held", .gauge, "Samples that wait for an earlier one.", ledger.held),
            Metric(
                "shinden_chunks_missing_total",
                .counter,
                "Chunks that gateways counted and that did not come within the horizon.",
                totals.missingChunks
            ),
            Metric(
                "shinden_chunks_duplicate_total",
                .counter,
                "Chunks that came again.",
                totals.duplicateChunks
            ),
        ]
    }

    private var work: [Metric] {
        let meters = state.meters
        return [
            Metric(
                "shinden_stage_seconds",
                .histogram,
                "How long the parts of the way from a frame to an event take.",
                meters.stageTimes.map {
                    Metric.Sample([Metric.Label("stage", $0.stage.rawValue)], .distribution($0.times))
                }
            ),
            Metric(
                "shinden_latency_seconds",
                .histogram,
                "From the frame that completed a window or decided an alarm until its event was sent.",
                meters.latencies.map {
                    Metric.Sample([Metric.Label("kind", $0.kind.rawValue)], .distribution($0.times))
                }
            ),
            Metric(
                "shinden_worker_lag_seconds",
                .gauge,
                "How long the newest chunk of each worker had waited; 0 where none waits.",
                meters.workerLags.enumerated().map {
                    Metric.Sample(
                        [Metric.Label("worker", "\($0.offset)")],
                        .number(Double($0.element) / 1e9)
                    )
                }
            ),
            ControlReplies.counted(
                "shinden_queue_length",
                .gauge,
                "Elements that wait between two threads.",
                "queue",
                queues().map { ($0.name, $0.count) }
            ),
        ]
    }

    private var output: [Metric] {
        let published = state.meters.published
        let standing = state.alarms.countsByPriority
        let kinds = EventKind.allCases.filter { $0.isPublished && $0 != .heartbeat && $0 != .status }
        return [
            ControlReplies.counted(
                "shinden_events_total",
                .counter,
                "Events sent, by kind.",
                "kind",
                kinds.map { ($0.rawValue, published.events[$0] ?? 0) }
            ),
            ControlReplies.counted(
                "shinden_windows_total",
                .counter,
                "Windows that were ranked, and those that were withheld, by the reason.",
                "outcome",
                ControlReplies.outcomes.map { ($0, published.windows[$0] ?? 0) }
            ),
            ControlReplies.counted(
                "shinden_alarms_total",
                .counter,
                "Alarms that began, by priority.",
                "priority",
                ControlReplies.priorities.map { ($0, published.alarms[$0] ?? 0) }
            ),
            ControlReplies.counted(
                "shinden_alarms_standing",
                .gauge,
                "Alarms that stand, by priority.",
                "priority",
                ControlReplies.priorities.map { ($0, standing[$0] ?? 0) }
            ),
            ControlReplies.counted(
                "shinden_technical_events_total",
                .counter,
                "Technical events sent, by code.",
                "code",
                published.technical.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
            ),
            Metric(
                "shinden_heartbeats_total",
                .counter,
                "Heartbeats sent; one that stands still tells of a publisher that does.",
                state.meters.heartbeats.value
            ),
        ]
    }

    private static let outcomes =
        ["ranked"]
        + [WindowDiagnosis.WindowWithheld.leadsMissing, .coverage, .quality].map(\.rawValue)
    private static let priorities = [
        AlarmEvent.Priority.high, .medium, .low, .info,
    ].map(\.rawValue)

    private var process: [Metric] {
        let lines = words?.counts ?? LineWriter.Counts()
        let files = OpenFiles.now
        return [
            ControlReplies.counted(
                "shinden_log_lines_total",
                .counter,
                "Lines of the log written, by level.",
                "level",
                Configuration.logLevels.map { ($0.rawValue, lines.written[$0] ?? 0) }
            ),
            Metric(
                "shinden_log_lines_dropped_total",
                .counter,
                "Lines of the log that nobody took.",
                lines.dropped
            ),
            Metric(
                "shinden_resident_memory_bytes",
                .gauge,
                "Memory that the process holds.",
                Memory.residentBytes.map { [Metric.Sample(.number(Double($0)))] } ?? []
            ),
            Metric(
                "shinden_open_files",
                .gauge,
                "Files and sockets that the process has open.",
                files.map { [Metric.Sample(.number(Double($0.count)))] } ?? []
            ),
            Metric(
                "shinden_open_files_max",
                .gauge,
                "Files and sockets that it may have open at once.",
                files.map { [Metric.Sample(.number(Double($0.most)))] } ?? []
            ),
        ]
    }
}
