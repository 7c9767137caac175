internal import Wire

/// What daemons count, and what this dashboard knows of them, for Prometheus.
///
/// Each sample of a daemon has the label `daemon`, its endpoint of events. No label names a patient, and whoever reads them
/// needs no login: they say how daemons are, not how people are.
extension Board {
    /// Milliseconds after which a daemon's own figures are told no more: they may be long gone.
    static let metricsMax: Int64 = 10_000

    /// What a daemon answered to METRICS.
    mutating func take(metrics: [Metric], from source: Int, at now: Int64) {
        sources[source].metrics = metrics
        sources[source].metricsAt = now
    }

    /// Every metric: first what this dashboard knows, then what the daemons say of themselves.
    func metrics(tabs: Int, at now: Int64) -> [Metric] {
        own(tabs: tabs, at: now)
            + sources.flatMap { source -> [Metric] in
                guard let told = source.metricsAt, now - told <= Board.metricsMax else { return [] }
                return source.metrics.map { metric in
                    var labelled = metric
                    for place in labelled.samples.indices {
                        labelled.samples[place].labels.insert(Board.label(source), at: 0)
                    }
                    return labelled
                }
            }
    }

    private static func label(_ source: Source) -> Metric.Label { Metric.Label("daemon", source.events) }

    private func each(
        _ name: String,
        _ kind: Metric.Kind,
        _ help: String,
        _ value: (Source) -> Double
    ) -> Metric {
        Metric(name, kind, help, sources.map { Metric.Sample([Board.label($0)], .number(value($0))) })
    }

    private func own(tabs: Int, at now: Int64) -> [Metric] {
        [
            each("shinden_dashboard_daemon_heard", .gauge, "Whether the daemon's heartbeats come.") {
                $0.heardAt != nil && !$0.isLost ? 1 : 0
            },
            // A daemon that was never heard is as silent as this dashboard is old.
            each(
                "shinden_dashboard_heartbeat_age_seconds",
                .gauge,
                "Since anything was heard of the daemon; it beats once a second."
            ) { Double(now - ($0.heardAt ?? 0)) / 1_000 },
            each(
                "shinden_dashboard_events_missed_total",
                .counter,
                "Events of the daemon that this dashboard knows it has missed."
            ) { Double($0.missed) },
            Metric("shinden_dashboard_tabs", .gauge, "Pages that are looked at now.", tabs),
            Metric("shinden_dashboard_tiles", .gauge, "Patients that have a tile.", tiles.count),
            Metric(
                "shinden_dashboard_turned_away_total",
                .counter,
                "Times that a patient found no tile free.",
                turnedAway
            ),
        ]
    }
}
