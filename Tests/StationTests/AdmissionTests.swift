import ECGSignal
import Findings
import Mathematics
import TestSupport
import Testing

@testable import Station

/// Who may open a stream, which chunk belongs where, when a stream is over.
@Suite struct AdmissionTests {
    private let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// Seconds 0 to `seconds` of p1, one chunk each.
    private func sent(
        _ seconds: Int,
        patient: String = "p1",
        device: String = "d1",
        epoch: UInt64 = 1,
        last: Bool = false
    ) -> [LeadChunk] {
        (0..<seconds).map { (second: Int) -> LeadChunk in
            chunk(
                patient,
                device,
                epoch: epoch,
                sequence: UInt64(second + 1),
                from: SampleIndex(250 * second),
                isLast: last && second == seconds - 1
            )
        }
    }

    @Test func `a stream opens once and closes once`() {
        var run = StationRun()
        for chunk in sent(11, last: true) { run.send(chunk, after: 1) }
        run.pass(seconds: 100)
        run.shutDown()
        #expect(run.codes(of: p1) == [.streamOpened, .streamClosed])
        let closed = run.events(of: p1).facts(.streamClosed)
        #expect(closed.map(\.detail) == ["reason: last"])
        #expect(closed.map(\.firstSample) == [5_500])
        #expect(run.events.diagnoses.map(\.firstSample) == [0])
        #expect(run.statuses.map(\.state) == [.closed(.last)])
        #expect(run.admission.openCount == 0)
    }

    @Test func `last closes when every frontier is there, however the end comes in`() {
        for order in [[0, 1, 2, 3], [3, 0, 1, 2], [0, 3, 2, 1], [1, 3, 0, 2]] {
            var run = StationRun()
            let chunks = (0..<4).map { (place: Int) -> LeadChunk in
                chunk(
                    sequence: UInt64(place + 1),
                    from: SampleIndex(place * 125),
                    count: 125,
                    isLast: place == 3
                )
            }
            for (count, place) in order.enumerated() {
                run.send(chunks[place], after: 0.1)
                // The last chunk is within the horizon of the others: open until they are all there.
                #expect(run.codes(of: p1).contains(.streamClosed) == (count == 3), "\(order)")
            }
            #expect(run.statuses[0].leads[0].ledger.analysed == 500)
        }
        // With a second lead behind, the stream waits for it, but no longer than to a tick.
        var run = StationRun()
        for second in 0..<4 {
            run.send(
                chunk(sequence: UInt64(2 * second + 1), from: SampleIndex(250 * second), isLast: second == 3)
            )
            if second < 3 {
                run.send(
                    chunk(
                        sequence: UInt64(2 * second + 2),
                        track: 1,
                        from: SampleIndex(250 * second),
                        leads: [.v1]
                    )
                )
            }
        }
        #expect(run.admission.openCount == 1)
        run.pass(seconds: 2)
        #expect(run.admission.openCount == 0)
        #expect(run.events(of: p1).facts(.streamClosed).map(\.detail) == ["reason: last"])
    }

    @Test func `a last chunk of unknown leads alone ends the stream at a tick`() {
        var run = StationRun()
        for chunk in sent(3) { run.send(chunk, after: 1) }
        run.send(chunk(sequence: 4, from: 750, leads: [], isLast: true, unknown: 1))
        #expect(run.admission.openCount == 1)
        run.pass(seconds: 2)
        #expect(run.events(of: p1).facts(.streamClosed).map(\.detail) == ["reason: last"])
        #expect(run.events(of: p1).facts(.unknownEnum).count == 1)
    }

    @Test func `after last, what still comes is duplicate or late and opens nothing`() {
        var run = StationRun()
        for chunk in sent(11, last: true) { run.send(chunk, after: 1) }
        run.send(chunk(sequence: 11, from: 2_500), after: 1)
        run.send(chunk(sequence: 12, from: 2_750), after: 1)
        run.send(chunk(sequence: 1, from: 0), after: 1)
        let ledger = run.statuses[0].leads[0].ledger
        #expect(ledger.isBalanced)
        #expect(ledger.analysed == 2_750)
        #expect(ledger.duplicate == 250)
        #expect(ledger.late == 500)
        #expect(run.admission.openCount == 0)
        // The first at once, what follows with its count at the tenth second.
        #expect(run.events(of: p1).facts(.late).map(\.count) == [1])
        run.pass(seconds: 12)
        #expect(run.events(of: p1).facts(.late).map(\.count) == [1, 1])
        let told = run.events(of: p1).facts(.late).map(\.detail)
        #expect(told.allSatisfy { $0.hasSuffix("draw a new epoch to go on") })
        #expect(run.codes(of: p1).count { $0 == .streamClosed } == 1)
    }

    @Test func `a gateway that begins anew in its old epoch is told to draw a new one`() {
        var run = StationRun()
        for chunk in sent(70) { run.send(chunk, after: 1) }
        run.send(chunk(sequence: 1, from: 0), after: 1)
        let told = run.events(of: p1).facts(.late).map(\.detail)
        #expect(told.count == 1)
        #expect(told.last?.hasSuffix("a gateway that starts anew must draw a new epoch") == true)
    }

    @Test func `what is counted of a closed stream is told at the latest when the daemon stops`() {
        var run = StationRun()
        for chunk in sent(3, last: true) { run.send(chunk, after: 1) }
        for sequence in 4..<9 { run.send(chunk(sequence: UInt64(sequence), from: 5_000), after: 0.1) }
        run.shutDown()
        #expect(run.events(of: p1).facts(.late).map(\.count) == [1, 4])
        #expect(run.codes(of: p1).count { $0 == .streamClosed } == 1)
    }

