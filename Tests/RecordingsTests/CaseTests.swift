import ECGSignal
import Foundation
import Recordings
import TestSupport
import Testing

/// Forms of header and file as public archives have them, each with the right value.
///
/// The records of `Fixtures/cases` hold the same twelve seconds of synthetic beats: 200 units per mV, R peaks of 0.975 mV
/// at sample 100 of 250 a second, troughs of -0.17 mV after them.
@Suite struct CaseTests {
    private func load(_ name: String) throws -> Recording { try Recording.load("\(fixtures)/cases/\(name)") }

    /// Whether a lead holds the beats, upright, at 250 Hz and 5 microvolts a unit.
    private func holdsBeats(_ values: [Float]) -> Bool {
        values.count == 3_000 && values.max() == 0.975 && values.firstIndex(of: 0.975) == 100
            && values.min() == -0.17
    }

    @Test func `a gain of 0 and a missing rate are WFDB's defaults, and both are said`() throws {
        let uncalibrated = try load("gain0")
        #expect(uncalibrated.channels.map(\.nanovoltsPerUnit) == [5_000, 5_000])
        #expect(uncalibrated.remarks == [.gainAssumed(["II", "V1"])])
        let unrated = try load("nofreq")
        #expect(unrated.channels.map(\.rate) == [SampleRate(250), SampleRate(250)])
        #expect(unrated.frameCount == 5_000)
        #expect(unrated.remarks == [.rateAssumed])
    }

    @Test func `a pressure beside an ECG is left out with a remark`() throws {
        let recording = try load("bp")
        let (stream, remarks) = try RecordedStream.read(recording)
        #expect(stream.leads.map(\.lead) == [.ii])
        #expect(remarks == [.noVoltage(.init(2, "ABP"), unit: "mmHg")])
        #expect(try holdsBeats(recording.millivolts(.ii)))
        #expect(try RecordedStream.read(recording, leads: "II").stream.leads.count == 1)
        // The pressure itself is there for whoever looks.
        #expect(try recording.survey(of: 1).range == 60...100)
    }

    @Test func `channels that are no leads are named, and can be named by hand or left out`() throws {
        let recording = try load("ecg_ecg2")
        let refusal = #expect(throws: RecordingError.self) { try RecordedStream.read(recording, leads: "II") }
        #expect(refusal?.reason.contains("ECG1, ECG2") == true)
        let named = try RecordedStream.read(recording, nameLeads: "II,none")
        #expect(named.stream.leads.map(\.lead) == [.ii])
        #expect(named.remarks.contains(.leftOutByHand(.init(2, "ECG2"))))
    }

    @Test func `MLIII is III as MLII is II`() throws {
        let (stream, remarks) = try RecordedStream.read(load("mliii"))
        #expect(stream.leads.map(\.lead) == [.iii, .v4])
        #expect(remarks == [.readAs(.init(2, "MLIII"), .iii)])
    }

    @Test func `a single ECG is a patch, with advice`() throws {
        let (stream, remarks) = try RecordedStream.read(load("single_ecg"))
        #expect(stream.leads.map(\.lead) == [.patch])
        #expect(remarks == [.readAsPatch(.init(1, "ECG"))])
        #expect(remarks[0].description.contains("--name-leads II"))
    }

    @Test func `a negative gain turns the samples`() throws {
        let recording = try load("neggain")
        let values = try recording.millivolts(.ii)
        #expect(values.count == 3_000 && values[100] == -0.975 && values.max() == 0.17)
        #expect(recording.remarks == [.gainNegative(["II"])])
    }

    @Test func `checksums that were never computed are no damage`() throws {
        let recording = try load("zerosum")
        #expect(recording.frameCount == 12_000 && recording.rate.hertz == 1_000)
        #expect(recording.remarks.map(\.description).contains { $0.contains("never computed") })
        #expect(try recording.digital(0).max() == 198)
    }

    @Test func `the header counts where the file is longer`() throws {
        let recording = try load("longer")
        #expect(recording.frameCount == 2_750)
        #expect(recording.remarks.contains(.fileLonger(file: "longer.dat", samples: 2_750, bytesLeft: 500)))
        #expect(try recording.millivolts(.ii).count == 2_750)
    }

    @Test func `a date that no clock here can have is said, an ISO date is read`() throws {
        let shifted = try load("year2704")
        #expect(shifted.remarks == [.dateUnusable("04/05/2704")])
        #expect(shifted.baseTime == 38_658_529_000_000)
        let iso = try load("isodate")
        #expect(iso.baseTime == 1_399_525_515_000_000_000 && iso.remarks.isEmpty)
    }

    @Test func `four samples a frame at 62.5 Hz are an ECG of 250 Hz`() throws {
        let recording = try load("frames")
        #expect(recording.frameCount == 750 && recording.rate.hertz == 62.5)
        #expect(recording.channels[0].rate == SampleRate(250))
        #expect(try holdsBeats(recording.millivolts(.ii)))
    }

    @Test func `two segments with a gap are one stream with missing samples`() throws {
        let recording = try load("seg")
        #expect(recording.seconds == 29)
        let values = try recording.millivolts(.ii)
        #expect(values.count == 7_250)
        #expect(values[3_000..<4_250].allSatisfy { $0.isNaN })
        #expect(holdsBeats(Array(values[..<3_000])) && holdsBeats(Array(values[4_250...])))
        // A stretch over both edges of the gap.
        #expect(try recording.samples(of: 0, in: 2_999..<4_251).missing == [1..<1_251])
    }

    @Test func `format 80 is read`() throws {
        let values = try load("f80").millivolts(.ii)
        #expect(values.count == 3_000 && values.min() == -0.17 && values.max() == 0.97)
    }

    @Test func `a folder in the record's name is called that`() throws {
        let refusal = #expect(throws: RecordingError.self) { try load("folder") }
        #expect(refusal?.kind == .malformed && refusal?.line == 1)
        #expect(
            refusal?.reason.contains("\"sub/folder\" holds a folder; write the name alone, \"folder\"")
                == true
        )
    }

    @Test func `a micro sign in Latin-1 is one`() throws {
        let recording = try load("latin1")
        #expect(recording.channels[0].unit == .voltage("\u{B5}V", nanovolts: 1_000))
        #expect(try holdsBeats(recording.millivolts(.ii)))
    }
}
