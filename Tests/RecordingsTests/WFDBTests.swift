import ECGSignal
import Recordings
import TestSupport
import Testing

@Suite struct WFDBTests {
    @Test func `format 16 is read with gain, baseline and units`() throws {
        let recording = try record(
            "r 2 128.5 3",
            ["r.dat 16 200(1)/uV 16 0 1 0 0 I", "r.dat 16 0 16 10 10 60 0 chest lead two"]
        )
        #expect(recording.channels.map(\.rate) == [SampleRate(257, over: 2), SampleRate(257, over: 2)])
        #expect(recording.channels.map(\.name) == ["I", "chest lead two"])
        #expect(try recording.digital(0) == [0, 1, -4])
        #expect(recording.channels[0].nanovoltsPerUnit == 5)
        #expect(try recording.digital(1) == [0, 10, 20])
        #expect(recording.channels[1].nanovoltsPerUnit == 5_000)
        #expect(recording.channels.map(\.unit.name) == ["uV", "mV"])
    }

    @Test(arguments: [
        ("1000/mV", 1_000.0), ("1000/MV", 1_000), ("1000.0(0)/mv", 1_000), ("1e3", 1_000), ("2/uV", 500),
        ("2/\u{B5}V", 500), ("4000/V", 250_000), ("0/mV", 5_000), ("200", 5_000), ("-200/mV", 5_000),
        ("2/microvolts", 500), ("1/nV", 1),
    ]) func `a gain gives nanovolts per unit`(gain: String, nanovolts: Double) throws {
        let recording = try record("r 1 500 6", ["r.dat 16 \(gain)"])
        #expect(recording.channels[0].nanovoltsPerUnit == nanovolts)
    }

    @Test func `absent fields have their defaults: 250 Hz, 200 per mV, length of the file`() throws {
        let recording = try record("r 2", ["r.dat 16", "r.dat 16"])
        #expect(recording.rate.hertz == 250)
        #expect(recording.frameCount == 3)
        #expect(recording.channels.map(\.nanovoltsPerUnit) == [5_000, 5_000])
        #expect(try [recording.digital(0), recording.digital(1)] == [[1, 2, -3], [10, 20, 30]])
        #expect(recording.remarks == [.rateAssumed, .gainAssumed(["signal 1", "signal 2"])])
    }

    @Test func `several signal files make one record, in header order`() throws {
        let files = ["a": little([7, 8]), "b": [9, 9] + packed212([-1, 2, 3, -2_048])]
        let recording = try record(
            "r 3 360 2",
            ["a 16 1000/mV 16 0 7 15 0 I", "b 212+2 1000/mV", "b 212+2 1000/mV"],
            files: files
        )
        #expect(try (0..<3).map { try recording.digital($0) } == [[7, 8], [-1, 3], [2, 0]])
        #expect(try (0..<3).map { try recording.all($0).missing } == [[], [], [1..<2]])
    }

    @Test(arguments: seeds(300)) func `format 212 decodes what a slow twin packs`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let channels = Int.random(in: 1...3, using: &generator)
        let samples = Int.random(in: 1...40, using: &generator)
        let values = (0..<channels * samples).map { _ in Int.random(in: -2_047...2_047, using: &generator) }
        var bytes = packed212(values)
        // An odd number of samples may end with two bytes or three.
        if !values.count.isMultiple(of: 2), Bool.random(using: &generator) { bytes.append(0) }
        let claim =
            Bool.random(using: &generator) || channels == 1
            ? "r \(channels) 360 \(samples)" : "r \(channels) 360"
        let recording = try record(claim, (0..<channels).map { _ in "r.dat 212" }, files: ["r.dat": bytes])
        for channel in 0..<channels {
            let expected = (0..<samples).map { Int32(values[$0 * channels + channel]) }
            #expect(try recording.digital(channel) == expected, "seed \(seed)")
        }
    }

    @Test func `runs of invalid samples are ranges, ascending and apart`() throws {
        let values = [-32_768, -32_768, 5, -32_768, 6, -32_768]
        let recording = try record("r 1 500 6", ["r.dat 16 1000/mV 16 100"], files: ["r.dat": little(values)])
        #expect(try recording.all(0).missing == [0..<2, 3..<4, 5..<6])
        #expect(try recording.digital(0) == [0, 0, -95, 0, -94, 0])
        #expect(try recording.samples(of: 0, in: 1..<4).missing == [0..<1, 2..<3])
    }

    @Test(
        arguments: [
            ("12:00:01 02/01/1970", (86_400 + 43_201) * 1_000_000_000), ("0:0:0.5 1/1/1970", 500_000_000),
            ("23:59:59 31/12/1969", -1_000_000_000), ("12:00:00 29/02/2000", 951_825_600_000_000_000),
            ("10:00:00", 36_000_000_000_000), ("10:00:00 31/02/2000", 36_000_000_000_000),
            ("10:00:00 yesterday", 36_000_000_000_000), ("25:00:00 01/01/2000", nil),
            ("noon 01/01/2000", nil),
            ("10:30 01/01/1970", 630_000_000_000), ("45.5", 45_500_000_000), ("10:00:00.x 01/01/2000", nil),
            ("2014-05-08 05:05:15", 1_399_525_515_000_000_000),
            ("05:05:15 2014-05-08", 1_399_525_515_000_000_000),
            ("2014-05-08T05:05:15Z", 1_399_525_515_000_000_000),
            ("08/05/2014 05:05:15", 1_399_525_515_000_000_000),
            ("08/05/2014", 1_399_507_200_000_000_000), ("10:44:18.529 04/05/2704", 38_658_529_000_000),
        ] as [(String, Int64?)]
    ) func `base time and date are UTC; without a date 1970, without a time none`(
        text: String,
        expected: Int64?
    ) throws {
        #expect(try record("r 2 500 3 \(text)").baseTime == expected)
    }

    @Test func `carriage returns, blank lines and tabs do no harm`() throws {
        let header = "# first\r\n\r\nr\t1 500 2\r\n  \r\nr.dat 16 1000/mV 16 0 1 3 0 I\r\n#last\r\n"
        let recording = try decode(header: Array(header.utf8), files: ["r.dat": little([1, 2])])
        #expect(recording.channels.map(\.name) == ["I"])
        #expect(recording.comments == [" first", "last"])
    }

    @Test func `a patient id has only the characters of the wire`() throws {
        let header = Array("x 1 500\nr.dat 16\n".utf8)
        let names = [
            ("a b.c", "a-b-c"), ("\u{E9}1_-", "-1_-"), ("_", "-"), (String(repeating: "x", count: 70), nil),
        ]
        for (name, expected) in names {
            let files = RecordingFiles(memory: ["\(name).hea": header, "r.dat": little([1])])
            let recording = try Recording(header: "\(name).hea", in: files)
            #expect(recording.streamPatientID == expected ?? String(repeating: "x", count: 64))
            #expect(StreamIdentity.isValidID(recording.streamPatientID))
        }
    }
}
