import DataSets
import ECGSignal
import Recordings
import TestSupport
import Testing

@Suite struct LeakageTests {
    private let folder = TemporaryFolder()

    private func part(_ name: String, _ rows: String) throws -> DataPart {
        try folder.write(
            "record,label_ids,source,patient\n" + rows,
            to: name + ".csv"
        )
        return DataPart(
            name: name,
            recordings: try DataSet.read([folder.path + "/\(name).csv"]).recordings
        )
    }

    private func leaks(_ parts: [DataPart], _ word: String) -> Bool {
        do throws(DataSetError) {
            try Leakage.check(parts)
            return false
        } catch { return error.kind == .leakage && error.reason.contains(word) }
    }

    @Test func `a patient on two sides of a split is refused`() throws {
        let training = try part("training", "1,normal,a,p1\n2,normal,a,p2\n")
        let test = try part("test", "3,normal,a,p1\n")
        #expect(leaks([training, test], "patient"))
        let clean = try part("clean", "4,normal,a,p3\n5,normal,b,p1\n6,normal,a,\n")
        #expect(!leaks([training, clean], ""))
    }

    @Test func `one ECG at two rates on two sides is refused`() throws {
        let training = try part("training", "17,normal,ptbxl,\n")
        let test = try part("test", "17,normal,ptbxl,\n")
        #expect(leaks([training, test], "ptbxl/17"))
    }

    @Test func `the Challenge's copy of PTB-XL is refused on any side`() throws {
        #expect(leaks([try part("training", "HR00017,normal,ptbxl_challenge,\n")], "record 17"))
    }

    @Test func `the same samples on two sides are refused, whatever their names`() throws {
        let hash = try Recording.load(Repository.fixtures + "/ptbxl/00017_hr").sampleHash
        let other = try Recording.load(Repository.fixtures + "/ptbxl/00001_hr").sampleHash
        #expect(hash == (try Recording.load(Repository.fixtures + "/ptbxl/00017_hr").sampleHash))
        #expect(hash != other)
        let training = try part("training", "x,normal,a,\n")
        let test = try part("test", "y,normal,b,\n")
        let same = [folder.path + "/x": hash, folder.path + "/y": hash]
        #expect(throws: DataSetError.self) { try Leakage.check([training, test], hashes: same) }
        try Leakage.check([training, test], hashes: [folder.path + "/x": hash, folder.path + "/y": other])
        let twins = Leakage.twins(training.recordings + test.recordings, hashes: same)
        #expect(twins.map(\.later.path) == [folder.path + "/y"])
        #expect(twins.map(\.earlier.path) == [folder.path + "/x"])
    }
}
