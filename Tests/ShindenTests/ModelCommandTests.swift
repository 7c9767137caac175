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
            "Models/bootstrap",
            "--records",
            "Fixtures/LIST.csv",
            "--out",
            folder
        )
        #expect(run.code == 65, "\(run.words)")
        #expect(run.words.contains("give more recordings"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/model.json"))
    }

    @Test func `a model of eight bits is made, verified, run, and not made of itself again`() throws {
        func quantise(_ model: String, _ out: String) throws -> Run {
            try Program.run(
                "model",
                "quantise",
                "--model",
                model,
                "--records",
                "Fixtures/LIST.csv",
                "--out",
                out,
                "--json"
            )
        }
        let run = try quantise("Models/default", folder)
        #expect(run.code == 0, "\(run.words)")
        for key in ["windows", "same_first", "same_five", "five_in_common", "cosine_least", "cosine_median"] {
            #expect(run.output.contains("\"\(key)\":"), "\(key)")
        }
        let verified = try Program.run("model", "verify", folder)
        #expect(verified.code == 0 && verified.output.contains("computes in int8"), "\(verified.words)")
        #expect(verified.output.contains("-int8"))

        // The same window with both: other similarities, the same first statement.
        func classified(_ model: String) throws -> String {
            try Program.run("classify", "Fixtures/ptbxl/00017_hr", "--model", model, "--json").output
        }
        let (floats, bytes) = (try classified("Models/default"), try classified(folder))
        #expect(floats != bytes && !bytes.isEmpty)
        #expect(bytes == (try classified(folder)))

        let again = try quantise(folder, folder + "-2")
        #expect(again.code == 78 && again.words.contains("int8 already"), "\(again.words)")
        let taken = try quantise("Models/default", folder)
        #expect(taken.code == 78 && taken.words.contains("holds a model already"), "\(taken.words)")

        // What was measured of the activations of one model does not hold for the one between two.
        let between = folder + "-between"
        let averaged = try Program.run("model", "average", folder, "Models/default", "--out", between)
        #expect(averaged.code == 0, "\(averaged.words)")
        for (first, second) in [(folder, "Models/default"), ("Models/default", folder)] {
            let out = folder + "/inside"
            let inside = try Program.run("model", "average", first, second, "--out", out)
            #expect(inside.code == 78 && inside.words.contains("lies in the folder"), "\(inside.words)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/inside"))
        #expect(try Program.run("model", "verify", between).output.contains("computes in fp32"))
        #expect(!FileManager.default.fileExists(atPath: between + "/activation-ranges.safetensors"))

        let ranges = folder + "/activation-ranges.safetensors"
        var damaged = try Data(contentsOf: URL(fileURLWithPath: ranges))
        damaged[damaged.count - 1] ^= 1
        try damaged.write(to: URL(fileURLWithPath: ranges))
        let refused = try Program.run("model", "verify", folder)
        #expect(refused.code == 78 && refused.words.contains(ranges), "\(refused.words)")
    }

    @Test(arguments: [
        ["verify"], ["quantise", "--model", "a", "--records", "b", "--out", "c", "--windows", "0"],
        ["calibrate", "--model", "Models/default"],
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

/// `shinden model export` beside the runtime that reads it.
@Suite struct ExportTests {
    private let file = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString).onnx"

    /// A python3 with ONNX Runtime, which `make bench` installs; nil where there is none.
    private static let python: String? = {
        let candidates = [Repository.root + "/Benchmarks/peers/.venv/bin/python", "python3"]
        return candidates.first { candidate in
            let run = try? Program(
                [candidate, "-c", "import onnxruntime, numpy"],
                executable: "/usr/bin/env"
            )
            .finished()
            return run?.code == 0
        }
    }()

    @Test func `the file holds every weight once, the row order and the notice`() throws {
        let run = try Program.run("model", "export", "--model", "Models/default", "--onnx", file)
        #expect(run.code == 0, "\(run.words)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let weights = try Data(
            contentsOf: URL(fileURLWithPath: Repository.defaultModel + "/encoder.safetensors")
        )
        // Batch norms are folded and the text projection stays behind; the banks come with it.
        #expect(abs(bytes.count - weights.count) < 1_000_000)
        for text in [
            "Research software, not a medical device.", "similarity_ja", "atrial_fibrillation",
            "LpNormalization",
        ] {
            #expect(bytes.firstRange(of: Data(text.utf8)) != nil, "\(text)")
        }
    }

    @Test func `a model that the daemon cannot run is not exported`() throws {
        let folder = TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: Repository.defaultModel) {
            try folder.copy(Repository.defaultModel + "/" + name, to: name)
        }
        // A variance below 0, with the hash of the file that has it.
        let path = folder.path + "/encoder.safetensors"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any]
        )
        let tensor = try #require(header["bn1.running_var"] as? [String: Any])
        let offsets = try #require(tensor["data_offsets"] as? [Int])
        let before = try hash(path)
        bytes[8 + length + offsets[0] + 3] |= 0x80
        try bytes.write(to: URL(fileURLWithPath: path))
        let json = try String(contentsOfFile: folder.path + "/model.json", encoding: .utf8)
        try folder.write(json.replacing(before, with: try hash(path)), to: "model.json")
        let run = try Program.run("model", "export", "--model", folder.path, "--onnx", file)
        #expect(run.code == 78 && run.words.contains("bn1.running_var"), "\(run.words)")
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    private func hash(_ path: String) throws -> String {
        let run = try Program(["sha256sum", path], executable: "/usr/bin/env").finished()
        return String(try #require(run.output.split(separator: " ").first))
    }

    @Test(.enabled(if: python != nil, "no python3 here imports onnxruntime; make bench installs it"))
    func `ONNX Runtime gives the golden embeddings and similarities within 1e-5`() throws {
        let run = try Program.run("model", "export", "--model", "Models/default", "--onnx", file)
        #expect(run.code == 0, "\(run.words)")
        let script = """
            import json, struct, sys
            import numpy as np, onnxruntime
            data = open(sys.argv[2], "rb").read()
            length = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + length])
            def tensor(name):
                begin, end = header[name]["data_offsets"]
                return np.frombuffer(data[8 + length + begin:8 + length + end], "<f4").reshape(header[name]["shape"])
            session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
            found = session.run(None, {"window": tensor("conditioned")})
            for name, values in zip(["embedding.12", "similarity.en.12", "similarity.ja.12"], found):
                print(name, np.abs(values - tensor(name)).max())
            """
        let golden = Repository.fixtures + "/golden/golden.safetensors"
        let peer = try Program(
            [try #require(Self.python), "-c", script, file, golden],
            executable: "/usr/bin/env"
        )
        .finished()
        #expect(peer.code == 0 && peer.lines.count == 3, "\(peer.words)")
        for line in peer.lines {
            let difference = line.split(separator: " ").last.flatMap { Double($0) } ?? 1
            #expect(difference <= 1e-5, "\(line)")
        }
    }
}
