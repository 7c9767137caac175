import ECGSignal
import Findings
import Pipeline
import TestSupport
import Testing
import Wire

@testable import Station

/// Alarms of whole streams: the rhythm lane and the policy in the way that the daemon goes.
@Suite struct AlarmLaws {
    /// `[time]` at 500 Hz as a stream of one lead or two, in chunks of `size` samples, or of random ones.
    private func chunks(
        _ values: [Float],
        leads: [Lead] = [.ii],
        epoch: UInt64 = 1,
        size: Int? = 100,
        isLast: Bool = true,
        using generator: inout SeededGenerator
    ) -> [LeadChunk] {
        var chunks: [LeadChunk] = []
        var from = 0
        while from < values.count {
            let count = min(size ?? Int.random(in: 1...500, using: &generator), values.count - from)
            chunks.append(
                LeadChunk(
                    stream: StreamIdentity(patient: "p1", device: "d1", epoch: epoch),
                    sequence: UInt64(chunks.count + 1),
                    firstSample: SampleIndex(from),
                    sampleCount: count,
                    rate: .grid,
                    leads: leads.map {
                        LeadSamples(lead: $0, millivolts: Array(values[from..<from + count]))
                    },
                    isLast: isLast && from + count == values.count
                )
            )
            from += count
        }
        return chunks
    }

    private func starts(_ statement: String, in events: [Event]) -> [AlarmEvent] {
        events.alarms.filter { $0.alarm.statement == statement && $0.phase == .start }
    }

    @Test func `P17 a standstill alarms within 6 s of the last QRS at every phase of a hop, and once`() throws
    {
        var generator = SeededGenerator(seed: 1)
        for phase in 0..<32 {
            var ecg = MadeECG(seconds: 25, seed: UInt64(phase + 1))
            let stop = 12 + Double(phase) * 0.032
            let last = try #require(ecg.addRhythm(from: 0, to: stop, rate: 72).last)
            var run = StationRun()
            var heard: Double?
            for chunk in chunks(ecg.values, using: &generator) {
                let before = run.events.count
                run.send(chunk, after: 0.2)
                let isNew = run.events[before...].contains { event in
                    event.alarm.map { $0.alarm.statement == "asystole" && $0.phase == .start } ?? false
                }
                if isNew { heard = heard ?? Double(chunk.endSample) / 500 }
            }
            let told = starts("asystole", in: run.events)
            #expect(told.count == 1 && told.first?.priority == .high, "phase \(phase)")
            #expect(heard.map { $0 - last <= 6 } == true, "phase \(phase): \(heard ?? 0) after \(last)")
        }
    }

    /// When the first start of an alarm of `statement` came out, seconds of signal that had been sent by then.
    private func heard(_ statement: String, sending chunks: [LeadChunk], _ run: inout StationRun) -> Double? {
        for chunk in chunks {
            let before = run.events.count
            run.send(chunk, after: Double(chunk.sampleCount) / 500)
            let isNew = run.events[before...].contains { event in
                event.alarm.map { $0.alarm.statement == statement && $0.phase == .start } ?? false
            }
            if isNew { return Double(chunk.endSample) / 500 }
        }
        return nil
    }

    @Test func `P17 an electrode that is off alarms within 2 s at every phase of a hop, a technical alarm`()
        throws
    {
        var generator = SeededGenerator(seed: 1)
        var ecg = MadeECG(seconds: 12)
        ecg.addRhythm(from: 0, to: 12, rate: 72)
        for phase in 0..<32 {
            let start = SampleIndex(3_008 + 16 * phase)
            let sent = chunks(ecg.values, leads: [.ii, .v1], size: 16, using: &generator).map { chunk in
                guard chunk.firstSample >= start else { return chunk }
                return chunk.mapLeads { samples in
                    guard samples.lead == .v1 else { return samples }
                    return LeadSamples(
                        lead: .v1,
                        millivolts: samples.millivolts.map { _ in .nan },
                        facts: LeadFacts(contact: .off)
                    )
                }
            }
            var run = StationRun()
            let came = heard("electrode_off", sending: sent, &run)
            let told = try #require(came, "phase \(phase)")
            #expect(told - Double(start) / 500 <= 2, "phase \(phase): \(told)")
            let alarm = try #require(starts("electrode_off", in: run.events).first)
            #expect(alarm.kind == .technical && alarm.priority == .low && alarm.leads == [.v1])
        }
    }

