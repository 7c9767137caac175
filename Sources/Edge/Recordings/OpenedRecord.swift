/// The headers of a record and its segments brought together: one time line, one list of channels.

/// What opening a record finds out before any sample is read.
struct OpenedRecord {
    private(set) var channels: [Recording.Channel] = []
    private(set) var segments: [SegmentedSignals.Segment] = []
    private(set) var remarks: [RecordingRemark] = []
    /// What the samples mean, as text for the content's digest: whatever changes a value changes it.
    private(set) var meaning = ""

    init(_ header: WFDBHeader, path: String, files: RecordingFiles) throws(RecordingError) {
        if header.segments.isEmpty {
            let signals = try SignalFiles(
                header,
                path: path,
                files: files,
                heldBytes: RecordingLimits.heldBytes
            )
            let places = header.signals.indices.map { signals.place(of: $0) }
            segments = [.init(frames: 0..<signals.frames, signals: signals, places: places)]
            try describe(header.signals, rate: header.rate, path: path)
        } else {
            try openSegments(of: header, path: path, files: files)
        }
        meaning = text(rate: header.rate)
    }

    private mutating func openSegments(
        of header: WFDBHeader,
        path: String,
        files: RecordingFiles
    ) throws(RecordingError) {
        let layout = try layout(of: header, path: path, files: files)
        var at = 0
        for line in header.segments where line.frames > 0 {
            let (end, isBeyond) = at.addingReportingOverflow(line.frames)
            guard !isBeyond, end <= RecordingLimits.framesMax else {
                throw HeaderPlace(path: path, line: line.line).malformed("the segments are too long together")
            }
            guard let record = line.record else {
                segments.append(.init(frames: at..<end, signals: nil, places: []))
                at = end
                continue
            }
            let own = try segmentHeader(record, files: files, master: path)
            guard !own.stated || own.header.rate == header.rate else {
                throw HeaderPlace(path: path, line: line.line).malformed(
                    "segment \(record) has \(own.header.rate.hertz) Hz, the record \(header.rate.hertz) Hz"
                )
            }
            let signals = try SignalFiles(
                own.header,
                path: own.path,
                files: files,
                heldBytes: RecordingLimits.heldBytes / header.segments.count
            )
            remarks += own.header.remarks.filter { $0.isOfSignals }
            let there = min(line.frames, signals.frames)
            if signals.frames != line.frames {
                remarks.append(.segmentLength(segment: record, own: signals.frames, counted: line.frames))
            }
            let places = try places(of: layout, in: signals, by: own, line: line, path: path)
            segments.append(.init(frames: at..<at + there, signals: signals, places: places))
            if there < line.frames {
                segments.append(.init(frames: at + there..<end, signals: nil, places: []))
            }
            at = end
        }
        guard at > 0 else { throw RecordingError(.mismatch, path, "its segments have no samples") }
        if let claimed = header.frames, claimed != at {
            remarks.append(.recordLength(claimed: claimed, sum: at))
        }
        try describe(layout.signals, rate: header.rate, path: path)
    }

    /// The signals of the whole record, and whether segments have all of them in that order.
    private typealias Layout = (signals: [WFDBHeader.Signal], isFixed: Bool)

    private func layout(
        of header: WFDBHeader,
        path: String,
        files: RecordingFiles
    ) throws(RecordingError) -> Layout {
        let named = header.segments.first { $0.record != nil }
        guard let first = named, let record = first.record else {
            throw RecordingError(.mismatch, path, "all its segments are gaps")
        }
        let own = try segmentHeader(record, files: files, master: path)
        return (own.header.signals, !(first.frames == 0 && first == header.segments[0]))
    }

    private typealias SegmentHeader = (header: WFDBHeader, path: String, stated: Bool)

    private func segmentHeader(
        _ record: String,
        files: RecordingFiles,
        master: String
    ) throws(RecordingError) -> SegmentHeader {
        let file = record + ".hea"
        let bytes = try files.whole(file, atMost: RecordingLimits.headerBytesMax)
        let path = files.path(of: file)
        let header = try WFDBHeader(bytes: bytes, path: path)
        guard header.segments.isEmpty else {
            throw RecordingError(.malformed, path, "it has segments and is a segment of \(master)")
        }
        return (header, path, !header.remarks.contains(.rateAssumed))
    }

