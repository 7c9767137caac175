import Diagnosis
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

    @Test
    func `a run that was stopped while it validated ends with the bits and figures of one that was not`()
        throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options) == .finished)
        var stopped = options
        stopped.out = folder + "/stopped"
        // The first epoch has three steps: the fourth question whether to stop comes within its validation.
        #expect(try run(stopped, stopAfter: 3) == .interrupted)
        let state = try TensorFiles.read(Checkpoint.path(in: stopped.out)).metadata["state"] ?? ""
        let checkpoint = try JSONDecoder().decode(Checkpoint.self, from: Data(state.utf8))
        #expect(checkpoint.losses.count == 1 && checkpoint.history.isEmpty)
        #expect(try run(stopped, resumes: true, stopAfter: 1) == .interrupted)
        #expect(try run(stopped, resumes: true) == .finished)
        #expect(try tensors(stopped) == tensors(options))
        #expect(try figures(stopped) == figures(options))
    }

    @Test func `a run that was killed after an epoch's figures writes no line of them twice`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options, stopAfter: 3) == .interrupted)
        // The kill came after the line and before the checkpoint, and cut a second line short.
        let path = options.out + "/metrics.jsonl"
        try "{\"epoch\":0.0,\"epoch_loss\":-1.0,\"step\":3.0}\n{\"epoch\":1.0,\"st".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        #expect(try run(options, resumes: true) == .finished)
        let epochs = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter {
            $0.contains("epoch_loss")
        }
        #expect(epochs.count == 2 && !epochs[0].contains("\"epoch_loss\":-1.0"))
    }

    @Test func `a list with other labels under the same name is refused, and an older checkpoint goes on`()
        throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options, stopAfter: 1) == .interrupted)
        let before = try weights(options)
        _ = try SmallRun.list(in: folder, name: "list.csv") {
            ["atrial_fibrillation", "sinus_rhythm", "sinus_rhythm;normal"][$0 % 3]
        }
        #expect {
            try run(options, resumes: true)
        } throws: { error in
            (error as? TrainingError)?.kind == .options
                && "\(error)".contains("labels or sentences are not those")
        }
        #expect(try weights(options) == before)
        // A version that kept no digest wrote the same file without it.
        let path = Checkpoint.path(in: options.out)
        let file = try TensorFiles.read(path)
        let state = try #require(file.metadata["state"])
        let digest = try #require(state.firstRange(of: /,?"dataDigest":"[0-9a-f]{64}"/))
        let older = state.replacingCharacters(in: digest, with: "").replacing("{,", with: "{")
        let tensors = try file.tensors.map {
            SafetensorsWriter.Tensor($0.name, $0.shape, try file.floats($0.name, shape: $0.shape))
        }
        try TensorFiles.write(SafetensorsWriter.bytes(tensors, metadata: ["state": older]), to: path)
        var heard: [String] = []
        let end = try TrainingRun(options) { report in
            if case .words(let words) = report { heard.append(words) }
        }.run(resumes: true) { false }
        #expect(end == .finished)
        #expect(heard.contains { $0.contains("cannot be compared") })
    }

    @Test func `a checkpoint of a step below 0 is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options, stopAfter: 1) == .interrupted)
        let path = Checkpoint.path(in: options.out)
        let file = try TensorFiles.read(path)
        let state = try #require(file.metadata["state"]).replacing("\"step\":1", with: "\"step\":-1")
        try TensorFiles.write(SafetensorsWriter.bytes([], metadata: ["state": state]), to: path)
        #expect { try run(options, resumes: true) } throws: { ("\($0)").contains("step -1") }
    }

    @Test func `data from which no model can be chosen or ranked are refused before a step`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var few = options
        few.scoredPositivesMin = 5
        #expect { try run(few) } throws: {
            ("\($0)").contains("no statement is true in 5 and false in another")
        }
        few = options
        few.rankedPositivesMin = 20
        #expect { try run(few) } throws: { ("\($0)").contains("the daemon would rank none") }
        #expect(!FileManager.default.fileExists(atPath: Checkpoint.path(in: options.out)))
    }

    @Test func `a batch that the machine has no room for is refused before anything is read`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var wide = options
        wide.channels = TrainingOptions().channels
        wide.batch = 4_096
        wide.memoryBytesMax = 8_000_000_000
        #expect { try run(wide) } throws: { error in
            (error as? TrainingError)?.kind == .options && "\(error)".contains("give at most 3")
        }
        #expect(!FileManager.default.fileExists(atPath: wide.out))
    }

    @Test func `a model that cannot be written or loaded leaves the one before it`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try run(options) == .finished)
        let place = options.out + "/model"
        let before = try ModelFolder.load(place).revisions
        let model = ContrastiveModel<Float>(channels: options.channels, team: try Team(parts: 1))
        model.initialise(seed: 7)
        let record = TrainedFolder.Record(
            recipe: "multilabel",
            epochs: 1,
            wholeEpochs: 0,
            batch: 1,
            rate: 1,
            weightDecay: 0,
            cropSeconds: 3,
            seed: 7,
            initial: nil,
            windows: 1,
            steps: 1,
            validation: []
        )
        let sentences = try Sentences.read(options.sentences)
        func write(_ positives: [String: Int]) throws {
            try TrainedFolder(sentences: sentences, name: "trained", positives: positives, positivesMin: 1)
                .write(model, record: record, to: place)
        }
        // With nothing ranked the files are whole, and the daemon would refuse the folder.
        #expect { try write([:]) } throws: { ("\($0)").contains("the model before it is intact") }
        #expect(try ModelFolder.load(place).revisions == before)
        try write(["sinus_rhythm": 1])
        #expect(try ModelFolder.load(place).revisions != before)
        let left = try FileManager.default.contentsOfDirectory(atPath: options.out)
        #expect(left.filter { $0.hasPrefix("model") } == ["model"])
    }

    @Test func `a model of another making, and a folder that a run writes to, are left alone`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: options.out + "/model",
            withIntermediateDirectories: true
        )
        try TensorFiles.write("{}", to: options.out + "/model/model.json")
        #expect { try run(options) } throws: { ("\($0)").contains("another making") }
        let lock = try RunLock(folder: options.out)
        #expect { try run(options) } throws: { ("\($0)").contains("another run writes there") }
        lock.release()
    }

    @Test func `a model with a statement of its own is learned from with its catalogue`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let own = folder + "/own"
        let wide = [Float](repeating: 0.1, count: Sentences.width)
        try ModelFolderCopy(of: Repository.defaultModel, at: own).write(
            adding: "wet_electrode\tWet\t濡\t\tother\t\tmodel\tany\tany\tnone\t1\t\t\t\t0",
            english: wide,
            japanese: wide.map { -$0 }
        )
        var more = options
        more.sentences = own
        more.data = [
            try SmallRun.list(in: folder, name: "own.csv") {
                ["sinus_rhythm", "wet_electrode", "sinus_rhythm;normal"][$0 % 3]
            }
        ]
        more.epochs = 1
        #expect(try run(more) == .finished)
        let loaded = try ModelFolder.load(more.out + "/model")
        #expect(loaded.ranker.model.ranked.contains("wet_electrode"))
        // A benchmark bank that is no such file is not taken for none, and a weights file that was changed is refused.
        try TensorFiles.write("junk", to: own + "/benchmark-bank.safetensors")
        #expect(throws: ModelFolderError.self) { try Sentences.read(own) }
        more.initial = own
        try TensorFiles.write("junk", to: own + "/encoder.safetensors")
        more.out = folder + "/other"
        more.sentences = Repository.defaultModel
        #expect { try run(more) } throws: { ("\($0)").contains("SHA-256") }
    }

    private func figures(_ options: TrainingOptions) throws -> String {
        try String(contentsOfFile: options.out + "/metrics.jsonl", encoding: .utf8)
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
        options.rankedPositivesMin = 1
        options.scoredPositivesMin = 1
        return options
    }

    /// A list of the twelve-lead fixtures whose labels `labels` gives by number; each fourth is in the fold to choose on.
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
        let lines = records.enumerated().map { "\($1),\(labels($0)),\($0.isMultiple(of: 4) ? 9 : 1)" }
        let path = "\(folder)/\(name)"
        try (["record,label_ids,fold"] + lines).joined(separator: "\n").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        return path
    }
}
