import ECGSignal
import Foundation
import Recordings
import Testing

@Suite struct FixtureTests {
    @Test func `there are at least thirty fixtures`() { #expect(fixtureNames.count >= 30) }

    @Test(arguments: fixtureNames) func `every fixture loads, its checksums verified`(name: String) throws {
        let recording = try Recording.load("\(fixtures)/\(name)")
        #expect(recording.name == name.split(separator: "/").last.map(String.init))
        #expect(recording.frameCount >= 9 * Int(recording.rate.hertz))
        #expect([1, 2, 12].contains(recording.channels.count))
        for channel in recording.channels { #expect(channel.sampleCount == recording.frameCount) }
        let assignment = try LeadAssignment(of: recording.channels)
        #expect(assignment.assignments.count == recording.channels.count)
    }

    /// Facts read from the published headers.
    @Test(arguments: [
        ("ptbxl/00017_hr", 500, 5_000, "AVR", 0.185), ("ptbxl100/10128_lr", 100, 1_000, "I", 0.1),
        ("ptb/S0001", 1_000, 38_400, "V6", 0.195), ("mitdb/100_0000", 360, 21_600, "MLII", -0.145),
        ("mitdb/100_0000", 360, 21_600, "V5", -0.065), ("ludb/8", 500, 5_000, "i", -32.0 / 1_530),
        ("cinc2017/A00015", 300, 6_102, "ECG", 0.076),
    ]) func `rate, length and first value are the header's`(
        name: String,
        rate: Int64,
        samples: Int,
        channel: String,
        first: Double
    ) throws {
        let recording = try Recording.load("\(fixtures)/\(name).hea")
        #expect(recording.frameCount == samples)
        let found = try #require(recording.channels.firstIndex { $0.name == channel })
        #expect(recording.channels[found].rate == SampleRate(rate))
        #expect(try Float(recording.physical(found)[0]) == Float(first))
        #expect(recording.baseTime == nil)
    }

    @Test func `samples with the invalid code are missing, the others are not`() throws {
        let recording = try Recording.load("\(fixtures)/ptbxl/01021_hr")
        let raw = fixtureBytes("ptbxl/01021_hr.dat")
        var total = 0
        for index in recording.channels.indices {
            let isMissing = (0..<recording.frameCount).map { sample in
                let at = 2 * (sample * 12 + index)
                return raw[at] == 0 && raw[at + 1] == 0x80
            }
            #expect(try recording.physical(index).map(\.isNaN) == isMissing)
            let missing = try recording.all(index).missing
            #expect(missing.flatMap { $0.map(\.self) } == isMissing.indices.filter { isMissing[$0] })
            total += isMissing.count { $0 }
        }
        #expect(total > 0)
    }

    @Test func `comments are kept`() throws {
        let recording = try Recording.load("\(fixtures)/ptb/S0001")
        #expect(
            recording.comments == [
                "Age: 81", "Sex: Female", "Dx: 251146004,426783006", "Rx: Unknown", "Hx: Unknown",
            ]
        )
    }

    @Test func `a missing file and a folder are refused by name`() {
        let missing = #expect(throws: RecordingError.self) { try Recording.load("\(fixtures)/ptb/S9999") }
        #expect(missing?.kind == .notFound)
        #expect(missing?.description.contains("S9999.hea: no such file") == true)
        let folder = #expect(throws: RecordingError.self) { try Recording.load(fixtures) }
        #expect(folder?.kind == .notFound && folder?.reason.contains("it is a folder") == true)
    }

    @Test func `a folder in place of a header is refused`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).hea"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let refusal = #expect(throws: RecordingError.self) { try Recording.load(path) }
        #expect(refusal?.kind == .unreadable)
    }
}
