import Foundation
import TestSupport
import Testing

/// `shinden train` as a process, with the whole network on a few recordings.
@Suite(.serialized) struct TrainTests {
    private let folder = TemporaryFolder()
    private var out: String { folder.path + "/run" }

    private func start(_ more: String...) throws -> Program {
        let records = [
            "00001", "00017", "00039", "00045", "00096", "00139", "00141", "00177", "00190", "00195",
        ]
        let lines = records.enumerated().map { place, name in
            let labels = place.isMultiple(of: 2) ? "sinus_rhythm;normal" : "atrial_fibrillation"
            return "\(Repository.fixtures)/ptbxl/\(name)_hr,\(labels)"
        }
        try folder.write((["record,label_ids"] + lines).joined(separator: "\n"), to: "list.csv")
        return try Program(
            [
                "train", "--data", folder.path + "/list.csv", "--out", out, "--epochs", "5",
                "--whole-epochs", "1", "--batch", "4", "--crop", "3",
            ] + more
        )
    }

    /// The checkpoint's tensors: what follows the length of the header and the header.
    private func tensors() throws -> Data {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: out + "/checkpoint.safetensors"))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return bytes.dropFirst(8 + length)
    }

    private var metrics: String {
        (try? String(contentsOfFile: out + "/metrics.jsonl", encoding: .utf8)) ?? ""
    }

    @Test func `a run that was killed, interrupted and resumed ends with the same bits`() throws {
        #expect(try start().finished().code == 0)
        let whole = try tensors()
        let log = metrics
        try FileManager.default.removeItem(atPath: out)

        do {
            let killed = try start()
            #expect(eventually { FileManager.default.fileExists(atPath: out + "/checkpoint.safetensors") })
            killed.kill()
            #expect(killed.finished().code == 128 + SIGKILL)
        }
        let interrupted = try start("--resume")
        #expect(eventually { metrics.contains("\"epoch\":2.0") })
        interrupted.interrupt()
        let end = interrupted.finished()
        #expect(end.code == 130 && end.words.contains("go on with --resume"), "\(end.words)")
        #expect(try start("--resume").finished().code == 0)
        #expect(try tensors() == whole)
        #expect(metrics.split(separator: "\n").last == log.split(separator: "\n").last)
    }

    @Test func `options that contradict each other or the run are refused`() throws {
        let first = try start()
        #expect(eventually { metrics.contains("\"epoch\":0.0") })
        first.interrupt()
        #expect(first.finished().code == 130)
        let again = try start().finished()
        #expect(again.code == 64 && again.words.contains("--resume"), "\(again.words)")
        let other = try start("--resume", "--lr", "0.5").finished()
        #expect(other.code == 64 && other.words.contains("--lr is 0.5"), "\(other.words)")
        #expect(try start("--crop", "2").finished().code == 64)
    }
}