    /// Where each signal of the layout stands in one segment.
    private func places(
        of layout: Layout,
        in signals: SignalFiles,
        by own: SegmentHeader,
        line: WFDBHeader.Segment,
        path: String
    ) throws(RecordingError) -> [(signal: Int, group: Int)?] {
        guard !layout.isFixed || signals.signals.count == layout.signals.count else {
            throw HeaderPlace(path: path, line: line.line).malformed(
                "segment \(line.record ?? "") has \(signals.signals.count) signals, the first one \(layout.signals.count)"
            )
        }
        var places: [(signal: Int, group: Int)?] = []
        for (channel, wanted) in layout.signals.enumerated() {
            let found = layout.isFixed ? channel : signals.signals.firstIndex { $0.name == wanted.name }
            guard let found else {
                places.append(nil)
                continue
            }
            guard signals.signals[found].samplesPerFrame == wanted.samplesPerFrame else {
                throw RecordingError(
                    .malformed,
                    own.path,
                    line: signals.signals[found].line,
                    "\(wanted.name) has \(signals.signals[found].samplesPerFrame) samples in a frame, elsewhere "
                        + "\(wanted.samplesPerFrame)"
                )
            }
            places.append(signals.place(of: found))
        }
        return places
    }

    /// The channels as the segments have them; `layout` has their order, names and samples per frame.
    private mutating func describe(
        _ layout: [WFDBHeader.Signal],
        rate: FrameRate,
        path: String
    ) throws(RecordingError) {
        let frames = segments.last?.frames.upperBound ?? 0
        for (channel, signal) in layout.enumerated() {
            let calibrations = calibrations(of: channel)
            let calibration = calibrations.first ?? signal.calibration
            let isOne = calibrations.allSatisfy { $0.hasStep(of: calibration) }
            let (samples, isBeyond) = frames.multipliedReportingOverflow(by: signal.samplesPerFrame)
            guard !isBeyond else {
                throw RecordingError(
                    .malformed,
                    path,
                    "\(frames) frames of \(signal.samplesPerFrame) samples are too many"
                )
            }
            channels.append(
                Recording.Channel(
                    name: signal.name,
                    unit: calibration.unit,
                    samplesPerFrame: signal.samplesPerFrame,
                    rate: rate.sampleRate(samplesPerFrame: signal.samplesPerFrame),
                    hertz: rate.hertz * Double(signal.samplesPerFrame),
                    sampleCount: samples,
                    nanovoltsPerUnit: isOne ? calibration.nanovoltsPerUnit : nil,
                    unitsPerStep: isOne ? 1 / calibration.gain.magnitude : nil
                )
            )
        }
        for channel in channels {
            guard let taken = channel.rate, !rate.isExact(samplesPerFrame: channel.samplesPerFrame) else {
                continue
            }
            let remark = RecordingRemark.rateRounded(from: "\(channel.hertz)", to: taken)
            if !remarks.contains(remark) { remarks.append(remark) }
        }
    }

    private func calibrations(of channel: Int) -> [Calibration] {
        segments.compactMap { segment in
            guard let signals = segment.signals, let place = segment.places[channel] else { return nil }
            return signals.signals[place.signal].calibration
        }
    }

    private func text(rate: FrameRate) -> String {
        var lines = ["rate \(rate.numerator)/\(rate.denominator)"]
        for segment in segments {
            lines.append("frames \(segment.frames.lowerBound) \(segment.frames.count)")
            for (channel, place) in segment.places.enumerated() {
                guard let signals = segment.signals, let place else { continue }
                let signal = signals.signals[place.signal]
                lines.append(
                    "\(channel) \(signal.format.rawValue) \(signal.samplesPerFrame) \(signal.skewFrames) "
                        + signal.calibration.meaning
                        + (signal.format == .differences8 ? " \(signal.firstValue ?? 0)" : "")
                )
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension SignalFiles {
    /// A signal and the number of its group.
    fileprivate func place(of signal: Int) -> (signal: Int, group: Int)? {
        groups.firstIndex { $0.members.contains { $0.signal == signal } }.map { (signal, $0) }
    }
}

extension Calibration {
    /// Equal for calibrations that give equal values, however the header spells them.
    fileprivate var meaning: String {
        let step = nanovoltsPerUnit.map { "\($0.bitPattern)" } ?? "\(gain.magnitude.bitPattern) \(unit.name)"
        return "\(gain < 0 ? "-" : "+")\(step) \(baseline)"
    }

    /// Whether a step of the two is as high, in one unit.
    fileprivate func hasStep(of other: Calibration) -> Bool {
        switch (nanovoltsPerUnit, other.nanovoltsPerUnit) {
        case (let mine?, let others?): mine == others
        case (nil, nil): gain.magnitude == other.gain.magnitude && unit == other.unit
        default: false
        }
    }
}

extension RecordingRemark {
    /// Whether it speaks of signal lines; a segment's time and rate are the record's.
    fileprivate var isOfSignals: Bool {
        switch self {
        case .gainAssumed, .gainNegative, .skewed, .blockSizeIgnored: true
        default: false
        }
    }
}
