import Diagnosis
import ECGSignal
import Findings
import Foundation
import ModelFolder
import TestSupport
import Testing

/// `shinden model import`, which takes the shipped weights as a state dict of PyTorch.
@Suite struct ModelImportTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// The shipped weights under `module.`, the text projection outside it, with what PyTorch stores beside them.
    private func stateDict(_ change: (inout [SafetensorsWriter.Tensor]) -> Void = { _ in }) throws -> String {
        let path = Repository.defaultModel + "/encoder.safetensors"
        let shipped = try Safetensors([UInt8](Data(contentsOf: URL(fileURLWithPath: path))), file: path)
        var tensors = try shipped.tensors.map { tensor in
            let prefix = tensor.name.hasPrefix("text_projection") ? "" : "module."
            return SafetensorsWriter.Tensor(
                prefix + tensor.name,
                tensor.shape,
                try shipped.floats(tensor.name, shape: tensor.shape)
            )
        }
        tensors.append(.init("module.bn1.num_batches_tracked", [1], [7]))
        change(&tensors)
        let file = folder + "/state.safetensors"
        try Data(SafetensorsWriter.bytes(tensors)).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Six recordings of sinus rhythm and two without, told apart by any model worth the name.
    private func records() throws -> String {
        var lines = ["record,label_ids,source"]
        for name in ["00001", "00039", "00096", "00139", "00461", "01021"] {
            lines.append("\(Repository.fixtures)/ptbxl/\(name)_hr,sinus_rhythm,ptbxl")
        }
        lines.append("\(Repository.fixtures)/ptbxl/00017_hr,atrial_fibrillation,ptbxl")
        lines.append("\(Repository.fixtures)/ptbxl/00279_hr,sinus_tachycardia,ptbxl")
        let file = folder + "/LIST.csv"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    private func run(_ weights: String) throws -> Run {
        try Program.run(
            "model",
            "import",
            "--weights",
            weights,
            "--sentences",
            "Models/default",
            "--records",
            try records(),
            "--out",
            folder + "/model"
        )
    }

    @Test func `a state dict with a prefix gives the same encoder and bank, and ranks what recordings show`()
        throws
    {
        let run = try run(stateDict())
        #expect(run.code == 0, "\(run.words)")
        #expect(run.words.contains("module.bn1.num_batches_tracked"))
        #expect(run.words.contains("1 statements are ranked"))
        let shipped = try ModelFolder.load(Repository.defaultModel)
        let made = try ModelFolder.load(folder + "/model")
        #expect(made.name == "imported" && made.ranker.model.ranked == ["sinus_rhythm"])
        #expect(made.benchmark == nil && made.trainingPositives.isEmpty)
        for (name, shape) in [("conv1.weight", [64, 12, 7]), ("projection.weight", [256, 1_024])] {
            #expect(try made.tensor(name, shape) == shipped.tensor(name, shape))
        }
        let embedding = Embedding(values: (0..<256).map { Float($0 % 7) / 50 })
        for index in made.ranker.catalogue.statements.indices {
            let mine = made.ranker.bank.similarity(of: embedding, toStatement: index)
            let other = shipped.ranker.bank.similarity(of: embedding, toStatement: index)
            #expect(abs((mine ?? 9) - (other ?? 9)) < 1e-5)
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/model.unjudged"))
    }

    @Test func `a missing tensor, another shape and two networks in one file are refused by name`() throws {
        func zeros(_ name: String, _ leads: Int) -> SafetensorsWriter.Tensor {
            .init(name, [64, leads, 7], Array(repeating: 0, count: 64 * leads * 7))
        }
        let cases: [(String, (inout [SafetensorsWriter.Tensor]) -> Void)] = [
            ("layer3.1.bn2.running_var", { $0.removeAll { $0.name == "module.layer3.1.bn2.running_var" } }),
            ("text_projection.weight", { $0.removeAll { $0.name == "text_projection.weight" } }),
            (
                "conv1.weight",
                {
                    $0.removeAll { $0.name == "module.conv1.weight" }
                    $0.append(zeros("module.conv1.weight", 8))
                }
            ),
            ("conv1.weight", { $0.append(zeros("b.conv1.weight", 12)) }),
        ]
        for (name, change) in cases {
            let run = try run(stateDict(change))
            #expect(run.code == 78, "\(name): \(run.words)")
            #expect(run.words.contains(name) && run.words.contains("state.safetensors"), "\(run.words)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/model/model.json"))
        }
    }
}
