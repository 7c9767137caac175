public import ECGSignal
public import Recordings
public import Wire

/// Decides which chunk is sent when, as a pure value, so that the same recordings and options give the same bytes.
///
/// Patient k replays recording k mod count with a device and an epoch of its own: a daemon takes a device that
/// turns up with another patient for one that was handed over. Chunks come in the order in which their last samples
/// were "measured". The gateway's clock is virtual: it runs with the sample index, so event times are those of a
/// real-time run at any speed.
public struct ReplayPlan: Sendable {
    /// One message to send.
    public struct Step: Sendable {
        /// When the chunk's last sample is there at speed 1, nanoseconds from the plan's begin.
        public let due: MonotonicNanoseconds
        /// The chunk to send then.
        public let chunk: OutgoingChunk
    }

    /// Where a patient's stream stands.
    ///
    /// Invariant: `slot` is not empty, `track` is one of its `sent`.
    private struct Cursor: Sendable {
        let recording: Int
        let identity: StreamIdentity
        /// When sample 0 stands, nanoseconds from the plan's begin.
        let offset: MonotonicNanoseconds
        var slot: CutStream.Slot
        var track = 0
        var sequence: UInt64 = 1
    }

    /// What the gateway's clock shows at the plan's begin; not 0, which on the wire means that there is none.
    public static let clockStart: MonotonicNanoseconds = 1_000_000_000

    /// Remarks for a person on each recording: gains and encodings that could not be what was asked for.
    public let remarks: [String]
    /// The streams in the order of their patients.
    public let streams: [StreamIdentity]
    private let recordings: [CutStream]
    private var cursors: [Cursor] = []
    /// A binary heap of the cursors that have something to send, the earliest first.
    private var waiting: [(due: MonotonicNanoseconds, cursor: Int)] = []
    /// Nil where everything comes once and when it is due.
    private var trouble: Trouble?
    private var pending = PendingSteps()

    /// Makes the plan of `patients`, each with the epoch and, where they are named, the device at its place.
    public init(
        _ recorded: [RecordedStream],
        patients: [String],
        devices: [String] = [],
        epochs: [UInt64],
        options: ReplayOptions = ReplayOptions()
    ) throws(ReplayError) {
        try ReplayPlan.check(patients, devices, epochs, recordingCount: recorded.count)
        try options.checkTrouble()
        trouble = options.trouble.isNone ? nil : Trouble(options.trouble)
        var recordings: [CutStream] = []
        for stream in recorded { recordings.append(try CutStream(stream, options)) }
        remarks = zip(recorded, recordings).flatMap { recorded, cut in
            cut.remarks.map { "\(recorded.identity.patient): \($0)" }
        }
        for (index, patient) in patients.enumerated() {
            let recording = index % recordings.count
            guard let slot = recordings[recording].nextSlot(from: 0) else { continue }
            let spread =
                ReplayPlan.spread * MonotonicNanoseconds(index) / MonotonicNanoseconds(patients.count)
            cursors.append(
                Cursor(
                    recording: recording,
                    identity: StreamIdentity(
                        patient: patient,
                        device: devices.isEmpty ? ReplayPlan.device(of: patient) : devices[index],
                        epoch: epochs[index]
                    ),
                    offset: options.isAligned ? 0 : spread,
                    slot: slot
                )
            )
        }
        streams = cursors.map(\.identity)
        self.recordings = recordings
        for index in cursors.indices { wait(index) }
    }

    /// The starts are spread over one hop of 512 grid samples, the daemon's default.
    private static let spread: MonotonicNanoseconds = 512 * 1_000_000_000 / Grid.rate

