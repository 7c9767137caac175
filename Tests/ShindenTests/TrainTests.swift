import Foundation
import TestSupport
import Testing

/// `shinden train` as a process, with the whole network on a few recordings.
@Suite(.serialized) struct TrainTests {
    private let folder = TemporaryFolder()
    private var out: String { folder.path + "/run" }

    /// The fewest recordings that a model can be learned, chosen and ranked from: 24 to learn from, 6 to choose on.
    ///
    /// They are ten fixtures by three gains, so that none has the samples of another.
    private func makeList() throws {
        let records = [
            "00001", "00017", "00039", "00045", "00096", "00139", "00141", "00177", "00190", "00195",
        ]
        guard !FileManager.default.fileExists(atPath: folder.path + "/list.csv") else { return }
        var lines = ["record,label_ids,fold"]
        for gain in 1_000..<1_003 {
            for name in records {
                let source = Repository.fixtures + "/ptbxl/\(name)_hr"
                let header = try String(contentsOfFile: source + ".hea", encoding: .utf8)
                try folder.write(
                    header.replacing("1000.0(0)", with: "\(gain).0(0)"),
                    to: "\(gain)/\(name)_hr.hea"
                )
                try folder.copy(source + ".dat", to: "\(gain)/\(name)_hr.dat")
                let isSinus = !lines.count.isMultiple(of: 6)
                let labels = isSinus ? "sinus_rhythm;normal" : "atrial_fibrillation"
                lines.append("\(gain)/\(name)_hr,\(labels),\(lines.count <= 24 ? 1 : 9)")
            }
        }
        try folder.write(lines.joined(separator: "\n"), to: "list.csv")
    }

    private func start(_ more: String...) throws -> Program {
        try makeList()
        return try Program(
            [
                "train", "--data", folder.path + "/list.csv", "--out", out, "--epochs", "5",
                "--whole-epochs", "1", "--batch", "12", "--crop", "3",
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
        for wrong in [
            ["--crop", "2"], ["--epochs", "9223372036854775807"], ["--epochs", "0"], ["--folds", "1-x"],
            ["--folds", "1-"],
        ] {
            #expect(try start(wrong[0], wrong[1]).finished().code == 64, "\(wrong)")
        }
    }

    @Test(arguments: [
        (["--data", "no-such-list"], 66), (["--init", "no-such-model"], 78),
        (["--noise", "no-such-folder"], 66), (["--out", "/dev/null/run"], 74),
        (["--sentences", "nowhere"], 66),
    ])
    func `what cannot be used ends with its documented code and a sentence that names it`(
        option: [String],
        code: Int
    ) throws {
        try makeList()
        let run = try Program(
            ["train", "--data", folder.path + "/list.csv", "--out", out, "--epochs", "1"] + option
        ).finished()
        #expect(Int(run.code) == code, "\(run.words)")
        #expect(run.words.contains("shinden train: ") && run.words.contains(option[1]), "\(run.words)")
        #expect(!run.words.contains("NSCocoaErrorDomain") && !run.words.contains("Error Domain"))
    }
}
