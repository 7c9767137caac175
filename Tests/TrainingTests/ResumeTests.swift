import Foundation
import ModelFolder
import TestSupport
import Testing

@testable import Learning
@testable import Training

/// Small runs on real recordings: a narrow network, two epochs of a few steps.
@Suite(.serialized) struct ResumeTests {
    private let folder: String
    private let options: TrainingOptions

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/shinden-training-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        options = try SmallRun.options(in: folder)
    }

    private func run(
        _ options: TrainingOptions,
        resumes: Bool = false,
        stopAfter steps: Int = .max
    ) throws
        -> TrainingRun.End
    {
        let counter = Counter()
        return try TrainingRun(options) { _ in }.run(resumes: resumes) {
            counter.value += 1
            return counter.value >= steps
        }
    }

    private func weights(_ options: TrainingOptions) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: Checkpoint.path(in: options.out))))
    }

    @Test func `a run that was stopped and resumed ends with the bits of one that was not`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options) == .finished)
        let whole = try weights(options)
        var stopped = options
        stopped.out = folder + "/stopped"
        #expect(try run(stopped, stopAfter: 3) == .interrupted)
        #expect(try weights(stopped) != whole)
        #expect(try run(stopped, resumes: true, stopAfter: 2) == .interrupted)
        #expect(try run(stopped, resumes: true) == .finished)
        #expect(try tensors(stopped) == tensors(options))
    }

    @Test func `a run that was killed between checkpoints ends with the bits of one that was not`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A kill leaves the files as they were at the last checkpoint: here those of step 3, copied away.
        #expect(try run(options, stopAfter: 3) == .interrupted)
        var killed = options
        killed.out = folder + "/killed"
        try FileManager.default.copyItem(atPath: options.out, toPath: killed.out)
        #expect(try run(options, resumes: true) == .finished)
        #expect(try run(killed, resumes: true) == .finished)
        #expect(try tensors(killed) == tensors(options))
    }

    @Test func `the model folder of a run has every file that its description names`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options) == .finished)
        let text = try String(contentsOfFile: options.out + "/model/model.json", encoding: .utf8)
        for name in ["encoder.safetensors", "label-bank.safetensors"] {
            #expect(text.contains(name))
            #expect(FileManager.default.fileExists(atPath: options.out + "/model/" + name))
        }
        #expect(try String(contentsOfFile: options.out + "/curves.svg", encoding: .utf8).contains("polyline"))
        let lines = try String(contentsOfFile: options.out + "/metrics.jsonl", encoding: .utf8).split(
            separator: "\n"
        )
        #expect(!lines.isEmpty)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test func `other options than the checkpoint's are refused and named`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options, stopAfter: 1) == .interrupted)
        var other = options
        other.rate = 0.5
        #expect {
            try run(other, resumes: true)
        } throws: { error in
            (error as? TrainingError)?.kind == .options && "\(error)".contains("--lr is 0.5")
        }
        #expect { try run(options) } throws: { ("\($0)").contains("--resume") }
    }

    @Test func `a loss that is no number ends the run and leaves the last checkpoint`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options, stopAfter: 1) == .interrupted)
        let before = try weights(options)
        var wild = options
        wild.out = folder + "/wild"
        wild.rate = 1e30
        #expect {
            try run(wild)
        } throws: { ($0 as? TrainingError)?.kind == .diverged }
        #expect(try weights(options) == before)
    }

    @Test func `a checkpoint that cannot be written leaves the old one`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/file"
        try TensorFiles.write("old", to: path)
        // A folder in the way of the new file stands for a disk that takes no more: the write fails.
        try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: true)
        #expect { try TensorFiles.write("new", to: path) } throws: {
            ($0 as? TrainingError)?.kind == .inputOutput
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }

    @Test func `data without any statement are refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bare = options
        bare.data = [try SmallRun.list(in: folder, name: "same.csv") { _ in "sinus_rhythm" }]
        #expect { try run(bare) } throws: { ($0 as? TrainingError)?.kind == .data }
    }

    private func tensors(_ options: TrainingOptions) throws -> [[Float]] {
        let file = try TensorFiles.read(Checkpoint.path(in: options.out))
        return try file.tensors.map { try file.floats($0.name, shape: $0.shape) }
    }
}

/// Counts the questions whether to stop.
private final class Counter {
    var value = 0
}

/// A narrow run on the fixtures.
enum SmallRun {
    static func options(in folder: String) throws -> TrainingOptions {
        var options = TrainingOptions()
        options.channels = [4, 4, 6, 8]
        options.data = [
            try list(in: folder, name: "list.csv") {
                ["sinus_rhythm", "atrial_fibrillation", "sinus_rhythm;normal"][$0 % 3]
            }
        ]
        options.epochs = 2
        options.wholeEpochs = 1
        options.batch = 4
        options.cropSeconds = 3
        options.out = folder + "/run"
        options.sentences = Repository.defaultModel
        options.checkpointMinutes = 60
        return options
    }

    /// A list of the twelve-lead fixtures whose labels `labels` gives by number.
    static func list(in folder: String, name: String, labels: (Int) -> String) throws -> String {
        var records: [String] = []
        for source in ["ptbxl", "georgia", "cpsc_2018"] {
            let files = try FileManager.default.contentsOfDirectory(
                atPath: "\(Repository.fixtures)/\(source)"
            )
            records += files.filter { $0.hasSuffix(".hea") }.sorted().map {
                "\(Repository.fixtures)/\(source)/\($0.dropLast(4))"
            }
        }
        let lines = records.enumerated().map { "\($1),\(labels($0))" }
        let path = "\(folder)/\(name)"
        try (["record,label_ids"] + lines).joined(separator: "\n").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        return path
    }
}
