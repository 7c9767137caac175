import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

/// Leads that carry no ECG, as the processor's events tell of them.
@Suite struct DeadLeadLaws {
    /// A heart in two limb leads and two chest leads at 500 Hz, each with noise of its own.
    private static func values(_ seconds: Int, _ generator: inout SeededGenerator) -> [[Float]] {
        let beats = heart(seconds * 500, .grid, &generator)
        return [0.8, 1, -1.2, 1.4].map { (gain: Float) in
            beats.map { gain * $0 + Float.random(in: -0.1...0.1, using: &generator) }
        }
    }

    private static let leads: [Lead] = [.i, .ii, .v2, .v5]

    private static func windows(_ leads: [Lead], _ values: [[Float]]) throws -> [WindowDiagnosis] {
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: leads, values: values)])
        var generator = SeededGenerator(seed: 1)
        return timeless(try ProcessorRun.events(of: stream.chunks(using: &generator))).diagnoses
    }

    @Test(arguments: [0, 0.5, -327.68, 1e-3] as [Float], [false, true])
    func `a lead that stops at any value leaves with the first window after it, with what rests on it`(
        value: Float,
        isAtOwnLevel: Bool
    ) throws {
        var generator = SeededGenerator(seed: 3)
        var values = Self.values(24, &generator)
        let whole = try Self.windows(Self.leads, values)
        let stop = 5_700
        let last = isAtOwnLevel ? values[1][stop - 1] : value
        for index in stop..<values[1].count { values[1][index] = last }
        for (window, before) in zip(try Self.windows(Self.leads, values), whole) {
            let at = "\(window.firstSample)"
            if window.firstSample + 5_000 <= stop { #expect(window == before, "\(at)") }
            let isDead = window.firstSample >= stop
            let reason: LeadCoverage.Reason? = isDead ? .flat : nil
            // II was sent; III, aVR, aVL and aVF are computed from I and II.
            #expect(window.leads[1...5].allSatisfy { $0.reason == reason }, "\(at)")
            #expect(window.leads[0].reason == nil && window.leads[7].reason == nil)
            let used: [Lead] = isDead ? [.i, .v2, .v5] : [.i, .ii, .iii, .aVR, .aVL, .aVF, .v2, .v5]
            #expect(window.usedLeads == used, "\(at)")
            #expect(window.windowWithheld == nil)
            #expect(window.top.allSatisfy { $0.statement.minimumLeads.isMet(by: LeadSet(used)) })
        }
    }

    @Test(arguments: [0.01, 0.02, 0.06, 0.2] as [Float])
    func `a dither of less than 0.05 mV is flat, what reaches more is not`(count: Float) throws {
        var generator = SeededGenerator(seed: 4)
        var values = Self.values(11, &generator)
        // A slow square wave, most of which passes the band.
        for index in values[3].indices { values[3][index] = -12 + (index / 100 % 2 == 0 ? count : 0) }
        let windows = try Self.windows(Self.leads, values)
        #expect(!windows.isEmpty)
        #expect(windows.allSatisfy { $0.leads[10].reason == (count < 0.04 ? .flat : nil) })
    }

    @Test func `twelve flat leads give no statement, and the window says quality`() throws {
        let flat = [[Float]](repeating: Array(repeating: 0, count: 6_000), count: 12)
        for window in try Self.windows(Lead.standard, flat) {
            #expect(window.windowWithheld == .quality && window.top.isEmpty && window.withheld.isEmpty)
            #expect(window.leads.allSatisfy { $0.reason == .flat && $0.samplesPresent == 5_000 })
        }
    }

    /// A lead of a thousand millivolts: until it is masked the encoder sees it, so nothing is said; then the other leads
    /// speak, with the bits of a stream that never had the lead.
    @Test(arguments: [0, 4_100]) func `a lead beyond reach never speaks through the others`(from: Int) throws
    {
        var generator = SeededGenerator(seed: 5)
        var values = Self.values(36, &generator)
        let whole = try Self.windows(Self.leads, values)
        for index in from..<values[2].count { values[2][index] *= 500 }
        let found = try Self.windows(Self.leads, values)
        let without = try Self.windows([.i, .ii, .v5], [values[0], values[1], values[3]])
        // Masked from the second after six seconds beyond reach: 3,000, or 7,000 where the first of them is 4,000.
        let masked = from == 0 ? 3_000 : 7_000
        for (index, window) in found.enumerated() {
            let at = "\(window.firstSample)"
            let start = Int(window.firstSample)
            if start + 5_000 <= from { #expect(window == whole[index], "\(at)") }
            if start >= from { #expect(window.leads[7].reason == .range, "\(at)") }
            if start + 5_000 > from + 3_000, start < masked {
                #expect(window.windowWithheld == .quality, "\(at)")
            }
            guard start >= masked else { continue }
            #expect(window.windowWithheld == nil && !window.usedLeads.contains(.v2), "\(at)")
            #expect(window.top == without[index].top && window.withheld == without[index].withheld, "\(at)")
        }
        #expect(
            found.contains { $0.windowWithheld == .quality } && found.contains { $0.firstSample >= masked }
        )
    }

    @Test(arguments: [450, 1_000, 1_050, 5_500])
    func `a lead whose electrode is off for more than a tenth is out, and says so`(
        samples: Int
    ) throws {
        var generator = SeededGenerator(seed: 9)
        let values = Self.values(11, &generator)
        let stream = SentStream(tracks: [SentTrack(rate: .grid, leads: Self.leads, values: values)])
        // Chunks of 50 samples, in the last of which the electrode of II is off.
        let chunks = stride(from: 0, to: 5_500, by: 50).map { from in
            let range = SampleIndex(from)..<SampleIndex(from + 50)
            let chunk = stream.chunk(
                of: stream.tracks[0],
                leads: [0, 1, 2, 3],
                range,
                sequence: UInt64(from / 50 + 1)
            )
            guard from >= 5_500 - samples else { return chunk }
            return chunk.mapLeads { lead in
                guard lead.lead == .ii else { return lead }
                let missing = [Float](repeating: .nan, count: 50)
                return LeadSamples(lead: .ii, millivolts: missing, facts: LeadFacts(contact: .off))
            }
        }
        let window = try #require(try ProcessorRun.events(of: chunks).diagnoses.first)
        let off = max(0, samples - 500)
        let reason: LeadCoverage.Reason? = off * 10 > 5_000 ? .off : nil
        #expect(window.leads[1].samplesPresent == 5_000 - off)
        // What is computed from II rests on it.
        #expect(window.leads[1...5].allSatisfy { $0.reason == reason && $0.isUsed == (reason == nil) })
        #expect(window.windowWithheld == nil)
    }

    @Test func `an artefact beyond reach in half of the seconds changes nothing`() throws {
        var generator = SeededGenerator(seed: 6)
        var values = Self.values(10, &generator)
        for second in 0..<5 { for index in 0..<40 { values[2][1_000 * second + 200 + index] = 15 } }
        let window = try #require(try Self.windows(Self.leads, values).first)
        #expect(window.usedLeads.contains(.v2) && window.windowWithheld == nil)
        for index in 0..<40 { values[2][4_700 + index] = 15 }
        let dead = try #require(try Self.windows(Self.leads, values).first)
        #expect(dead.leads[7].reason == .range && dead.windowWithheld == .quality)
    }

    @Test(arguments: [Lead.patch, .chestStrap])
    func
        `a lead without a position stands in channel I, and only statements that need no certain lead are made`(
            lead: Lead
        ) throws
    {
        var generator = SeededGenerator(seed: 7)
        let signal = heart(6_000, .grid, &generator)
        let named = try Self.windows([.i], [signal])
        let windows = try Self.windows([lead], [signal])
        #expect(windows.count == named.count && !windows.isEmpty)
        for (window, placed) in zip(windows, named) {
            #expect(window.windowWithheld == nil && window.usedLeads == [.i])
            #expect(
                window.leads[0].source == .patch
                    && window.leads.dropFirst().allSatisfy { $0.source == .absent }
            )
            #expect(!window.top.isEmpty && window.top.allSatisfy { $0.statement.minimumLeads.isMetByAnyLead })
            #expect(window.withheld.allSatisfy { !$0.statement.minimumLeads.isMetByAnyLead })
            // The same point in space as lead I with those samples.
            let same = placed.top.filter { $0.statement.minimumLeads.isMetByAnyLead }
            #expect(Array(window.top.filter { same.contains($0) }) == same)
        }
    }

    @Test func `a patch that is flat is no ECG, and one beside a standard lead is not seen`() throws {
        var generator = SeededGenerator(seed: 8)
        let signal = heart(6_000, .grid, &generator)
        for window in try Self.windows([.patch], [Array(repeating: 0.3, count: 6_000)]) {
            #expect(window.windowWithheld == .quality && window.leads[0].reason == .flat)
        }
        let beside = try Self.windows([.v1, .patch], [signal, heart(6_000, .grid, &generator)])
        #expect(beside == (try Self.windows([.v1], [signal])))
    }
}
