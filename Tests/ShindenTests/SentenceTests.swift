import Foundation
import TestSupport
import Testing

@testable import TextEmbedding

/// `shinden labels embed`, `add` and `validate` with a server of embeddings in another language.
@Suite struct SentenceTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A server that answers each sentence with numbers drawn by it; `WIDTHS` are those of its answers in turn, the last
    /// for good, 0 closes the connection without an answer, -N sends N bytes at once again and again without an end, and 77 gives
    /// every sentence the same numbers.
    private static let server = """
        import hashlib, json, random, sys, time
        from http.server import BaseHTTPRequestHandler, HTTPServer
        widths = [int(word) for word in sys.argv[1].split(",")]
        class Server(BaseHTTPRequestHandler):
            def do_POST(self):
                width = widths.pop(0) if len(widths) > 1 else widths[0]
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if width == 0:
                    self.connection.close()
                    return
                if width < 0:
                    self.send_response(500 if width == -3 else 200)
                    self.end_headers()
                    try:
                        while True:
                            self.wfile.write(bytes([27]) * -width)
                            if width == -3:
                                return
                            time.sleep(0.02 if width == -1 else 0)
                    except OSError:
                        return
                rows = []
                for place, sentence in enumerate(asked["input"]):
                    drawn = random.Random(0 if width == 77 else hashlib.sha256(sentence.encode()).digest())
                    rows.append({"index": place, "embedding": [drawn.gauss(0, 1) for _ in range(width)]})
                body = json.dumps({"data": rows[::-1]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *words):
                pass
        server = HTTPServer(("127.0.0.1", 0), Server)
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    /// Starts the server and gives its address.
    private func serve(_ widths: String) throws -> (program: Program, address: String) {
        let program = try Program(
            ["python3", "-u", "-c", Self.server, widths],
            executable: "/usr/bin/env"
        )
        try #require(eventually(within: .seconds(30)) { !program.outputSoFar.isEmpty })
        let port = program.outputSoFar.split(separator: "\n")[0]
        return (program, "http://127.0.0.1:\(port)")
    }

    /// The catalogue's sentences embedded by the server at that address.
    private func embed(from address: String, to out: String) throws -> Run {
        let table = Repository.root + "/Sources/Core/Findings/labels.tsv"
        return try Program.run(
            "labels",
            "embed",
            "--catalogue",
            table,
            "--endpoint",
            address,
            "--out",
            out
        )
    }

    private func size(_ path: String) -> Int? {
        try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test
    func `a catalogue is embedded in both languages, and a file that stands is replaced only as a whole`()
        throws
    {
        let (server, address) = try serve("12")
        let out = folder + "/bank.safetensors"
        let run = try embed(from: address, to: out)
        #expect(run.code == 0, "\(run.words)")
        #expect(run.words.contains("12 numbers a sentence"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: out))
        withExtendedLifetime(server) {}
        // Two answers, then the server is gone.
        let (dying, other) = try serve("12,12,0")
        let again = try embed(from: other, to: out)
        withExtendedLifetime(dying) {}
        #expect(again.code == 69 && again.words.contains(other), "\(again.words)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: out)) == bytes)
    }

    @Test func `an answer that comes fast and never ends is an error`() throws {
        // In a process of its own: FoundationNetworking reads on for as long as its session has not ended.
        let (server, address) = try serve("-1048576")
        let run = try embed(from: address, to: folder + "/bank.safetensors")
        withExtendedLifetime(server) {}
        #expect(run.code == 69)
        #expect(run.words.contains("an answer of more than 16777216 bytes"), "\(run.words)")
    }

    @Test(arguments: [("-1", "no whole answer within 2 s"), ("-3", "HTTP 500")])
    func `an answer without an end byte by byte, and one that refuses, are errors`(
        bytes: String,
        words: String
    ) throws {
        let (server, address) = try serve(bytes)
        let patience = bytes == "-1" ? 2.0 : 120
        let refusal = #expect(throws: EmbeddingError.self) {
            try EmbeddingServer(address, patience: patience).embed(["a"])
        }
        withExtendedLifetime(server) {}
        let text = try #require(refusal?.description)
        #expect(text.contains(words), "\(text)")
        #expect(!text.contains("\u{1B}"))
    }

    @Test(arguments: ["/dev/full", "/dev/null", "Fixtures", "nowhere/bank.safetensors"])
    func `a place that takes no file is refused before the server is asked`(place: String) throws {
        let table = Repository.root + "/Sources/Core/Findings/labels.tsv"
        // Nobody answers there, which would be 69.
        let run = try Program(
            [
                "labels", "embed", "--catalogue", table, "--endpoint", "http://127.0.0.1:1", "--out", place,
            ]
        ).finished()
        #expect(run.code == 74 && run.words.contains(place), "\(run.words)")
        #expect(try Program.run("model", "export", "--model", "Models/default", "--onnx", place).code == 74)
    }

    @Test func `one vector for every sentence, and one name for two statements, are refused`() throws {
        let (server, address) = try serve("77")
        let out = folder + "/bank.safetensors"
        let run = try embed(from: address, to: out)
        #expect(run.code == 69 && run.words.contains("one vector for \"This ECG shows"), "\(run.words)")
        #expect(size(out) == nil)
        let add = [
            "labels", "add", "--model", "Models/default", "--endpoint", address, "--out", folder + "/added",
        ]
        let same = try Program(add + ["--id", "wet", "--en", "Wet Electrode", "--ja", "濡れた電極"]).finished()
        #expect(same.code == 69 && same.words.contains("nothing could tell apart"), "\(same.words)")
        withExtendedLifetime(server) {}
        let named = try Program(add + ["--id", "other", "--en", "Asystole", "--ja", "別名"]).finished()
        #expect(named.code == 78 && named.words.contains("the name of asystole already"), "\(named.words)")
        let table = try String(
            contentsOfFile: Repository.root + "/Sources/Core/Findings/labels.tsv",
            encoding: .utf8
        )
        let twice = folder + "/twice.tsv"
        var lines = table.split(separator: "\n").map(String.init)
        let place = try #require(lines.firstIndex { $0.hasPrefix("asystole\t") })
        var fields = lines[place].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        fields[0] = "standstill"
        lines.insert(fields.joined(separator: "\t"), at: place + 1)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: twice))
        let doubled = try Program.run(
            "labels",
            "embed",
            "--catalogue",
            twice,
            "--endpoint",
            address,
            "--out",
            out
        )
        #expect(doubled.code == 65 && doubled.words.contains("asystole and standstill"), "\(doubled.words)")
    }

    @Test func `an answer of another width is refused with both widths`() throws {
        let (server, address) = try serve("12,13")
        let out = folder + "/bank.safetensors"
        let run = try embed(from: address, to: out)
        withExtendedLifetime(server) {}
        #expect(run.code == 69)
        #expect(run.words.contains("13 numbers") && run.words.contains("12 before"), "\(run.words)")
        #expect(size(out) == nil)
    }

    @Test func `a statement is added unvalidated, ranks nothing by itself, and all else stays`() throws {
        let (server, address) = try serve("640")
        let out = folder + "/model"
        let run = try Program(
            [
                "labels", "add", "--model", "Models/default", "--id", "wet_electrode", "--en",
                "Wet Electrode",
                "--ja", "濡れた電極", "--endpoint", address, "--out", out,
            ]
        ).finished()
        withExtendedLifetime(server) {}
        #expect(run.code == 0, "\(run.words)")
        #expect(try Program.run("model", "verify", out).code == 0)
        let list = try Program.run("labels", "list", "--offline", "--model", out, "--json")
        let line = try #require(list.lines.first { $0.contains("wet_electrode") })
        #expect(line.contains("\"unvalidated\"") && line.contains("濡れた電極"))
        let recording = fixture("ptbxl/00017_hr")
        let before = try Program.run("classify", recording, "--json", "--model", "Models/default")
        let after = try Program.run("classify", recording, "--json", "--model", out)
        func top(_ run: Run) -> String? {
            run.output.firstRange(of: "\"top\":[").map { String(run.output[$0.lowerBound...].prefix(1_500)) }
        }
        #expect(top(before) != nil && top(before) == top(after))
        // Shown by no recording, it is not ranked, and no model is written.
        let none = try Program.run(
            "labels",
            "validate",
            "--model",
            out,
            "--records",
            "Fixtures/LIST.csv",
            "--out",
            folder + "/validated"
        )
        #expect(none.code == 65, "\(none.words)")
        #expect(size(folder + "/validated/model.json") == nil)
    }

    @Test(arguments: [
        (["--id", "sinus_rhythm"], 78, "in the catalogue already"), (["--id", "Wet"], 64, "small letters"),
        (["--en", "Foo\r\nBar"], 64, "line's end"), (["--ja", "\u{1B}[2J"], 64, "control character"),
        (["--parent", "wet_electrode"], 64, "than itself"), (["--leads", "V9"], 64, "--leads V9"),
        (["--severity", "4"], 64, "--severity 4"),
        (["--parent", "gout"], 78, "gout"), (["--endpoint", "ftp://x"], 69, "not a server's address"),
        (["--endpoint", "http://127.0.0.1:1"], 69, "check that the server runs"),
    ])
    func `a wrong statement or server: its code and why`(change: [String], code: Int32, words: String) throws
    {
        let (server, address) = try serve("640")
        var options = [
            "--model": "Models/default", "--id": "wet_electrode", "--en": "Wet Electrode", "--ja": "濡れた電極",
            "--endpoint": address, "--out": folder + "/model",
        ]
        options[change[0]] = change[1]
        let run = try Program(["labels", "add"] + options.flatMap { [$0.key, $0.value] }).finished()
        withExtendedLifetime(server) {}
        #expect(run.code == code && run.words.contains(words), "\(run.code): \(run.words)")
        #expect(size(folder + "/model/model.json") == nil)
    }
}
