import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// A refusal is told to the one who can mend it.
@Suite struct SenderTests {
    private func refusal(
        _ device: String,
        _ code: TechnicalEvent.Code = .checksum,
        _ detail: String
    ) -> Refusal {
        Refusal(code, detail).sent(by: Sender(patient: "p-\(device)", device: device))
    }

    private func subject(_ device: String) -> TechnicalEvent.Subject {
        .sender(Sender(patient: "p-\(device)", device: device), endpoint: "gateways")
    }

    @Test func `two gateways with one fault are told each by itself, with their own count and newest detail`()
    {
        var run = StationRun()
        for step in 0..<5 { run.send(refusal("a", .checksum, "a\(step)"), after: 0.1) }
        for step in 0..<3 { run.send(refusal("b", .checksum, "b\(step)"), after: 0.1) }
        run.send(refusal("b", .range, "rate is 0/0"), after: 0.1)
        #expect(run.events.map { $0.fact?.subject } == [subject("a"), subject("b"), subject("b")])
        #expect(run.events.map { $0.fact?.detail } == ["a0", "b0", "rate is 0/0"])
        #expect(run.events.map { $0.sender?.device } == ["a", "b", "b"])
        #expect(run.events.allSatisfy { $0.stream == nil && $0.fact?.phase == .start })
        run.pass(seconds: 11)
        let later = run.events.dropFirst(3).compactMap(\.fact)
        #expect(later.map(\.subject) == [subject("a"), subject("b")])
        #expect(later.map(\.count) == [4, 2])
        #expect(later.map(\.detail) == ["a4", "b2"])
        #expect(later.map(\.ordinal) == [2, 2])
        let told = run.admission.refusedSenders
        #expect(told.map { $0.sender?.device } == ["a", "b"])
        #expect(told.map { $0.codes.map(\.count) } == [[5], [3, 1]])
        #expect(told.map { $0.codes.map(\.detail) } == [["a4"], ["b2", "rate is 0/0"]])
        #expect(run.admission.refusedCounts.map(\.count) == [8, 1])
    }

    @Test func `invented ids fill a thousand rows and no more; what they send beyond is counted by endpoint`()
    {
        var run = StationRun()
        for device in 0..<5_000 { run.send(refusal("d\(device)", .checksum, "\(device)")) }
        run.send(refusal("d3", .checksum, "again"))
        let told = run.admission.refusedSenders
        #expect(told.count == RefusalTable.sendersMax + 1)
        #expect(told.last?.sender == nil && told.last?.codes.map(\.count) == [4_000])
        #expect(told.last?.codes.map(\.detail) == ["4999"])
        #expect(told[3].codes.map(\.count) == [2])
        #expect(run.events.facts(.checksum).count == RefusalTable.sendersMax + 1)
        run.shutDown()
        #expect(run.events.facts(.checksum).reduce(0) { $0 + $1.count } == 5_001)
        #expect(run.admission.refusedCounts.map(\.count) == [5_001])
    }

    @Test func `a message whose topic nobody can read is counted by endpoint`() {
        var run = StationRun()
        run.send(Refusal(.topic, "no topic"))
        #expect(run.events.map { $0.fact?.subject } == [.endpoint("gateways")])
        #expect(run.admission.refusedSenders.map(\.sender) == [nil])
    }

    @Test func `a refused chunk of an open stream is told by that stream alone`() {
        var run = StationRun()
        run.send(chunk(sequence: 1, from: 0))
        run.send(chunk(sequence: 2, from: 250, gain: 2_000), after: 0.1)
        #expect(run.events.facts(.rateChanged).count == 1)
        #expect(run.admission.refusedSenders.isEmpty)
        #expect(run.admission.refusedCounts.map(\.code) == [.rateChanged])
    }

    @Test func `whoever goes on with a device that went to another patient is told to whom`() {
        var run = StationRun()
        func second(_ second: Int, _ patient: String, _ epoch: UInt64) -> LeadChunk {
            chunk(
                patient,
                epoch: epoch,
                sequence: UInt64(second + 1),
                from: SampleIndex(250 * second)
            )
        }
        for index in 0..<3 { run.send(second(index, "p1", 1), after: 1) }
        for index in 0..<3 { run.send(second(index, "p2", 2), after: 1) }
        run.send(second(3, "p1", 1), after: 0.1)
        let told = run.events.facts(.epochOver)
        #expect(told.map(\.subject) == [.sender(Sender(patient: "p1", device: "d1"), endpoint: "gateways")])
        #expect(told[0].detail.hasPrefix("the device belongs to p2 now"))
        // Back at its first patient: the old epochs of both are over, and only the other is told of a patient.
        for index in 0..<3 { run.send(second(index, "p1", 3), after: 1) }
        run.send(second(4, "p1", 1), after: 20)
        run.send(second(3, "p2", 2), after: 0.1)
        let details = run.events.facts(.epochOver).map(\.detail)
        #expect(details.dropFirst().first == "a newer epoch has closed this one; send the newer")
        #expect(details.last?.hasPrefix("the device belongs to p1 now") == true)
    }

    @Test func `an idle epoch whose device went to another patient is told so as well`() {
        var run = StationRun(idleSeconds: 20)
        run.send(chunk(sequence: 1, from: 0))
        run.pass(seconds: 21)
        run.send(chunk("p2", epoch: 2, sequence: 1, from: 0))
        run.send(chunk(sequence: 2, from: 250), after: 0.1)
        #expect(run.events.facts(.epochOver)[0].detail.hasPrefix("the device belongs to p2 now"))
    }
}
