import Testing
import Wire

/// Metrics read back as they were written, and as Prometheus' text.
@Suite struct MetricsReportTests {
    private static let times = Metric.Distribution(
        bounds: [0.00005, 0.25],
        counts: [1, 3],
        count: 4,
        sum: 1.5
    )

    private static let metrics = [
        Metric("shinden_x_total", .counter, "How many.", 7),
        Metric(
            "shinden_y_seconds",
            .gauge,
            "How long.",
            [Metric.Sample([Metric.Label("queue", "a\"b\\c")], .number(0.5))]
        ),
        Metric(
            "shinden_z_seconds",
            .histogram,
            "How often.",
            [Metric.Sample([Metric.Label("stage", "one")], .distribution(times))]
        ),
    ]

    @Test func `metrics read back as they were written`() throws {
        let written = Self.metrics.map(MetricsReport.object)
        let bytes = JSONValue.array(written.map(JSONValue.object)).canonical
        let read = try #require(try JSONValue(parsing: bytes).array).compactMap(\.object)
        #expect(MetricsReport.metrics(read) == Self.metrics)
    }

    @Test func `Prometheus' text has each metric once, with the samples of all daemons`() {
        let text = PrometheusText.text(Self.metrics + [Self.metrics[0]])
        #expect(
            text == """
                # HELP shinden_x_total How many.
                # TYPE shinden_x_total counter
                shinden_x_total 7
                shinden_x_total 7
                # HELP shinden_y_seconds How long.
                # TYPE shinden_y_seconds gauge
                shinden_y_seconds{queue="a\\"b\\\\c"} 0.5
                # HELP shinden_z_seconds How often.
                # TYPE shinden_z_seconds histogram
                shinden_z_seconds_bucket{stage="one",le="5e-05"} 1
                shinden_z_seconds_bucket{stage="one",le="0.25"} 3
                shinden_z_seconds_bucket{stage="one",le="+Inf"} 4
                shinden_z_seconds_sum{stage="one"} 1.5
                shinden_z_seconds_count{stage="one"} 4

                """
        )
        #expect(PrometheusText.text([Metric("shinden_none", .gauge, "Nothing.", [])]) == "")
    }

    @Test(arguments: [
        #"{"name":"other_x","type":"gauge","help":"","samples":[]}"#,
        #"{"name":"shinden_x\n1","type":"gauge","help":"","samples":[]}"#,
        #"{"name":"shinden_X","type":"gauge","help":"","samples":[]}"#,
        #"{"name":"shinden_x","type":"summary","help":"","samples":[]}"#,
        #"{"name":"shinden_x","type":"gauge","samples":[]}"#,
    ])
    func `what is no metric is left out`(text: String) throws {
        let object = try #require(try JSONValue(parsing: Array(text.utf8)).object)
        #expect(MetricsReport.metrics([object]) == [])
    }

    @Test(arguments: [
        #"{"labels":{},"value":"1"}"#, #"{"labels":{"A":"x"},"value":1}"#, #"{"labels":{"a":1},"value":1}"#,
        #"{"labels":{},"buckets":[[1,2],[1,3]],"count":3,"sum":1}"#,
        #"{"labels":{},"buckets":[[1,2],[2,1]],"count":3,"sum":1}"#,
        #"{"labels":{},"buckets":[[1,2]],"count":1,"sum":1}"#,
        #"{"labels":{},"buckets":[[1]],"count":1,"sum":1}"#,
    ])
    func `what is no sample is left out`(text: String) throws {
        let object = try #require(try JSONValue(parsing: Array(text.utf8)).object)
        for kind in ["gauge", "histogram"] {
            let metric: JSONObject = [
                "name": .string("shinden_x"), "type": .string(kind), "help": .string("x"),
                "samples": .array([.object(object)]),
            ]
            #expect(MetricsReport.metrics([metric]).first?.samples == [])
        }
    }
}