    @Test func `P17 fibrillation alarms within 8 s of its first sample at every phase of a hop, and once`()
        throws
    {
        var generator = SeededGenerator(seed: 1)
        for phase in 0..<32 {
            var ecg = MadeECG(seconds: 26, seed: UInt64(phase + 1))
            let last = try #require(ecg.addRhythm(from: 0, to: 12 + Double(phase) * 0.032, rate: 72).last)
            let onset = last + 0.4
            let hertz = Double.random(in: 3...8, using: &generator)
            ecg.add(from: onset) { time in
                let z = hertz * (time - onset)
                // A wave like a sine, of parabolas.
                let x = 2 * (z - z.rounded(.down)) - 1
                return 0.5 * 4 * x * (1 - abs(x))
            }
            var run = StationRun()
            let sent = chunks(ecg.values, using: &generator)
            let came = heard("ventricular_fibrillation", sending: sent, &run)
            let told = try #require(came, "phase \(phase), \(hertz) Hz")
            #expect(told - onset <= 8, "phase \(phase): \(told) after \(onset), \(hertz) Hz")
            #expect(starts("asystole", in: run.events).isEmpty, "phase \(phase)")
        }
    }

    @Test(arguments: seeds(12))
    func `alarms are the same bytes in any chunks, with any pace of windows, in one worker or several`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 70, seed: seed)
        var from = 0.0
        while from < 62 {
            let to = from + Double.random(in: 5...20, using: &generator)
            if Int.random(in: 0..<4, using: &generator) > 0 {
                ecg.addRhythm(from: from, to: to, rate: .random(in: 25...190, using: &generator))
            }
            from = to
        }
        var values = ecg.values
        if Bool.random(using: &generator) {
            let start = Int.random(in: 0..<30_000, using: &generator)
            for index in start..<min(start + 4_000, values.count) { values[index] = .nan }
        }
        var told: [[String]] = []
        for (size, shards) in [(100, 1), (nil, 1), (500, 3), (nil, 2)] {
            var run = StationRun(shards: shards)
            run.isEager = size != nil
            for chunk in chunks(values, size: size, using: &generator) { run.send(chunk) }
            run.step()
            // Times are counted from the arrival of the first chunk, whose length differs.
            let alarms = timeless(run.events.filter { $0.alarm != nil })
            told.append(EventFormat.inCanonicalOrder(alarms))
        }
        #expect(told.allSatisfy { $0 == told[0] })
        #expect(!told[0].isEmpty, "rates beyond every limit, and standstills")
    }

    @Test func `an alarm that stands when its stream ends is latched, and stands in the device's next epoch`()
        throws
    {
        var generator = SeededGenerator(seed: 1)
        var ecg = MadeECG(seconds: 20)
        ecg.addRhythm(from: 0, to: 10, rate: 70)
        var run = StationRun()
        for chunk in chunks(ecg.values, using: &generator) { run.send(chunk, after: 0.2) }
        #expect(starts("asystole", in: run.events).count == 1)
        let latched = run.events.alarms.filter { $0.alarm.statement == "asystole" && $0.state == .latched }
        #expect(latched.first?.reason == .analysisLost)
        var beating = MadeECG(seconds: 30)
        beating.addRhythm(from: 0, to: 30, rate: 70)
        let before = run.events.count
        for chunk in chunks(beating.values, epoch: 2, using: &generator) { run.send(chunk, after: 0.2) }
        let later = run.events[before...].compactMap(\.alarm)
        #expect(
            !later.contains { $0.alarm.statement == "asystole" && $0.phase == .end },
            "nobody acknowledged"
        )
        #expect(starts("asystole", in: run.events).count == 1, "one episode alarms once")
    }

    @Test(arguments: seeds(12)) func `P24 an asystole that stands is not ended by noise`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 45, seed: seed)
        ecg.addRhythm(from: 0, to: 12, rate: 72)
        let height = Float.random(in: 0.05...2, using: &generator)
        var values = ecg.values
        for index in 11_000..<values.count {
            values[index] += .random(in: -height...height, using: &generator)
        }
        var run = StationRun()
        for chunk in chunks(values, isLast: false, using: &generator) { run.send(chunk, after: 0.2) }
        let steps = run.events.alarms.filter { $0.alarm.statement == "asystole" }
        #expect(steps.count { $0.phase == .start } == 1, "one episode, \(height) mV")
        #expect(!steps.contains { $0.phase == .end }, "\(height) mV")
    }

    @Test func `a gap, and an end, are no standstill`() {
        var generator = SeededGenerator(seed: 1)
        var ecg = MadeECG(seconds: 40)
        ecg.addRhythm(from: 0, to: 40, rate: 70)
        var values = ecg.values
        for index in 6_000..<12_000 { values[index] = .nan }
        var run = StationRun()
        for chunk in chunks(values, using: &generator) { run.send(chunk, after: 0.2) }
        run.pass(seconds: 30)
        #expect(
            run.events.alarms.allSatisfy { $0.alarm.statement != "asystole" && $0.alarm.statement != "pause" }
        )
    }

    @Test func `the number of remembered senders is bounded, and those whose alarms stand stay longest`() {
        func sender(_ patient: Int) -> Sender { Sender(patient: "p\(patient)", device: "d") }
        func moment(_ patient: Int, _ sample: GridIndex) -> StreamMoment {
            let stream = StreamIdentity(patient: "p\(patient)", device: "d", epoch: 1)
            return StreamMoment(stream: stream, sample: sample, time: 0)
        }
        var book = AlarmBook()
        book.note(sender(2), 7, isOpen: true)
        let pause = OperatorCommand(
            .pause(.audio, seconds: 60),
            target: .patient("p1"),
            by: "anna",
            ticket: 0
        )
        let stop = Observation(.finding(.init("asystole", holds: true, since: 0)), at: moment(0, 2_500))
        #expect(!book.take([stop], judgedTo: moment(0, 2_501), at: nil).isEmpty)
        for patient in 1...1_550 {
            #expect(book.take([], judgedTo: moment(patient, 500), at: nil).isEmpty)
            guard patient == 1 else { continue }
            _ = book.perform(pause, known: [], open: [], at: Arrival(utc: 0, monotonic: 0))
        }
        #expect(book.sendersMax == 1_500 && book.count == 1_500)
        #expect(book.standing.map(\.alarm.statement) == ["asystole"])
        // Whom nothing is set for goes before one for whom somebody has set something, and none goes whose stream is open.
        #expect(book.settings.map(\.sender.patient) == ["p1"])
        for patient in 0...1_550 {
            #expect((book.policy(of: sender(patient)) == nil) == (3...53).contains(patient), "\(patient)")
        }
        book.note(sender(2), 7, isOpen: false)
        #expect(book.take([], judgedTo: moment(1_551, 500), at: nil).isEmpty)
        #expect(book.policy(of: sender(2)) == nil && book.policy(of: sender(1)) != nil)
        #expect(AlarmBook(streamsMax: 8_000).sendersMax == 12_000)
    }

    @Test func `all epochs of a device belong to one worker, and devices are spread`() {
        let owners = (0..<1_000).map { Sender(patient: "p\($0)", device: "d\($0)").owner(among: 4) }
        #expect(Set(owners) == [0, 1, 2, 3])
        for owner in 0..<4 { #expect((150...350).contains(owners.count { $0 == owner })) }
        #expect(Sender(patient: "p", device: "d").owner(among: 1) == 0)
    }
}
