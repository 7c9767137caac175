public import ECGSignal

/// Something that a person should know of how a recording was read; surfaces print it as a sentence.
public enum RecordingRemark: Sendable, Equatable, CustomStringConvertible {
    /// A channel by its number, from 1, and its name in the header.
    public struct ChannelName: Sendable, Equatable, CustomStringConvertible {
        /// From 1, in the header's order.
        public let number: Int
        /// As the header has it.
        public let name: String

        /// The channel of that number and name.
        public init(_ number: Int, _ name: String) {
            self.number = number
            self.name = name
        }

        /// `channel 2, ABP`.
        public var description: String { "channel \(number), \(name)" }
    }

    // MARK: of the header

    /// The header states no sampling rate; WFDB's default stands in.
    case rateAssumed
    /// The stated rate is no fraction that a stream can have; the nearest one stands in.
    case rateRounded(from: String, to: SampleRate)
    /// These channels state no gain; WFDB's default stands in.
    case gainAssumed([String])
    /// The gain of these channels is negative, so that their samples are turned upside down.
    case gainNegative([String])
    /// The header's date cannot be used.
    case dateUnusable(String)
    /// The header's time of day cannot be used.
    case timeUnusable(String)
    /// The header has a time of day and no date.
    case dateMissing
    /// A block size other than 0 has no meaning for a file on disk.
    case blockSizeIgnored(Int)

    // MARK: of the signal files

    /// First values and checksums are 0 in every signal line of this header.
    case checksumsNeverComputed(header: String)
    /// The file goes on after the samples that the header counts.
    case fileLonger(file: String, samples: Int, bytesLeft: Int)
    /// The file ends within a sample of some signal.
    case fileEndsWithinFrame(file: String, bytesLeft: Int)
    /// A segment's own header counts other samples than the record's.
    case segmentLength(segment: String, own: Int, counted: Int)
    /// The segments add up to another length than the record line says.
    case recordLength(claimed: Int, sum: Int)
    /// These signals are shifted by the header's skew.
    case skewed([String])

    /// So many further remarks of the kinds before it; a record of thousands of segments can have one for each.
    case more(Int)

    // MARK: of the channels

    /// The unit is no voltage: the channel is left out.
    case noVoltage(ChannelName, unit: String)
    /// The name says that the channel is something else than an ECG: it is left out.
    case neverECG(ChannelName)
    /// An ECG lead without a place among the standard ones: it is left out.
    case noStandardPosition(ChannelName)
    /// No lead has that name: the channel is left out.
    case unknownName(ChannelName)
    /// The rate is not one that a stream can have: the channel is left out.
    case rateOutside(ChannelName, hertz: Double)
    /// One unit of the channel is more than a millivolt or nothing: it is left out.
    case unitOutside(ChannelName, nanovolts: Double)
    /// The name is not the lead's own.
    case readAs(ChannelName, Lead)
    /// An ECG of an unknown place, the only one: it is read as a patch.
    case readAsPatch(ChannelName)
    /// `--name-leads` says another lead than the channel's name.
    case namedByHand(ChannelName, Lead)
    /// `--name-leads` leaves the channel out.
    case leftOutByHand(ChannelName)

    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .rateAssumed: "the header states no sampling rate; WFDB's default, 250 Hz, is taken"
        case .rateRounded(let text, let rate):
            "a sampling rate of \(text) Hz is taken as \(rate.numerator)/\(rate.denominator) Hz"
        case .gainAssumed(let names):
            "\(list(names)): the header states no gain; WFDB's default, 200 units per mV, is taken, so the voltage is not certain"
        case .gainNegative(let names):
            "\(list(names)): the gain is negative, so the samples are turned upside down"
        case .dateUnusable(let text): "the date \"\(text)\" is not usable; 1970-01-01 is taken"
        case .timeUnusable(let text): "the time of day \"\(text)\" is not usable and is left out"
        case .dateMissing: "the header has a time of day and no date; 1970-01-01 is taken"
        case .blockSizeIgnored(let size):
            "the header states blocks of \(size) bytes, which have no meaning for a file on disk"
        case .checksumsNeverComputed(let header):
            "the checksums in \(header) were never computed (all are 0), so damage to the samples would not be noticed"
        case .fileLonger(let file, let samples, let bytes):
            "\(file) goes on for \(bytes) bytes after the \(samples) samples that the header counts; these count"
        case .fileEndsWithinFrame(let file, let bytes):
            "\(file) ends with \(bytes) bytes that are no whole sample of all signals; they are left out"
        case .segmentLength(let segment, let own, let counted):
            "segment \(segment) has \(own) samples by its own header and \(counted) by the record's, which counts"
        case .recordLength(let claimed, let sum):
            "the record line says \(claimed) samples, its segments add up to \(sum), which count"
        case .skewed(let names):
            "\(list(names)): shifted by the skew that the header states; what lies beyond the file's end is missing"
        case .more(let count): "\(count) further remarks of these kinds are left out"
        case .noVoltage(let channel, let unit): "\(channel), is in \(unit), no voltage, and is left out"
        case .neverECG(let channel): "\(channel), is no ECG and is left out"
        case .noStandardPosition(let channel):
            "\(channel), has no standard position and is left out; name it with --name-leads if you know better"
        case .unknownName(let channel):
            "\(channel), is no lead that is known and is left out; name it with --name-leads if you know better"
        case .rateOutside(let channel, let hertz):
            "\(channel), has \(hertz) Hz, which is not within 100 ... 2,000 Hz, and is left out"
        case .unitOutside(let channel, let nanovolts):
            "\(channel), has a unit of \(nanovolts) nV, which is not within 0 ... 1e6 nV, and is left out"
        case .readAs(let channel, let lead): "\(channel), is read as \(lead.name)"
        case .readAsPatch(let channel):
            "\(channel), is an ECG of an unknown place and is read as PATCH: only statements that any lead can bear are "
                + "ranked; if you know the lead, say so, for example --name-leads II"
        case .namedByHand(let channel, let lead): "\(channel), is read as \(lead.name), as told"
        case .leftOutByHand(let channel): "\(channel), is left out, as told"
        }
    }

    /// Each remark once, at most 20 of them, the number of the others behind them.
    static func shortened(_ remarks: [RecordingRemark]) -> [RecordingRemark] {
        var kept: [RecordingRemark] = []
        var others = 0
        for remark in remarks where !kept.contains(remark) {
            if kept.count < 20 { kept.append(remark) } else { others += 1 }
        }
        return others > 0 ? kept + [.more(others)] : kept
    }

    private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
