public import ECGSignal
public import Wire

/// How recordings become the streams of patients.
public struct ReplayOptions: Sendable {
    /// How many milliseconds of signal a chunk has, 1 to 1,000.
    public var chunkMilliseconds: Int64 = 200
    /// The stretches in which leads are not sent.
    public var gaps: [ReplayGap] = []
    /// Whether a stream continues from its recording's start, with growing indices, when that has ended.
    public var isLooping = false
    /// The encoding of the samples; what does not fit is sent as `int32`, and a remark says so.
    public var encoding: SampleEncoding = .int16
    /// Whether all streams start at once, which is the worst case for the daemon.
    ///
    /// Otherwise the starts are spread uniformly over one hop of 512 grid samples.
    public var isAligned = false

    /// What happens to the messages on their way.
    public var trouble = Trouble.Options()

    /// Makes the standard options.
    public init() {}

    /// Refuses trouble that cannot be.
    func checkTrouble() throws(ReplayError) {
        for (name, share) in [
            ("drop", trouble.drop), ("duplicate", trouble.duplicate), ("reorder", trouble.reorder),
        ] {
            guard (0...1).contains(share), name != "drop" || share < 1 else {
                throw ReplayError(.usage, "\(name) \(share): give a share of the messages, 0 to 1, as 0.05")
            }
        }
        guard (0...10_000).contains(trouble.jitterMilliseconds) else {
            throw ReplayError(.usage, "jitter of \(trouble.jitterMilliseconds) ms: give 0 to 10000")
        }
        guard abs(trouble.driftPartsPerMillion) <= 500_000 else {
            throw ReplayError(
                .usage,
                "drift of \(trouble.driftPartsPerMillion) ppm: give -500000 to 500000"
            )
        }
    }
}

/// Why recordings cannot be replayed as they were asked to be.
public struct ReplayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who can mend it.
    public enum Kind: Sendable {
        /// The person who gave the options can.
        case usage
        /// Nobody can; the recording cannot be sent.
        case data
    }

    /// Who can mend it.
    public let kind: Kind
    /// What is wrong, where, with which value, and what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// A stretch of stream time in which some or all leads are not sent: a loose electrode, a lost radio link.
public struct ReplayGap: Sendable, Equatable {
    /// Where it begins, from the epoch's origin.
    public let start: StreamTime
    /// Where it ends, one past its last instant.
    public let end: StreamTime
    /// The leads that are not sent; nil for all.
    public let leads: [Lead]?

    /// Reads `START:SECONDS[:LEADS]`, seconds with at most three decimals: `3.5:2`, `10:0.25:V1,V2`.
    public init(_ text: String) throws(ReplayError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let from = thousandths(parts[0]),
            let length = thousandths(parts[1]), length > 0
        else {
            throw ReplayError(
                .usage,
                "gap \"\(text)\": give START:SECONDS[:LEADS], seconds with at most three decimals, as 3.5:2 or "
                    + "10:0.25:V1,V2"
            )
        }
        start = StreamTime(units: from, unitsPerSecond: 1_000)
        end = StreamTime(units: from + length, unitsPerSecond: 1_000)
        guard parts.count == 3 else {
            leads = nil
            return
        }
        var named: [Lead] = []
        for word in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
            guard let lead = Lead(name: String(word)) else {
                throw ReplayError(.usage, "gap \"\(text)\": \"\(word)\" is no lead; name them as I,V1")
            }
            named.append(lead)
        }
        leads = named
    }
}

extension SampleRate {
    /// Reads a rate in hertz: `130`, `128.5` or `65615/128`; nil unless it is 100 to 2,000 Hz.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let numerator = whole(parts[0]), let denominator = whole(parts[1]) else { return nil }
            self.init(numerator, over: denominator)
        } else {
            guard let value = thousandths(text[...]) else { return nil }
            self.init(value, over: 1_000)
        }
    }
}

/// Reads a decimal of at most nine digits before the point and three behind it, in thousandths.
private func thousandths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let seconds = whole(parts[0]) else { return nil }
    guard parts.count == 2 else { return seconds * 1_000 }
    guard parts[1].utf8.count <= 3, let fraction = whole(parts[1]) else { return nil }
    return seconds * 1_000 + (parts[1].utf8.count..<3).reduce(fraction) { value, _ in value * 10 }
}

/// Reads one to nine decimal digits.
private func whole(_ text: Substring) -> Int64? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
        return nil
    }
    return Int64(text)
}
