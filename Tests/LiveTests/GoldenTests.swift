import Conditioning
import ECGSignal
import Foundation
import Gateway
import Recordings
import TestSupport
import Testing
import Wire

/// Against the reference program: Fixtures/golden, conditioned rows and nearest statements of six real records.
@Suite struct GoldenTests {
    private struct Golden: Decodable {
        let records: [String]
        let top5: [String: [[String]]]
    }

    /// The records' places among the fixtures, in the golden file's order.
    static let records = [
        "ptbxl/00017_hr", "ptbxl/00039_hr", "ptbxl100/10128_lr", "ptbxl100/21005_lr", "georgia/E00001",
        "ptb/S0001",
    ]

    /// The reference's resampling filter is shorter than ours, so only 500 Hz can agree closely; millivolts.
    static func tolerance(_ rate: SampleRate) -> Float {
        rate == .grid ? 1e-5 : rate.hertz == 1_000 ? 1e-3 : 0.03
    }

    private static func golden() throws -> Golden {
        let file = URL(filePath: Repository.fixtures + "/golden/golden.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }

    @Test(arguments: records.indices) func `conditioned rows are the golden ones`(index: Int) throws {
        let name = try #require(Self.golden().records[index].split(separator: "/").last)
        #expect(Self.records[index].hasSuffix("/" + name))
        let rows = try TensorFile(path: Repository.fixtures + "/golden/golden.safetensors").tensor(
            "conditioned"
        )
        #expect(rows.shape == [6, 12, Grid.windowSamples])
        let stream = try SentRecord(Self.records[index]).stream
        var reader = WindowReader()
        let first = try reader.firstWindow(of: stream.allChunks())
        let found = try #require(first).byLead
        var worst: Float = 0
        for channel in 0..<Lead.channelCount {
            let base = (index * Lead.channelCount + channel) * Grid.windowSamples
            for time in 0..<Grid.windowSamples {
                worst = max(
                    worst,
                    abs(found[channel * Grid.windowSamples + time] - rows.values[base + time])
                )
            }
        }
        #expect(worst <= Self.tolerance(stream.rate), "\(Self.records[index]): \(worst) mV")
    }

    @Test func `classify names the golden five first`() throws {
        let golden = try Self.golden()
        let expected = try #require(golden.top5["12"])
        let paths = Self.records.map { Repository.fixtures + "/" + $0 }
        let (code, lines, words) = try Program.run(
            ["classify", "--json", "--model", Repository.defaultModel] + paths
        )
        #expect(code == 0, "\(words)")
        let windows = try lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }
        let firsts = windows.filter { $0["window"]?.object?["first_sample"]?.whole == 0 }
        try #require(firsts.count == expected.count)
        for (window, names) in zip(firsts, expected) {
            let top = window["top"]?.array?.compactMap(\.object) ?? []
            // Two statements that are equally near as far as they are told may stand in either order.
            let places = names.map { name in top.firstIndex { $0["id"]?.text == name } }
            let told = places.map { place in place.flatMap { top[$0]["similarity"] } }
            #expect(told == top.prefix(5).map { $0["similarity"] }, "\(names)")
        }
    }
}
