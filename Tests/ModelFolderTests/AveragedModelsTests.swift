import Diagnosis
import Foundation
import ModelFolder
import Testing

/// A model between two, from `ModelFolderCopy.write(between:share:name:)`.
@Suite struct AveragedModelsTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/average-\(UUID().uuidString)"

    private func tensors(_ path: String) throws -> [String: [Float]] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let file = try Safetensors(bytes, file: path)
        return Dictionary(
            uniqueKeysWithValues: try file.tensors.filter { $0.dtype == "F32" }.map {
                ($0.name, try file.floats($0.name, shape: $0.shape))
            }
        )
    }

    /// A copy of the default model whose weights are those of the default, changed one by one.
    private func changed(_ change: (Float) -> Float) throws -> FolderCopy {
        let copy = try FolderCopy()
        let path = copy.path + "/encoder.safetensors"
        let file = try Safetensors(copy.bytes("encoder.safetensors"), file: path)
        let values = try file.tensors.map { tensor in
            SafetensorsWriter.Tensor(
                tensor.name,
                tensor.shape,
                try file.floats(tensor.name, shape: tensor.shape).map(change)
            )
        }
        try copy.replace("encoder.safetensors", SafetensorsWriter.bytes(values))
        return copy
    }

    @Test func `every weight lies between both by the share, and the bank follows the layer`() throws {
        let other = try changed { $0 * 3 }
        try ModelFolderCopy(of: plainModel, at: folder).write(
            between: other.path,
            share: 0.75,
            name: "half"
        )
        let (ours, between) = (
            try tensors(plainModel + "/encoder.safetensors"), try tensors(folder + "/encoder.safetensors")
        )
        #expect(Set(ours.keys) == Set(between.keys))
        for (name, values) in ours {
            let expected = values.map { Float(0.75 * Double($0) + 0.25 * Double($0 * 3)) }
            #expect(between[name] == expected, "\(name)")
        }
        let model = try ModelFolder.load(folder)
        #expect(model.name == "half")
        // A layer that is 1.5 times as long points the same way, so the unit rows stay where they were.
        let (bank, old) = (
            try tensors(folder + "/label-bank.safetensors"),
            try tensors(plainModel + "/label-bank.safetensors")
        )
        for name in ["bank.en", "bank.ja"] {
            let (rows, before) = (try #require(bank[name]), try #require(old[name]))
            let furthest = zip(rows, before).map { abs($0 - $1) }.max() ?? 1
            #expect(furthest < 2e-6, "\(name): \(furthest)")
        }
        #expect(bank["text.en"] == old["text.en"] && bank["mean.ja"] == old["mean.ja"])
    }

    @Test func `what recordings showed of a model does not hold for the one between`() throws {
        try ModelFolderCopy(of: defaultModel, at: folder).write(
            between: defaultModel,
            share: 0.5,
            name: "same"
        )
        let model = try ModelFolder.load(folder)
        #expect(model.calibrationSet == nil && model.unvalidated.isEmpty)
        #expect(model.ranker.model.calibrations.isEmpty && model.ranker.model.thresholds.isEmpty)
        #expect(model.ranker.model.ranked == (try ModelFolder.load(defaultModel)).ranker.model.ranked)
        // Halves of the same numbers are these numbers.
        #expect(
            try tensors(folder + "/encoder.safetensors") == tensors(defaultModel + "/encoder.safetensors")
        )
    }

    /// What model.json of an averaged model names.
    private struct Provenance: Decodable {
        struct Part: Decodable {
            let model: String
            let share: Double
        }
        let averaged: [Part]
    }

    @Test func `the default model is made of what it says, to the byte`() throws {
        let json = try Data(contentsOf: URL(fileURLWithPath: defaultModel + "/model.json"))
        let parts = try JSONDecoder().decode(Provenance.self, from: json).averaged
        #expect(parts.count == 2 && abs(parts.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        let first = try #require(parts.first)
        let second = try #require(parts.last)
        let models = plainModel.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        try ModelFolderCopy(of: "\(models)/\(first.model)", at: folder).write(
            between: "\(models)/\(second.model)",
            share: first.share,
            name: "again"
        )
        for name in ["encoder", "label-bank", "benchmark-bank"] {
            let made = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).safetensors"))
            let shipped = try Data(contentsOf: URL(fileURLWithPath: "\(defaultModel)/\(name).safetensors"))
            #expect(made == shipped, "\(name)")
        }
    }

    @Test func `models of other sentences, no models and places that are taken are refused with the reason`()
        throws
    {
        let other = try FolderCopy()
        let path = other.path + "/label-bank.safetensors"
        let bank = try Safetensors(other.bytes("label-bank.safetensors"), file: path)
        let values = try bank.tensors.map { tensor in
            var values = try bank.floats(tensor.name, shape: tensor.shape)
            if tensor.name == "text.ja" { values[5] += 0.25 }
            return SafetensorsWriter.Tensor(tensor.name, tensor.shape, values)
        }
        try other.replace(
            "label-bank.safetensors",
            SafetensorsWriter.bytes(values, metadata: bank.metadata)
        )
        let copy = ModelFolderCopy(of: plainModel, at: folder)
        do {
            try copy.write(between: other.path, share: 0.5, name: "mixed")
            Issue.record("other sentences were averaged")
        } catch {
            #expect(error.file == path && error.part == "text.ja", "\(error)")
        }
        #expect(throws: ModelFolderError.self) {
            try copy.write(between: folder, share: 0.5, name: "none")
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/model.json"))
        try copy.write(between: plainModel, share: 0.5, name: "first")
        #expect(throws: ModelFolderError.self) {
            try copy.write(between: plainModel, share: 0.5, name: "second")
        }
    }
}
