import Diagnosis
import Digest
import ECGSignal
import Findings
import Foundation
import TestSupport
import Testing

@testable import ModelFolder

@Suite struct ModelFolderTests {
    @Test func `a model loads, with revisions of its three files`() throws {
        let model = try ModelFolder.load(plainModel)
        let copy = try FolderCopy()
        #expect(!model.name.isEmpty)
        #expect(model.revision.count == 16)
        #expect(model.revisions.model == String(SHA256.hex(try copy.bytes("model.json")).prefix(16)))
        #expect(
            model.revisions.bank == String(SHA256.hex(try copy.bytes("label-bank.safetensors")).prefix(16))
        )
        #expect(model.revisions.catalogue == String(SHA256.hex(Catalogue.shipped.bytes).prefix(16)))
        #expect(try model.tensor("conv1.weight", [64, 12, 7]).count == 64 * 12 * 7)
        #expect(model.ranker.model.ranked.contains("normal"))
        let refusal = #expect(throws: ModelFolderError.self) {
            try model.tensor("conv1.weight", [64, 12, 9])
        }
        #expect(refusal?.description.contains("encoder.safetensors, conv1.weight: shape [64, 12, 7]") == true)
    }

    @Test func `a copy of a folder of links has files of its own and tells its recordings`() throws {
        // Links beside one another, as a folder of models of one language model has them.
        let folder = try FolderCopy()
        let links = folder.path + "/links"
        try FileManager.default.createDirectory(atPath: links, withIntermediateDirectories: true)
        for name in ["model.json", "encoder.safetensors", "label-bank.safetensors"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(links)/\(name)",
                withDestinationPath: "../\(name)"
            )
        }
        let copy = folder.path + "/far/away/copy"
        let model = try ModelFolder.load(links)
        try ModelFolderCopy(of: links, at: copy).write(
            .init(
                calibrations: [:],
                thresholds: [:],
                ranked: model.ranker.model.ranked,
                unvalidated: [:],
                recordings: "7 recordings of a"
            )
        )
        let loaded = try ModelFolder.load(copy)
        #expect(loaded.calibrationSet == "7 recordings of a")
        #expect(loaded.revisions.bank == model.revisions.bank)
    }

    @Test func `a name or revision that a terminal would obey is refused`() throws {
        for text in ["\\u001b[2J", String(repeating: "r", count: 65)] {
            let copy = try FolderCopy()
            try copy.edit("\"format\": 1", "\"format\": 1, \"revision\": \"\(text)\"")
            #expect { try ModelFolder.load(copy.path) } throws: { ("\($0)").contains("revision") }
        }
    }

    @Test(arguments: ["model.json", "encoder.safetensors", "label-bank.safetensors"])
    func `a missing, tampered or short file is refused by name`(name: String) throws {
        let copy = try FolderCopy()
        let intact = try copy.bytes(name)
        func refusal() -> String {
            do {
                _ = try ModelFolder.load(copy.path)
                return ""
            } catch { return error.description }
        }
        try copy.write(name, Array(intact.dropLast(100)))
        #expect(refusal().hasPrefix("\(copy.path)/\(name)"), "\(refusal())")
        try FileManager.default.removeItem(atPath: "\(copy.path)/\(name)")
        #expect(refusal() == "\(copy.path)/\(name): no such file; give the folder of a whole model")
        try FileManager.default.createDirectory(
            atPath: "\(copy.path)/\(name)",
            withIntermediateDirectories: true
        )
        #expect(refusal() == "\(copy.path)/\(name): not a regular file")
        try FileManager.default.removeItem(atPath: "\(copy.path)/\(name)")
        try copy.write(name, [UInt8](repeating: 32, count: 64 * 1_048_576 + 1))
        #expect(refusal().contains("67108865 bytes, more than the 67108864 that are read"))
        guard name != "model.json" else { return }
        var tampered = intact
        tampered[tampered.count - 7] ^= 1
        try copy.write(name, tampered)
        #expect(refusal().contains("\(name): SHA-256 \(SHA256.hex(tampered)) where model.json states"))
        try copy.write(name, intact)
        #expect(refusal().isEmpty)
    }

    /// Text in model.json, its replacement, words of the refusal.
    static let edits = [
        (#""format": 1"#, #""format": 2"#, "model.json, format: 2 where this program runs 1"),
        (
            #""format": 1"#, #""precision": "int4", "format": 1"#,
            "precision: \"int4\" where this program runs fp32 and int8"
        ),
        (
            #""format": 1"#, #""precision": "int8", "format": 1"#,
            "files.activation-ranges.safetensors: the hash is missing"
        ),
        ("ResNet1d18", "ResNet1d34", "encoder: ResNet1d34"),
        ("mean+attention", "mean", "pooling: mean where this program runs mean+attention"),
        (#""embedding": 256"#, #""embedding": 128"#, "embedding: 128"),
        (#""window_samples": 5000"#, #""window_samples": 4096"#, "window_samples: 4096"),
        (#""rate_hz": 500"#, #""rate_hz": 400"#, "rate_hz: 400"),
        ("0.5,\n  40", "0.5,\n  45", "band_hz: [0.5, 45.0]"),
        (#""stride": 32"#, #""stride": 16"#, "stride: 16"),
        (#""interior_margin_samples": 217"#, #""interior_margin_samples": 0"#, "interior_margin_samples: 0"),
        (#""name": "#, #""nom": "#, "(at name: the key is missing)"),
        (#""similarity_scale": "#, #""similarity_scale": -"#, "similarity_scale: -"),
        (#""similarity_bias": "#, #""similarity_bias": 1e999, "x": "#, "model.json"),
        (#""ranked": ["#, #""ranked": ["gout", "#, "ranked: \"gout\" is not in the catalogue"),
        (#""ranked": ["#, #""ranked": ["normal", "#, "ranked: \"normal\" stands there twice"),
        (#""ranked": ["#, #""ranked": [7, "#, "(at ranked."),
        (#""catalogue_sha256": ""#, #""catalogue_sha256": "0"#, "catalogue_sha256: 0"),
        (#""files": {"#, #""files": {}, "old": {"#, "files.encoder.safetensors: the hash is missing"),
        (
            #""files": {"#,
            #""calibrations": {"12": {"normal": {"scale": -1, "offset": 0}}}, "files": {"#,
            "calibrations.12: \"normal\""
        ),
        (
            #""files": {"#, #""calibrations": {"V1": {}}, "files": {"#,
            "calibrations: \"V1\" is no set of leads; take 12, limb, II, I"
        ),
        (#""files": {"#, #""thresholds": {"normal": 1.5}, "files": {"#, "thresholds: \"normal\" has 1.5"),
        ("{", "[", "model.json: not the JSON of a model"),
    ]

    @Test(arguments: edits) func `a model that this program cannot run is refused with key and value`(
        text: String,
        replacement: String,
        words: String
    ) throws {
        let copy = try FolderCopy()
        try copy.edit(text, replacement)
        let refusal = #expect(throws: ModelFolderError.self) { try ModelFolder.load(copy.path) }
        #expect(refusal?.description.hasPrefix("\(copy.path)/model.json") == true)
        #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
    }

    @Test func `calibrations and thresholds are read where there are any`() throws {
        let copy = try FolderCopy()
        try copy.edit(
            #""files": {"#,
            #""revision": "r1", "calibrations": {"limb": {"normal": {"scale": 2, "offset": 0.5}}}, "#
                + #""thresholds": {"normal": 0.25}, "files": {"#
        )
        let model = try ModelFolder.load(copy.path + "/")
        #expect(model.revision == "r1")
        #expect(model.ranker.model.calibrations == [.limb: ["normal": .init(scale: 2, offset: 0.5)]])
        #expect(model.ranker.model.thresholds == ["normal": 0.25])
    }

    @Test func `a weight that is no number is refused with its tensor`() throws {
        let copy = try FolderCopy()
        var weights = try copy.bytes("encoder.safetensors")
        weights.replaceSubrange(weights.count - 4..<weights.count, with: bytes(of: [.nan]))
        try copy.replace("encoder.safetensors", weights)
        let refusal = #expect(throws: ModelFolderError.self) { try ModelFolder.load(copy.path) }
        #expect(
            refusal?.description
                == "\(copy.path)/encoder.safetensors, text_projection.weight: value 163839 is nan; take an intact file"
        )
    }

    @Test func `a bank of another dimension, another catalogue or without row order is refused`() throws {
        let row = bytes(of: [1] + [Float](repeating: 0, count: 127))
        func bank(_ metadata: String) -> [UInt8] {
            safetensors(
                #"{\#(metadata)"bank.en":{"dtype":"F32","shape":[1,128],"data_offsets":[0,512]},"#
                    + #""bank.ja":{"dtype":"F32","shape":[1,128],"data_offsets":[512,1024]}}"#,
                payload: row + row
            )
        }
        let copy = try FolderCopy()
        try copy.replace("label-bank.safetensors", bank(#""__metadata__":{"ids":"normal"},"#))
        let narrow = #expect(throws: ModelFolderError.self) { try ModelFolder.load(copy.path) }
        #expect(narrow?.description.contains("bank.en: shape [1, 128] where [1, 256] is needed") == true)
        try copy.replace("label-bank.safetensors", bank(""))
        let orderless = #expect(throws: ModelFolderError.self) { try ModelFolder.load(copy.path) }
        #expect(orderless?.description.contains("__metadata__.ids: the row order is missing") == true)
    }

    @Test func `a folder's own table may add statements, and changes none of the program's`() throws {
        let shipped = String(decoding: Catalogue.shipped.bytes, as: UTF8.self)
        let row = "wet_electrode\tWet Electrode\t濡れた電極\t\tother\t\tmodel\tany\tany\tnone\t0\t\t\tA test.\t0\n"
        let copy = try FolderCopy()
        func refusal(of table: String) throws -> String {
            try copy.write("labels.tsv", Array(table.utf8))
            return #expect(throws: ModelFolderError.self) { try ModelFolder.load(copy.path) }?.description
                ?? ""
        }
        #expect(try refusal(of: shipped + row).contains("catalogue_sha256"))
        try copy.edit(
            SHA256.hex(Catalogue.shipped.bytes),
            SHA256.hex(Array((shipped + row).utf8))
        )
        let catalogue = try ModelFolder.load(copy.path).ranker.catalogue
        #expect(catalogue.statements.count == Catalogue.shipped.statements.count + 1)
        #expect(catalogue.statements.last?.id == "wet_electrode")
        #expect(
            try refusal(of: shipped.replacing("Sinus Bradycardia", with: "Sinus Rest") + row)
                .contains("sinus_bradycardia: differs from the program's own row")
        )
        let lines = shipped.split(separator: "\n")
        #expect(
            try refusal(of: lines.dropLast().joined(separator: "\n")).contains("the statement is missing")
        )
        #expect(try refusal(of: "id\ten\n").contains("labels.tsv: column ja is missing"))
    }

    @Test(arguments: seeds(2_000)) func `P01: a mutated model.json is read or refused, never a crash`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var json = [UInt8](try Data(contentsOf: URL(fileURLWithPath: defaultModel + "/model.json")))
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: json.indices, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: json[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 1: json[at] = Array(#"0123456789[]{},":-e."#.utf8).randomElement(using: &generator) ?? 0
            default:
                json.removeSubrange(at..<min(json.count, at + Int.random(in: 1...200, using: &generator)))
            }
        }
        do {
            let description = try ModelDescription(json, file: "m")
            #expect(description.windowSamples == 5_000, "seed \(seed)")
        } catch { #expect(error.file == "m" && !error.reason.isEmpty, "seed \(seed)") }
    }
}
