import Foundation
import TestSupport
import Testing

/// `shinden model` as people call it.
@Suite struct ModelCommandTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString)"

    @Test func `the shipped model is verified and told in one line`() throws {
        let run = try Program.run("model", "verify", "Models/default")
        #expect(run.code == 0, "\(run.words)")
        #expect(run.lines.count == 1)
        #expect(run.output.contains("statements ranked") && run.output.contains("not a medical device"))
    }

    @Test func `a folder whose weights were changed is refused with the file and both hashes`() throws {
        try FileManager.default.copyItem(atPath: Repository.defaultModel, toPath: folder)
        let path = folder + "/encoder.safetensors"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let run = try Program.run("model", "verify", folder)
        #expect(run.code == 78)
        #expect(run.words.contains(path) && run.words.contains("SHA-256") && run.output.isEmpty)
    }

    @Test func `recordings that validate no statement give no model`() throws {
        let run = try Program.run(
            "model",
            "calibrate",
            "--model",
            "Models/default",
            "--records",
            "Fixtures/LIST.csv",
            "--out",
            folder
        )
        #expect(run.code == 65, "\(run.words)")
        #expect(run.words.contains("give more recordings"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/model.json"))
    }

    @Test(arguments: [
        ["verify"], ["calibrate", "--model", "Models/default"],
        ["calibrate", "--model", "a", "--records", "b", "--out", "c", "--folds", "nine"],
    ])
    func `wrong use: 64`(arguments: [String]) throws {
        #expect(try Program(["model"] + arguments).finished().code == 64)
    }

    @Test func `no such folder: 78 and its path`() throws {
        let run = try Program.run("model", "verify", folder)
        #expect(run.code == 78 && run.words.contains(folder))
    }
}