    /// The standard names of patients, `p0001`, `p0002` and so on.
    public static func patientNames(_ count: Int) -> [String] {
        (1...max(1, count)).map { number in
            let digits = "\(number)"
            return "p" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    /// Makes one epoch for each patient, drawn at random, or counted from `first` on where there is one; never 0.
    public static func epochs(
        _ count: Int,
        from first: UInt64? = nil,
        using generator: inout some RandomNumberGenerator
    ) -> [UInt64] {
        (0..<UInt64(count)).map { place in
            max(1, first.map { $0 &+ place } ?? UInt64.random(in: 1...UInt64.max, using: &generator))
        }
    }

    /// The device that a patient wears; a patient's name of 58 to 64 characters is the device's too.
    static func device(of patient: String) -> String {
        let name = "replay-\(patient)"
        return name.utf8.count <= 64 ? name : patient
    }

    /// Nanoseconds from begin to the last sample; nil where streams loop.
    public var duration: MonotonicNanoseconds? {
        var longest: MonotonicNanoseconds = 0
        for cursor in cursors {
            guard let end = recordings[cursor.recording].end else { return nil }
            longest = max(
                longest,
                cursor.offset + recordings[cursor.recording].rate.nanoseconds(of: end)
            )
        }
        return longest
    }

    /// The next message; nil where every stream has ended.
    ///
    /// - Throws: Where a recording cannot be read any more; the plan is as before then.
    public mutating func next() throws(RecordingError) -> Step? {
        guard var trouble else { return try nextInOrder() }
        // What is still to come is there no earlier than it is due.
        while let first = waiting.first {
            if let step = pending.next(notAfter: trouble.drifted(first.due)) { return step }
            guard let step = try nextInOrder() else { break }
            let times = trouble.times(of: step.due, in: first.cursor, isNeeded: step.chunk.isLast)
            self.trouble = trouble
            var chunk = step.chunk
            if let first = times.first { chunk.gatewayTime = ReplayPlan.clockStart + first }
            for time in times { pending.insert(Step(due: time, chunk: chunk)) }
        }
        return pending.next(notAfter: .max)
    }

    /// The next message as it is measured, before anything happens to it.
    private mutating func nextInOrder() throws(RecordingError) -> Step? {
        guard let first = waiting.first else { return nil }
        let index = first.cursor
        let cut = recordings[cursors[index].recording]
        let cursor = cursors[index]
        let slot = cursor.slot
        let isSlotDone = cursor.track + 1 == slot.sent.count
        let following = isSlotDone ? cut.nextSlot(from: slot.range.upperBound) : slot
        let (track, leads) = slot.sent[cursor.track]
        var outgoing: [OutgoingLead] = []
        for lead in leads { outgoing.append(try cut.outgoing(track, lead, slot.range)) }
        let chunk = OutgoingChunk(
            stream: cursor.identity,
            sequence: cursor.sequence,
            track: track,
            firstSample: slot.range.lowerBound,
            rate: cut.rate,
            nanovoltsPerUnit: cut.tracks[track].nanovoltsPerUnit,
            encoding: cut.tracks[track].encoding,
            leads: outgoing,
            gatewayTime: ReplayPlan.clockStart + first.due,
            isLast: following == nil
        )
        removeFirst()
        if let following {
            cursors[index].slot = following
            cursors[index].track = isSlotDone ? 0 : cursor.track + 1
            cursors[index].sequence += 1
            wait(index)
        }
        return Step(due: first.due, chunk: chunk)
    }

    private static func check(
        _ patients: [String],
        _ devices: [String],
        _ epochs: [UInt64],
        recordingCount: Int
    ) throws(ReplayError) {
        precondition(epochs.count == patients.count, "one epoch a patient")
        guard recordingCount > 0, patients.count >= recordingCount else {
            throw ReplayError(
                .usage,
                "\(patients.count) patients for \(recordingCount) recordings: give at least one patient a recording"
            )
        }
        guard devices.isEmpty || devices.count == patients.count else {
            throw ReplayError(
                .usage,
                "\(devices.count) devices for \(patients.count) patients: name each patient's, or none"
            )
        }
        for device in devices where !StreamIdentity.isValidID(device) {
            throw ReplayError(
                .usage,
                "device \"\(device)\": use 1 to 64 letters, digits, - and _, and not _ alone"
            )
        }
        guard Set(devices).count == devices.count else {
            throw ReplayError(.usage, "a device is named twice; a daemon would take it for one handed over")
        }
        for patient in patients where !StreamIdentity.isValidID(patient) {
            throw ReplayError(
                .usage,
                "patient \"\(patient)\": use 1 to 64 letters, digits, - and _, and not _ alone"
            )
        }
        guard Set(patients).count == patients.count else {
            throw ReplayError(.usage, "a patient is named twice; each needs a name of its own")
        }
    }

    // MARK: the heap, by time due and then by patient

    private mutating func wait(_ index: Int) {
        let cursor = cursors[index]
        let last = cursor.slot.range.upperBound - 1
        waiting.append((cursor.offset + recordings[cursor.recording].rate.nanoseconds(of: last), index))
        var child = waiting.count - 1
        while child > 0, waiting[child] < waiting[(child - 1) / 2] {
            waiting.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() {
        waiting.swapAt(0, waiting.count - 1)
        waiting.removeLast()
        var parent = 0
        while true {
            let children = (2 * parent + 1..<2 * parent + 3).filter { $0 < waiting.count }
            guard let least = children.min(by: { waiting[$0] < waiting[$1] }),
                waiting[least] < waiting[parent]
            else { return }
            waiting.swapAt(parent, least)
            parent = least
        }
    }
}

extension SampleRate {
    /// Nanoseconds from the origin to sample `index`; 64 bits hold 292 years.
    fileprivate func nanoseconds(of index: SampleIndex) -> MonotonicNanoseconds {
        MonotonicNanoseconds(clamping: time(of: index).nanoseconds)
    }
}