    @Test func `a device and epoch belong to their first patient`() {
        var run = StationRun()
        run.send(sent(1)[0])
        run.send(chunk("p2", sequence: 1, from: 0))
        #expect(run.admission.openCount == 1)
        let told = run.events.facts(.patientChanged)
        #expect(told.map(\.priority) == [.high])
        #expect(told.map(\.subject) == [.sender(Sender(patient: "p2", device: "d1"), endpoint: "gateways")])
        #expect(run.statuses[0].leads[0].ledger.refused == 0)
        #expect(run.admission.refusedCounts.map(\.count) == [1])
    }

    @Test func `rate and gain of a track stay, a lead stays in its track`() {
        var run = StationRun()
        run.send(chunk(sequence: 1, from: 0))
        run.send(chunk(sequence: 2, from: 250, hertz: 500))
        run.send(chunk(sequence: 3, from: 250, gain: 2_000))
        run.send(chunk(sequence: 4, track: 1, from: 250))
        run.send(chunk(sequence: 5, track: 1, from: 0, hertz: 500, leads: [.v1]))
        run.send(chunk(sequence: 6, from: 250))
        #expect(run.events(of: p1).facts(.rateChanged).map(\.count) == [1])
        let sender = Sender(patient: "p1", device: "d1")
        #expect(run.events.facts(.leads).map(\.subject) == [.sender(sender, endpoint: "gateways")])
        let ledger = run.statuses[0].leads[0].ledger
        #expect(ledger.received == 1_000 && ledger.refused == 500 && ledger.isBalanced)
        #expect(run.statuses[0].leads.map(\.lead) == [.ii, .v1])
        #expect(run.statuses[0].refused.map(\.code) == [.rateChanged])
        #expect(run.statuses[0].refused.map(\.count) == [2])
        run.shutDown()
        #expect(run.events(of: p1).facts(.rateChanged).map(\.count) == [1, 1])
    }

    @Test func `a rate with too many phases is refused, whether or not there is room for a stream`() {
        var run = StationRun(streamsMax: 1)
        let rate = SampleRate(512_617, over: 1_000) ?? .grid
        func odd(_ device: String, _ track: Int) -> LeadChunk {
            LeadChunk(
                stream: StreamIdentity(patient: "p1", device: device, epoch: 1),
                sequence: 9,
                track: track,
                firstSample: 0,
                sampleCount: 1,
                rate: rate,
                leads: [LeadSamples(lead: .v1, millivolts: [0])]
            )
        }
        run.send(odd("d9", 0))
        #expect(run.admission.openCount == 0)
        run.send(sent(1)[0])
        run.send(odd("d9", 0))
        run.send(odd("d1", 3))
        run.send(chunk("p2", "d2", sequence: 1, from: 0))
        #expect(run.admission.refusedCounts.map(\.code) == [.rate, .full])
        #expect(run.admission.refusedCounts.map(\.count) == [3, 1])
        #expect(run.events(of: p1).facts(.rate).map(\.count) == [1])
        #expect(run.statuses.count == 1)
    }

    @Test func `a full table refuses newcomers and says so; the present ones go on`() {
        var run = StationRun(streamsMax: 3)
        for device in 0..<5 { run.send(chunk("p\(device)", "d\(device)", sequence: 1, from: 0), after: 0.1) }
        #expect(run.admission.openCount == 3)
        #expect(run.events.facts(.full).map(\.count) == [1, 1], "each of the two is told")
        run.send(chunk("p0", "d0", sequence: 2, from: 250, isLast: true))
        run.pass(seconds: 2)
        #expect(run.admission.openCount == 2)
        run.send(chunk("p4", "d4", sequence: 1, from: 0))
        #expect(run.admission.openCount == 3)
        run.shutDown()
        #expect(run.events.facts(.full).map(\.count) == [1, 1])
        #expect(run.events.facts(.streamClosed).count == 4)
    }

    @Test func `of closed streams the newest are remembered, as many as may be open`() {
        var run = StationRun(streamsMax: 4, shards: 2)
        for epoch in 1...50 {
            for chunk in sent(3, device: "d\(epoch)", last: true) { run.send(chunk, after: 0.1) }
        }
        #expect(run.statuses.count == 4)
        #expect(run.statuses.map(\.identity.device) == ["d47", "d48", "d49", "d50"])
        #expect(run.events.facts(.streamClosed).count == 50)
    }

    @Test func `counted codes are told at once, then every 10 s with exact counts`() {
        var run = StationRun()
        run.send(sent(1)[0])
        let refusal = Refusal(
            .nonFinite,
            "NaN",
            stream: p1,
            firstSample: 0,
            leads: [.ii],
            sampleCount: 250
        )
        var sentCount = 0
        for _ in 0..<35 {
            for _ in 0..<3 {
                run.send(refusal, after: 0.1)
                sentCount += 1
            }
            run.pass(seconds: 1)
        }
        run.shutDown()
        let told = run.events(of: p1).facts(.nonFinite)
        #expect(told.reduce(0) { $0 + $1.count } == sentCount)
        #expect(told.first?.count == 1 && told.first?.phase == .start)
        #expect(told.dropFirst().allSatisfy { $0.phase == .update })
        #expect(told.map(\.ordinal) == Array(1...told.count))
        // 45.5 s: one at once, four after 10 s each, the rest at the close.
        #expect(told.count == 6)
        let ledger = run.statuses[0].leads[0].ledger
        #expect(ledger.refused == 250 * sentCount && ledger.isBalanced)
    }
}
