/// One figure that a program counts or measures, as METRICS tells it and Prometheus reads it.
public struct Metric: Sendable, Equatable {
    /// How a figure moves.
    public enum Kind: String, Sendable, CaseIterable {
        /// It only rises while the daemon runs.
        case counter
        /// It rises and falls.
        case gauge
        /// How often something took at most so long.
        case histogram
    }

    /// A name with its text, which tells one sample of a metric from the next.
    public struct Label: Sendable, Equatable {
        /// The label's name.
        public let name: String
        /// Its text; it names no patient and no device.
        public let value: String

        /// A label of that name.
        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// How often something was at most each of several bounds.
    public struct Distribution: Sendable, Equatable {
        /// The bounds, rising, in the metric's unit.
        public var bounds: [Double]
        /// How often it was at most that bound, those of lower bounds among them.
        public var counts: [Int64]
        /// How often it was anything.
        public var count: Int64
        /// All together, in the metric's unit.
        public var sum: Double

        /// A distribution over as many bounds as counts.
        public init(bounds: [Double], counts: [Int64], count: Int64, sum: Double) {
            precondition(bounds.count == counts.count, "a count for each bound")
            (self.bounds, self.counts, self.count, self.sum) = (bounds, counts, count, sum)
        }
    }

    /// What a sample says.
    public enum Value: Sendable, Equatable {
        /// A number.
        case number(Double)
        /// Numbers by bounds, of a histogram.
        case distribution(Distribution)
    }

    /// One value of a metric.
    public struct Sample: Sendable, Equatable {
        /// What it is of; empty where the metric has one sample.
        public var labels: [Label]
        /// The value of the sample.
        public let value: Value

        /// A sample with those labels.
        public init(_ labels: [Label], _ value: Value) { (self.labels, self.value) = (labels, value) }

        /// The one sample of a metric.
        public init(_ value: Value) { self.init([], value) }
    }

    /// Its name: `shinden_`, words, the unit, and `_total` where it is a counter.
    public let name: String
    /// Whether the metric only grows, goes up and down, or counts by size.
    public let kind: Kind
    /// One sentence on what it is.
    public let help: String
    /// Its values now.
    public var samples: [Sample]

    /// Makes a metric of its parts.
    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        (self.name, self.kind, self.help, self.samples) = (name, kind, help, samples)
    }

    /// A metric of one number.
    public init(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        self.init(name, kind, help, [Sample(.number(Double(value)))])
    }
}

/// The reply to METRICS: what the daemon counts and measures of itself.
public enum MetricsReport {
    /// The name of the list that is told page by page.
    public static let list = "metrics"
    /// Metrics that are read of one daemon at most.
    public static let metricsMax = 256
    /// Samples that are read of one metric at most.
    public static let samplesMax = 1_024
    /// Bytes of a label's text that are read at most, and of a help's.
    public static let textBytesMax = 512
    private static let boundsMax = 64

    /// Writes a metric.
    public static func object(_ metric: Metric) -> JSONObject {
        [
            "name": .string(metric.name), "type": .string(metric.kind.rawValue),
            "help": .string(metric.help), "samples": .array(metric.samples.map { .object(object($0)) }),
        ]
    }

    private static func object(_ sample: Metric.Sample) -> JSONObject {
        let labels = JSONObject(sample.labels.map { ($0.name, JSONValue.string($0.value)) })
        switch sample.value {
        case .number(let number):
            return ["labels": .object(labels), "value": value(number)]
        case .distribution(let found):
            let buckets = zip(found.bounds, found.counts).map { bound, count in
                JSONValue.array([.number(bound), .integer(count)])
            }
            return [
                "labels": .object(labels), "buckets": .array(buckets), "count": .integer(found.count),
                "sum": value(found.sum),
            ]
        }
    }

    /// Whole numbers stay whole; others have six decimals, a microsecond where they are seconds.
    private static func value(_ number: Double) -> JSONValue {
        Int64(exactly: number).map(JSONValue.integer) ?? .decimal(number, places: 6)
    }

    /// Reads the metrics of a page; what has another form than here is left out.
    ///
    /// A name must be one that Prometheus takes and begin with `shinden_`, so that nothing a daemon says can be read as
    /// something else.
    public static func metrics(_ entries: [JSONObject]) -> [Metric] {
        entries.prefix(metricsMax).compactMap(metric)
    }

    private static func metric(_ entry: JSONObject) -> Metric? {
        guard let name = entry["name"]?.text, isName(name), name.hasPrefix("shinden_"),
            let kind = entry["type"]?.text.flatMap(Metric.Kind.init), let help = entry["help"]?.text,
            help.utf8.count <= textBytesMax, let samples = entry["samples"]?.array
        else { return nil }
        return Metric(
            name,
            kind,
            help,
            samples.prefix(samplesMax).compactMap { $0.object.flatMap { sample($0, kind) } }
        )
    }

    private static func sample(_ entry: JSONObject, _ kind: Metric.Kind) -> Metric.Sample? {
        var labels: [Metric.Label] = []
        for member in entry["labels"]?.object?.members ?? [] {
            guard isName(member.name), let text = member.value.text, text.utf8.count <= textBytesMax else {
                return nil
            }
            labels.append(Metric.Label(member.name, text))
        }
        guard kind == .histogram else {
            return entry["value"]?.real.map { Metric.Sample(labels, .number($0)) }
        }
        guard let count = entry["count"]?.whole, let sum = entry["sum"]?.real,
            let buckets = entry["buckets"]?.array, buckets.count <= boundsMax
        else { return nil }
        let pairs = buckets.compactMap { bucket -> (Double, Int64)? in
            guard let pair = bucket.array, pair.count == 2, let bound = pair[0].real,
                let count = pair[1].whole
            else { return nil }
            return (bound, count)
        }
        let isRising = zip(pairs, pairs.dropFirst()).allSatisfy { $0.0 < $1.0 && $0.1 <= $1.1 }
        guard pairs.count == buckets.count, isRising, pairs.last.map({ $0.1 <= count }) ?? true else {
            return nil
        }
        return Metric.Sample(
            labels,
            .distribution(
                Metric.Distribution(
                    bounds: pairs.map(\.0),
                    counts: pairs.map(\.1),
                    count: count,
                    sum: sum
                )
            )
        )
    }

    /// Whether a text is a name: lower-case letters, digits and `_`, a letter first, 100 at most.
    private static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { letter in
            switch letter {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: letter == UInt8(ascii: "_")
            }
        }
        let first = text.utf8.first ?? 0
        return isPlain && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) && text.utf8.count <= 100
    }
}
