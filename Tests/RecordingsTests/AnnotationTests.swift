import Foundation
import Recordings
import TestSupport
import Testing

/// `golden/annotations.py` made the file with the Python package wfdb.
@Suite struct AnnotationTests {
    struct Golden: Decodable {
        struct Mark: Decodable {
            let sample: Int64
            let sign: String
            let subtype: Int8
            let channel: UInt8
            let number: Int8
            let text: String
        }
        let hertz: Double
        let marks: [Mark]
    }

    private static let folder = Repository.root + "/Tests/RecordingsTests/golden/"

    private static func golden() throws -> [Annotation] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "annotations.json"))
        return try JSONDecoder().decode(Golden.self, from: bytes).marks.map { mark in
            let sign = try #require(mark.sign.first)
            let code = try #require(AnnotationCode(sign: sign))
            return Annotation(
                sample: mark.sample,
                code: code,
                subtype: mark.subtype,
                channel: mark.channel,
                number: mark.number,
                text: mark.text
            )
        }
    }

    @Test func `marks are read as wfdb reads them`() throws {
        let file = try AnnotationFile.load(Self.folder + "annotations", ending: "atr")
        #expect(file.annotations == (try Self.golden()))
        #expect(file.ticksPerSecond == 360)
    }

    @Test(arguments: seeds(50)) func `what is written is read again`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = AnnotationFile([])
        var sample: Int64 = 0
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            sample += Int64.random(
                in: 0...(Bool.random(using: &generator) ? 2_000 : 1 << 33),
                using: &generator
            )
            let code = UInt8.random(in: 1...49, using: &generator)
            file.annotations.append(
                Annotation(
                    sample: sample,
                    code: try #require(AnnotationCode(rawValue: code)),
                    subtype: .random(in: -128...127, using: &generator),
                    channel: .random(in: 0...255, using: &generator),
                    number: .random(in: -128...127, using: &generator),
                    text: String(repeating: "a", count: .random(in: 0...255, using: &generator))
                )
            )
        }
        if Bool.random(using: &generator) { file.ticksPerSecond = 1_000 }
        #expect(try AnnotationFile(bytes: file.bytes, path: "x.atr") == file)
    }

    @Test func `marks are in order where the file's time goes back`() throws {
        // A beat at 9, a SKIP of -5, a beat 1 later, the end.
        let bytes: [UInt8] = [9, 4, 0, 0xEC, 0xFF, 0xFF, 0xFB, 0xFF, 1, 20, 0, 0]
        let file = try AnnotationFile(bytes: bytes, path: "x.atr")
        #expect(file.annotations.map(\.sample) == [5, 9])
        #expect(file.annotations.map(\.code) == [.ventricular, .normal])
    }

    @Test func `a long text is cut between characters`() throws {
        for text in [String(repeating: "é", count: 200), "a" + String(repeating: "電", count: 100)] {
            let file = AnnotationFile([Annotation(sample: 3, code: .note, text: text)])
            let read = try AnnotationFile(bytes: file.bytes, path: "x.atr").annotations[0].text
            #expect(text.hasPrefix(read))
            #expect((252...255).contains(read.utf8.count))
        }
    }

    @Test func `a file that stops, a detail before any mark and a foreign code are refused`() {
        for bytes: [UInt8] in [[], [1], [3, 4], [0, 0xF4, 0, 0], [0, 0xE0, 0, 0], [9, 4, 200, 0xFC]] {
            let refusal = #expect(throws: RecordingError.self) {
                try AnnotationFile(bytes: bytes, path: "x.atr")
            }
            #expect(refusal?.kind == .malformed)
            #expect(refusal?.place == "x.atr")
        }
    }

    @Test(arguments: ["1e-320", "1e7", "0", "-5", "nan"])
    func `a time resolution that is no rate is refused`(rate: String) {
        let text = Array("## time resolution: \(rate)".utf8)
        let padding = [UInt8](repeating: 0, count: text.count % 2)
        let head: [UInt8] = [0, 22 << 2, UInt8(text.count), 63 << 2]
        let end: [UInt8] = [9, 4, 0, 0]
        let bytes = head + text + padding + end
        let refusal = #expect(throws: RecordingError.self) {
            try AnnotationFile(bytes: bytes, path: "x.atr")
        }
        #expect(refusal?.description.contains("0.001 to 1000000 ticks") == true)
    }

    @Test func `marks that a SKIP takes back are put in the order of their samples`() throws {
        // A normal beat at 1000, SKIP -600 and a ventricular one at 401, then two of one sample at 900.
        let skip: [UInt8] = [0, 59 << 2, 0xFF, 0xFF, 0xA8, 0xFD]
        let bytes: [UInt8] =
            [0xE8, 1 << 2 | 3] + skip + [1, 5 << 2] + [0xF3, 1 << 2 | 1] + [0, 9 << 2] + [0, 0]
        let marks = try AnnotationFile(bytes: bytes, path: "x.atr").annotations
        #expect(marks.map(\.sample) == [401, 900, 900, 1_000])
        #expect(marks.map(\.code) == [.ventricular, .normal, .supraventricular, .normal])
    }

    @Test(arguments: seeds(200)) func `no bytes make the reader fail otherwise`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        do throws(RecordingError) { _ = try AnnotationFile(bytes: bytes, path: "x.atr") } catch {
            #expect(error.kind == .malformed)
        }
    }
}
